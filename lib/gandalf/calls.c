#include <math.h>
#include <stdlib.h>

#include "base/when.h"
#include "gandalf/calls.h"
#include "gandalf/contrast.h"

#define MINUTE (60 * WHEN_SECOND)

const struct input_column calls_columns[CALLS_COLUMNS] = {
	{ "ts", 0 }, { "caller", INPUT_OPTIONAL }, { "callee", 0 },
	{ "pod", INPUT_OPTIONAL }, { "version", 0 }, { "success", 0 },
	{ "requests", INPUT_OPTIONAL }, { "latency", INPUT_OPTIONAL },
};

const struct input_column change_columns[CHANGE_COLUMNS] = {
	{ "ts", 0 }, { "component", 0 }, { "version", 0 },
};

void
calls_free(struct calls *c)
{
	intern_free(&c->name);
	intern_free(&c->cell_key);
	intern_free(&c->pod_key);
	vec_free(&c->cell);
	vec_free(&c->change);
	vec_free(&c->pod);
}

static struct calls_change *
find_change(const struct calls *c, uint32_t service)
{
	for (size_t i = 0; i < c->change.n; i++)
		if (c->change.v[i].service == service)
			return &c->change.v[i];
	return NULL;
}

/*
 * Of several deployments of a service the newest version is the change; one
 * that is called old is what was there before.
 */
void
calls_add_change(struct calls *c, struct input *in)
{
	int64_t ts = input_time(in, CHANGE_TS);
	struct span service = input_key(in, CHANGE_COMPONENT);
	struct span version = input_key(in, CHANGE_VERSION);
	struct calls_change new, *old;

	if (input_bad(in) || span_is(version, "old"))
		return;
	new = (struct calls_change){ intern_id(&c->name, service),
		intern_id(&c->name, version), ts };
	old = find_change(c, new.service);
	if (old == NULL)
		vec_push(&c->change, new);
	else if (old->version == new.version)
		old->ts = ts < old->ts ? ts : old->ts;
	else if (ts > old->ts || (ts == old->ts &&
	    span_cmp(version, c->name.key[old->version]) > 0))
		*old = new;
}

static struct calls_cell *
find_cell(struct calls *c, uint32_t service, uint32_t caller, bool fresh,
    int64_t minute)
{
	struct {
		int64_t minute;
		uint32_t service, caller;
		uint64_t fresh;
	} key = { minute, service, caller, fresh };
	uint32_t id = intern_id(&c->cell_key,
	    (struct span){ (char *)&key, sizeof(key) });

	if (id == c->cell.n)
		vec_push(&c->cell, (struct calls_cell){ .service = service,
		    .caller = caller, .fresh = fresh, .minute = minute });
	return &c->cell.v[id];
}

static void
note_pod(struct calls *c, uint32_t service, struct span pod, bool fresh)
{
	uint32_t key[3] = { service, intern_id(&c->name, pod), fresh };

	if (intern_id(&c->pod_key, (struct span){ (char *)key, sizeof(key) }) ==
	    c->pod.n)
		vec_push(&c->pod, (struct calls_pod){ service, fresh });
}

static bool
begins_with(struct span s, struct span begin)
{
	return begin.n > 0 && s.n >= begin.n &&
	    span_eq((struct span){ s.s, begin.n }, begin);
}

/*
 * Whose pod it is: the one that answers, unless it bears the caller's name and
 * not the callee's, or only the caller was changed and neither's.
 */
static uint32_t
owner(struct calls *c, struct span caller, struct span callee, struct span pod)
{
	uint32_t answers = intern_id(&c->name, callee), asks;

	if (caller.n == 0 || begins_with(pod, callee))
		return answers;
	asks = intern_id(&c->name, caller);
	if (find_change(c, asks) == NULL)
		return answers;
	return begins_with(pod, caller) || find_change(c, answers) == NULL ?
	    asks : answers;
}

static void
add_cells(struct calls *c, uint32_t service, uint32_t caller, bool fresh,
    int64_t minute, double failed, double weight, double latency)
{
	for (int all = 0; all < 2; all++) {
		struct calls_cell *cell = find_cell(c, service,
		    all ? CALLS_ALL : caller, fresh, minute);

		cell->weight += weight;
		cell->failed += weight * failed;
		if (latency > 0) {
			cell->timed += weight;
			cell->latency += weight * latency;
		}
	}
}

/* A row without success or with no requests says nothing. */
void
calls_add(struct calls *c, struct input *in)
{
	int64_t ts = input_time(in, CALLS_TS);
	struct span caller = input_text(in, CALLS_CALLER);
	struct span callee = input_key(in, CALLS_CALLEE);
	struct span pod = input_text(in, CALLS_POD);
	struct span version = input_key(in, CALLS_VERSION);
	double success = input_number_or(in, CALLS_SUCCESS, 1);
	double requests = input_number_or(in, CALLS_REQUESTS, 1);
	double latency = input_number_or(in, CALLS_LATENCY, 0);
	struct calls_change *change;
	uint32_t service;
	bool fresh;

	if (success < 0 || success > 1)
		input_fault(in, CALLS_SUCCESS, "not between 0 and 1");
	if (requests < 0 || requests > 1e12)
		input_fault(in, CALLS_REQUESTS, "not between 0 and 1e12");
	if (latency < 0 || latency > 1e12)
		input_fault(in, CALLS_LATENCY, "not between 0 and 1e12");
	if (input_bad(in))
		return;
	service = owner(c, caller, callee, pod);
	change = find_change(c, service);
	fresh = change != NULL && (span_is(version, "new") ||
	    span_eq(version, c->name.key[change->version]));
	note_pod(c, service, pod, fresh);
	if (input_has(in, CALLS_SUCCESS) && requests > 0)
		add_cells(c, service, intern_id(&c->name, caller), fresh,
		    when_floor(ts, MINUTE), 1 - success, requests, latency);
}

static int
by_place(const void *va, const void *vb)
{
	const struct calls_cell *a = va, *b = vb;

	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	if (a->caller != b->caller)
		return a->caller < b->caller ? -1 : 1;
	if (a->minute != b->minute)
		return a->minute < b->minute ? -1 : 1;
	return (a->fresh > b->fresh) - (a->fresh < b->fresh);
}

/* The cells of one service and one caller, by minute. */
struct edge {
	const struct calls_cell *cell;
	size_t n;
};

static struct edge
next_edge(const struct calls *c, size_t at)
{
	const struct calls_cell *first = &c->cell.v[at];
	size_t n = 1;

	while (at + n < c->cell.n && first[n].service == first->service &&
	    first[n].caller == first->caller)
		n++;
	return (struct edge){ first, n };
}

/* -1 before the change, 1 after; 0: the minute has some of both. */
static int
phase(const struct calls_cell *c, int64_t ts)
{
	return c->minute >= ts ? 1 : c->minute + MINUTE <= ts ? -1 : 0;
}

/* How much more it fails from `ts` on than before. */
static struct contrast
own_contrast(struct edge e, int64_t ts)
{
	struct contrast_sum after = { 0 }, before = { 0 };
	struct contrast none = { 0 };

	for (size_t i = 0; i < e.n; i++) {
		const struct calls_cell *c = &e.cell[i];

		if (phase(c, ts) != 0)
			contrast_add(phase(c, ts) < 0 ? &before : &after,
			    c->failed / c->weight, c->weight);
	}
	if (after.n == 0)
		return none;
	return contrast_of(&after, &before);
}

/* Failures, or the logarithm of the latency, of one cell. */
static bool
measure(const struct calls_cell *c, bool latency, double *value)
{
	if (latency && !(c->timed > 0))
		return false;
	*value = latency ? log(c->latency / c->timed) : c->failed / c->weight;
	return true;
}

/* New against old in the same minute, after against before. */
static struct contrast
control_contrast(struct edge e, int64_t ts, bool latency, uint64_t *worse,
    uint64_t *better)
{
	struct contrast_sum after = { 0 }, before = { 0 };
	struct contrast none = { 0 };

	for (size_t i = 0; i + 1 < e.n; i++) {
		const struct calls_cell *old = &e.cell[i], *new = old + 1;
		double a, b;

		if (old->minute != new->minute || phase(old, ts) == 0 ||
		    !measure(new, latency, &a) || !measure(old, latency, &b))
			continue;
		contrast_add(phase(old, ts) < 0 ? &before : &after, a - b,
		    fmin(old->weight, new->weight));
		if (phase(old, ts) > 0) {
			*worse += a - b > 0;
			*better += a - b < 0;
		}
	}
	if (after.n == 0)
		return none;
	return contrast_of(&after, &before);
}

/* Replaces what is there by a stronger effect. */
static void
strongest(double *effect, double *z, struct contrast c)
{
	if (contrast_strength(c.effect, c.z) > contrast_strength(*effect, *z)) {
		*effect = c.effect;
		*z = c.z;
	}
}

static void
mean_failures(struct edge e, int64_t ts, double failed[2][2])
{
	double weight[2][2] = { { 0 } }, sum[2][2] = { { 0 } };

	for (size_t i = 0; i < e.n; i++) {
		const struct calls_cell *c = &e.cell[i];

		if (phase(c, ts) == 0)
			continue;
		weight[c->fresh][phase(c, ts) > 0] += c->weight;
		sum[c->fresh][phase(c, ts) > 0] += c->failed;
	}
	for (int i = 0; i < 4; i++)
		failed[i / 2][i % 2] = weight[i / 2][i % 2] > 0 ?
		    sum[i / 2][i % 2] / weight[i / 2][i % 2] : NAN;
}

/* A minute here and there is missing anywhere. */
#define SILENT_LEAST 0.3

/* Of the minutes that old pods answer in, new ones miss more than before. */
static double
silence(struct edge e, int64_t ts)
{
	double minutes[2][2] = { { 0 } }, lost;

	for (size_t i = 0; i < e.n; i++)
		if (phase(&e.cell[i], ts) != 0)
			minutes[e.cell[i].fresh][phase(&e.cell[i], ts) > 0]++;
	if (minutes[0][0] == 0 || minutes[0][1] == 0 || minutes[1][0] == 0)
		return 0;
	lost = fmin(1, minutes[1][0] / minutes[0][0]) -
	    fmin(1, minutes[1][1] / minutes[0][1]);
	return lost < SILENT_LEAST ? 0 : lost;
}

/* The most that calls made by the service fail more than before. */
static double
explained(const struct calls *c, const struct calls_change *change)
{
	double most = 0;
	struct edge e;

	for (size_t i = 0; i < c->cell.n; i += e.n) {
		e = next_edge(c, i);
		if (e.cell->caller == change->service)
			most = fmax(most, own_contrast(e, change->ts).effect);
	}
	return most;
}

static void
judge_edge(struct edge e, const struct calls_change *change,
    struct calls_effect *x)
{
	uint64_t worse = 0, better = 0, ignore = 0;
	struct contrast c = control_contrast(e, change->ts, false, &worse,
	    &better);

	strongest(&x->control, &x->control_z, c);
	strongest(&x->latency, &x->latency_z,
	    control_contrast(e, change->ts, true, &ignore, &ignore));
	if (e.cell->caller != CALLS_ALL)
		return;
	x->worse = worse;
	x->better = better;
	c = own_contrast(e, change->ts);
	x->own = c.effect;
	x->own_z = c.z;
	x->silent = silence(e, change->ts);
	mean_failures(e, change->ts, x->failed);
}

/*
 * The weights of the weaker comparisons.  Own counts fully where no old pods
 * are left to compare with, and a fifth where there are: then it says only that
 * the service fails, not that the change made it.  Doubled latency weighs as
 * much as one failure in a hundred, pods that fell silent as three.
 */
#define OWN_WEIGHT 0.2
#define LATENCY_WEIGHT 0.015
#define SILENT_WEIGHT 0.03

static double
score_of(const struct calls_effect *x)
{
	bool control = !isnan(x->failed[0][1]) && !isnan(x->failed[1][1]);
	double own = fmax(x->own - x->explained, 0);

	return contrast_strength(x->control, x->control_z) +
	    (control ? OWN_WEIGHT : 1) * contrast_strength(own, x->own_z) +
	    SILENT_WEIGHT * x->silent + LATENCY_WEIGHT * tanh(contrast_strength(x->latency, x->latency_z));
}

struct calls_effect *
calls_judge(struct calls *c)
{
	struct calls_effect *x = mem_new(c->change.n, sizeof(*x));
	struct edge e;

	if (c->cell.n > 0)
		qsort(c->cell.v, c->cell.n, sizeof(*c->cell.v), by_place);
	for (size_t k = 0; k < c->change.n; k++)
		for (int i = 0; i < 4; i++)
			x[k].failed[i / 2][i % 2] = NAN;
	for (size_t i = 0; i < c->cell.n; i += e.n) {
		struct calls_change *change;

		e = next_edge(c, i);
		change = find_change(c, e.cell->service);
		if (change != NULL)
			judge_edge(e, change, &x[change - c->change.v]);
	}
	for (size_t i = 0; i < c->pod.n; i++) {
		struct calls_change *change = find_change(c,
		    c->pod.v[i].service);

		if (change != NULL)
			x[change - c->change.v].pods[c->pod.v[i].fresh]++;
	}
	for (size_t k = 0; k < c->change.n; k++) {
		x[k].explained = explained(c, &c->change.v[k]);
		x[k].score = score_of(&x[k]);
	}
	return x;
}

struct order {
	const struct calls *c;
	const struct calls_effect *x;
};

static int
by_score(const void *va, const void *vb, void *vo)
{
	size_t a = *(const size_t *)va, b = *(const size_t *)vb;
	const struct order *o = vo;

	if (o->x[a].score != o->x[b].score)
		return o->x[a].score > o->x[b].score ? -1 : 1;
	return span_cmp(o->c->name.key[o->c->change.v[a].service],
	    o->c->name.key[o->c->change.v[b].service]);
}

static const char *
reason_of(const struct calls_effect *x, size_t rank, bool tie)
{
	if (isnan(x->failed[1][1]) && isnan(x->failed[0][1]))
		return "no calls after the change";
	if (!(x->score > 0))
		return "no worse than before";
	return rank > 1 ? "runner-up" : tie ? "tie" : "blamed";
}

static void
write_effect(const struct calls_effect *x, struct output *out)
{
	output_number(out, x->control);
	output_number(out, x->control_z);
	output_number(out, x->own);
	output_number(out, x->own_z);
	output_number(out, x->explained);
	output_number(out, x->latency);
	output_number(out, x->latency_z);
	output_number(out, x->silent);
	for (int i = 0; i < 4; i++)
		output_number(out, 1 - x->failed[1 - i / 2][1 - i % 2]);
	output_u64(out, x->pods[1]);
	output_u64(out, x->pods[0]);
	output_row(out);
}

bool
calls_write(const struct calls *c, const struct calls_effect *x,
    struct output *out)
{
	size_t *order = mem_new(c->change.n, sizeof(*order)), n = c->change.n;
	size_t rank = 0;
	bool found = false;

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof(*order), by_score,
	    &(struct order){ c, x });
	output_header(out, "component", "version", "signature", "score",
	    "votes", "veto", "spatial", "decay", "rank", "reason", "control",
	    "control_z", "own", "own_z", "explained", "latency", "latency_z", "silent",
	    "new_after", "new_before", "old_after", "old_before", "pods_new",
	    "pods_old", NULL);
	for (size_t i = 0; i < n; i++) {
		const struct calls_effect *e = &x[order[i]];
		bool tie = (i > 0 && x[order[i - 1]].score >= e->score) ||
		    (i + 1 < n && x[order[i + 1]].score >= e->score);

		if (i == 0 || x[order[i - 1]].score > e->score)
			rank = i + 1;
		output_text(out, c->name.key[c->change.v[order[i]].service]);
		output_text(out, c->name.key[c->change.v[order[i]].version]);
		output_str(out, CALLS_SIGNATURE);
		output_number(out, e->score);
		output_u64(out, e->worse);
		output_u64(out, e->better);
		output_none(out);
		output_none(out);
		if (e->score > 0)
			output_u64(out, rank);
		else
			output_none(out);
		output_str(out, reason_of(e, rank, tie));
		found |= e->score > 0;
		write_effect(e, out);
	}
	free(order);
	return found;
}
