#include <stdlib.h>
#include <strings.h>

#include "gandalf/calls.h"

const struct input_column calls_columns[CALLS_COLUMNS] = {
	{ "ts", 0 }, { "caller", INPUT_OPTIONAL }, { "callee", 0 },
	{ "pod", INPUT_OPTIONAL }, { "version", INPUT_OPTIONAL },
	{ "success", 0 }, { "requests", INPUT_OPTIONAL },
	{ "latency", INPUT_OPTIONAL },
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

struct calls_change *
calls_find(const struct calls *c, uint32_t service)
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
	old = calls_find(c, new.service);
	if (old == NULL)
		vec_push(&c->change, new);
	else if (old->version == new.version)
		old->ts = ts < old->ts ? ts : old->ts;
	else if (ts > old->ts || (ts == old->ts &&
	    span_cmp(version, c->name.key[old->version]) > 0))
		*old = new;
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
 * Whether it is a pod of the one who calls: it bears the caller's name and not
 * the callee's, or only the caller was changed and it bears neither's.
 */
static bool
is_callers(const struct calls *c, uint32_t caller, uint32_t callee,
    struct span pod)
{
	struct span asks = c->name.key[caller], answers = c->name.key[callee];
	bool a = begins_with(pod, asks), b = begins_with(pod, answers);

	if (asks.n == 0 || calls_find(c, caller) == NULL)
		return false;
	/* cart-db-1 is of cart-db, whoever is called cart. */
	if (a && b)
		return asks.n > answers.n;
	return a || (!b && calls_find(c, callee) == NULL);
}

struct row {
	int64_t minute;
	double failed, weight, latency;
	bool fresh;
};

static void
add_cell(struct calls *c, enum calls_side side, uint32_t service,
    uint32_t peer, const struct row *r)
{
	struct {
		int64_t minute;
		uint32_t service, peer, side, fresh;
	} key = { r->minute, service, peer, side,
		side != CALLS_PAIR && r->fresh };
	uint32_t id = intern_id(&c->cell_key,
	    (struct span){ (char *)&key, sizeof(key) });
	struct calls_cell *cell;

	if (id == c->cell.n)
		vec_push(&c->cell, (struct calls_cell){ .side = side,
		    .service = service, .peer = peer, .fresh = key.fresh != 0,
		    .minute = r->minute });
	cell = &c->cell.v[id];
	cell->weight += r->weight;
	cell->failed += r->weight * r->failed;
	cell->rows++;
	if (r->latency > 0) {
		cell->timed += r->weight;
		cell->latency += r->weight * r->latency;
	}
}

static void
add_row(struct calls *c, uint32_t caller, uint32_t callee, bool callers,
    const struct row *r)
{
	add_cell(c, CALLS_PAIR, callee, caller, r);
	add_cell(c, CALLS_PAIR, callee, CALLS_ALL, r);
	if (callers) {
		add_cell(c, CALLS_OUT, caller, callee, r);
		return;
	}
	add_cell(c, CALLS_IN, callee, caller, r);
	add_cell(c, CALLS_IN, callee, CALLS_ALL, r);
}

/* What exporters write for a value that is not there. */
static bool
is_number(struct input *in, size_t col)
{
	struct span s = input_text(in, col);

	return s.n > 0 && !(s.n == 3 && strncasecmp(s.s, "nan", 3) == 0);
}

static double
number_or(struct input *in, size_t col, double none)
{
	return is_number(in, col) ? input_number(in, col) : none;
}

/* Means of rates go over their ends by a little. */
#define ROUNDING 1e-6

/* A row without success or with no requests says nothing. */
void
calls_add(struct calls *c, struct input *in)
{
	struct row r = {
		.minute = when_floor(input_time(in, CALLS_TS), CALLS_MINUTE),
		.weight = number_or(in, CALLS_REQUESTS, 1),
		.latency = number_or(in, CALLS_LATENCY, 0),
	};
	struct span callee = input_key(in, CALLS_CALLEE);
	struct span pod = input_text(in, CALLS_POD);
	struct span version = input_text(in, CALLS_VERSION);
	double success = number_or(in, CALLS_SUCCESS, 1);
	uint32_t asks, answers, owner;
	const struct calls_change *change;

	if (success < -ROUNDING || success > 1 + ROUNDING)
		input_fault(in, CALLS_SUCCESS, "not between 0 and 1");
	if (r.weight < 0 || r.weight > 1e12)
		input_fault(in, CALLS_REQUESTS, "not between 0 and 1e12");
	if (r.latency < 0 || r.latency > 1e12)
		input_fault(in, CALLS_LATENCY, "not between 0 and 1e12");
	if (input_bad(in))
		return;
	asks = intern_id(&c->name, input_text(in, CALLS_CALLER));
	answers = intern_id(&c->name, callee);
	owner = is_callers(c, asks, answers, pod) ? asks : answers;
	change = calls_find(c, owner);
	r.fresh = change != NULL && (span_is(version, "new") ||
	    span_eq(version, c->name.key[change->version]));
	r.failed = success < 0 ? 1 : success > 1 ? 0 : 1 - success;
	note_pod(c, owner, pod, r.fresh);
	if (is_number(in, CALLS_SUCCESS) && r.weight > 0)
		add_row(c, asks, answers, owner == asks, &r);
}

static int
by_place(const void *va, const void *vb)
{
	const struct calls_cell *a = va, *b = vb;

	if (a->side != b->side)
		return a->side < b->side ? -1 : 1;
	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	if (a->peer != b->peer)
		return a->peer < b->peer ? -1 : 1;
	if (a->minute != b->minute)
		return a->minute < b->minute ? -1 : 1;
	return (a->fresh > b->fresh) - (a->fresh < b->fresh);
}

void
calls_sort(struct calls *c)
{
	if (c->cell.n > 0)
		qsort(c->cell.v, c->cell.n, sizeof(*c->cell.v), by_place);
}
