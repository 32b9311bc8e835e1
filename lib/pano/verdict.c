#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "pano/judge.h"
#include "pano/verdict.h"

#define DISSENT_SHOWN 10

static struct span
name_of(const struct judge *j, uint32_t name)
{
	return j->record.names.key[name];
}

/* ts of the last report of a view by arrival, INT64_MIN if all have expired. */
static int64_t
view_time(const struct judge *j, const struct view *v)
{
	const struct policy_options *o = &j->o.policy;
	uint64_t n = v->serial;

	for (uint64_t i = 0; i < VIEW_REPORTS && i < n; i++) {
		int64_t ts = v->ts[(n - i) % VIEW_REPORTS];

		if (o->expiry != EXPIRE_ABSOLUTE || j->clock - ts < o->ttl)
			return ts;
	}
	return INT64_MIN;
}

/* The published code dates a verdict by all views of the subject. */
static int64_t
subject_time(const struct judge *j, uint32_t subject)
{
	int64_t ts, newest = INT64_MIN;
	uint32_t i = j->record.subject.v[subject].first_view;

	for (; i > 0; i = j->record.view.v[i - 1].next_of_subject) {
		ts = view_time(j, &j->record.view.v[i - 1]);
		if (ts > newest)
			newest = ts;
	}
	return newest;
}

/* Whose vote goes against the verdict. */
static bool
dissents(enum status vote, enum status verdict)
{
	if (vote == STATUS_NONE || vote == verdict)
		return false;
	return !(status_bad(vote) && status_bad(verdict));
}

struct dissenter {
	struct span name;
	enum status vote;
};

static int
by_name(const void *a, const void *b)
{
	return span_cmp(((const struct dissenter *)a)->name,
	    ((const struct dissenter *)b)->name);
}

static void
list_dissent(struct buf *out, struct dissenter *d, size_t n)
{
	if (n > 0)
		qsort(d, n, sizeof(*d), by_name);
	for (size_t i = 0; i < n && i < DISSENT_SHOWN; i++) {
		if (i > 0)
			buf_char(out, ',');
		buf_span(out, d[i].name);
		buf_printf(out, "=%s", status_name(d[i].vote));
	}
	if (n > DISSENT_SHOWN)
		buf_printf(out, ",+%zu", n - DISSENT_SHOWN);
}

static int64_t
newest_of(const struct judge *j, uint32_t t)
{
	const struct track *track = &j->record.track.v[t];

	return record_remarks(&j->record, t)[track->nremark - 1].ts;
}

/* The mean score of one side; Panorama's is of all, in float32. */
struct mean {
	float all;
	double side;
	uint32_t nall, nside;
};

static void
add_score(struct mean *m, double score, bool on_side)
{
	m->all += isnan(score) ? 0 : (float)score;
	m->nall++;
	if (isnan(score) || !on_side)
		return;
	m->side += score;
	m->nside++;
}

/* The double whose shortest decimal is the float's. */
static double
float_shortest(float f)
{
	char text[NUM_MAX];

	for (int digits = 1; digits <= 9; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, (double)f);
		if (strtof(text, NULL) == f)
			break;
	}
	return strtod(text, NULL);
}

static double
mean_score(const struct judge *j, const struct mean *m)
{
	if (j->o.policy.policy == POLICY_PANORAMA)
		return m->nall == 0 ? NAN :
		    float_shortest(m->all / (float)m->nall);
	return m->nside == 0 ? NAN : m->side / (double)m->nside;
}

/* What the votes of a key amount to, track by track. */
static void
gather(const struct judge *j, uint32_t key, const bool voice[NVOICE],
    struct verdict *v)
{
	VEC(struct dissenter) d = { 0 };
	struct mean mean = { 0 };
	bool dissent;
	int64_t ts = INT64_MIN;
	uint32_t t = j->record.key.v[key].first;

	for (; t > 0; t = j->record.track.v[t - 1].next_of_key) {
		const struct track *track = &j->record.track.v[t - 1];

		if (!voice[judge_voice(j, track)] ||
		    track->vote.status == STATUS_NONE)
			continue;
		if (newest_of(j, t - 1) > ts)
			ts = newest_of(j, t - 1);
		v->vote[track->vote.status]++;
		v->nvote++;
		dissent = dissents(track->vote.status, v->status);
		add_score(&mean, policy_score(&j->o.policy, &j->record, t - 1,
		    j->clock), !dissent);
		if (dissent)
			vec_push(&d, (struct dissenter){
			    name_of(j, track->observer), track->vote.status });
	}
	list_dissent(&v->dissent, d.v, d.n);
	vec_free(&d);
	v->score = mean_score(j, &mean);
	v->ts = ts != INT64_MIN ? ts : j->key.v[key].newest;
}

static enum status
voice_status(const struct judge *j, const struct judge_key *k, enum voice voice)
{
	enum status s = policy_decide(&j->o.policy, &k->tally[voice]).status;

	return s == STATUS_NO_DATA ? STATUS_NONE : s;
}

static void
explain(struct buf *out, const struct judge *j, const struct verdict *v,
    struct decision found, const struct tally *sum)
{
	const struct policy_options *o = &j->o.policy;
	uint32_t bad = tally_bad(sum), healthy = sum->vote[STATUS_HEALTHY];
	uint32_t pending = sum->vote[STATUS_PENDING];

	switch (found.rule) {
	case RULE_NO_DATA:
		buf_printf(out, "newest is %.10g s old, ttl %.10g s",
		    when_seconds(v->age), when_seconds(o->ttl));
		break;
	case RULE_FEW_OBSERVERS:
		buf_printf(out, "observers %u < %llu", healthy + bad + pending,
		    (unsigned long long)o->observers);
		break;
	case RULE_FEW_OBSERVATIONS:
		buf_printf(out, "observations %llu < %llu",
		    (unsigned long long)sum->nremark,
		    (unsigned long long)o->observations);
		break;
	case RULE_HEALTHY:
		buf_printf(out, "healthy %u of %u, more than half", healthy,
		    healthy + bad + pending);
		break;
	case RULE_BAD:
		buf_printf(out, "bad %u of %u, healthy %u not more than half",
		    bad, healthy + bad + pending, healthy);
		break;
	case RULE_PENDING:
		buf_printf(out, "pending %u of %u, none bad", pending,
		    healthy + pending);
		break;
	case RULE_SPLIT:
		buf_printf(out, "healthy %u, bad %u, pending %u: no majority",
		    healthy, bad, pending);
		break;
	case RULE_NA:
		buf_str(out, "only na");
		break;
	case RULE_PLURALITY:
		buf_printf(out, "most votes, %u of %u", sum->vote[found.status],
		    tally_votes(sum));
		break;
	case RULE_TIE:
		buf_printf(out, "tie of %u of %u, more severe",
		    sum->vote[found.status], tally_votes(sum));
		break;
	case RULE_WORST:
		buf_str(out, o->policy == POLICY_LATEST ? "newest" : "worst");
		break;
	}
	if (found.status != v->status)
		buf_printf(out, "; %s %u times in a row, not believed yet",
		    status_name(found.status), j->key.v[v->key].settled.streak);
}

static void
explain_class(struct buf *out, const struct judge *j, const struct verdict *v)
{
	const struct judge_subject *s =
	    &j->subject.v[j->record.key.v[v->key].subject];

	buf_printf(out, "; requesters bad in %u contexts, healthy in %u, "
	    "detector %s", s->asked_bad, s->asked_good,
	    s->detector_bad > 0 ? "bad" :
	    s->detector_good > 0 ? "healthy" : "silent");
}

void
judge_verdict(const struct judge *j, uint32_t key, struct verdict *v)
{
	const struct key *k = &j->record.key.v[key];
	const struct judge_key *jk = &j->key.v[key];
	const struct judge_subject *s = &j->subject.v[k->subject];
	struct tally sum = judge_tally(j, jk);
	bool voice[NVOICE];

	verdict_clear(v);
	v->key = key;
	v->subject = name_of(j, j->record.subject.v[k->subject].name);
	v->context = name_of(j, k->context);
	v->status = (enum status)jk->settled.now;
	v->was = (enum status)jk->settled.was;
	v->since = jk->settled.since;
	v->flaps = settle_flips(&jk->settled, j->clock - j->o.flap_window);
	v->self = voice_status(j, jk, VOICE_SELF);
	v->others = voice_status(j, jk, VOICE_OTHER);
	v->detector = s->detector_bad > 0 ? STATUS_UNHEALTHY :
	    s->detector_good > 0 ? STATUS_HEALTHY : STATUS_NONE;
	v->class = (enum class)s->class.now;
	v->class_was = (enum class)s->class.was;
	v->class_since = s->class.since;
	judge_voters(j, jk, voice);
	gather(j, key, voice, v);
	if (j->o.policy.policy == POLICY_PANORAMA &&
	    subject_time(j, k->subject) != INT64_MIN)
		v->ts = subject_time(j, k->subject);
	v->age = j->clock - v->ts;
	explain(&v->reason, j, v, policy_decide(&j->o.policy, &sum), &sum);
	if (j->o.ndetector > 0)
		explain_class(&v->reason, j, v);
}

void
verdict_clear(struct verdict *v)
{
	struct buf dissent = v->dissent, reason = v->reason;

	dissent.n = reason.n = 0;
	*v = (struct verdict){ .dissent = dissent, .reason = reason };
}

void
verdict_free(struct verdict *v)
{
	buf_free(&v->dissent);
	buf_free(&v->reason);
}

bool
judge_stands(const struct judge *j, uint32_t key)
{
	struct tally sum = judge_tally(j, &j->key.v[key]);

	return j->o.policy.policy != POLICY_PANORAMA || tally_votes(&sum) > 0;
}

bool
judge_finding(const struct judge *j, uint32_t key)
{
	const struct judge_subject *s =
	    &j->subject.v[j->record.key.v[key].subject];

	return status_bad((enum status)j->key.v[key].settled.now) ||
	    (j->o.ndetector > 0 && (s->class.now == CLASS_GRAY ||
	    s->class.now == CLASS_FAILED));
}

static int
by_key(const void *a, const void *b, void *judge)
{
	const struct judge *j = judge;
	const struct key *x = &j->record.key.v[*(const uint32_t *)a];
	const struct key *y = &j->record.key.v[*(const uint32_t *)b];
	int c = span_cmp(name_of(j, j->record.subject.v[x->subject].name),
	    name_of(j, j->record.subject.v[y->subject].name));

	return c != 0 ? c :
	    span_cmp(name_of(j, x->context), name_of(j, y->context));
}

uint32_t *
judge_order(const struct judge *j)
{
	uint32_t *order = mem_new(j->key.n + 1, sizeof(*order));

	for (uint32_t i = 0; i < j->key.n; i++)
		order[i] = i;
	qsort_r(order, j->key.n, sizeof(*order), by_key,
	    (void *)(uintptr_t)j);
	return order;
}

void
verdict_header(struct output *out, bool detector)
{
	static const char *const name[] = { "ts", "subject", "context",
		"status", "score", "observers", "na", "healthy", "pending",
		"maybe_unhealthy", "unhealthy", "dying", "dead", "dissent",
		"self", "others", "age", "since", "was", "flaps", "reason",
		"class", "class_was", "class_since", "detector" };
	size_t n = sizeof(name) / sizeof(*name);

	for (size_t i = 0; i < (detector ? n : n - 4); i++)
		output_str(out, name[i]);
	output_row(out);
}

void
verdict_write(struct output *out, const struct verdict *v, bool detector)
{
	output_time(out, v->ts);
	output_text(out, v->subject);
	output_text(out, v->context);
	output_str(out, status_name(v->status));
	output_number(out, v->score);
	output_u64(out, v->nvote);
	for (int s = STATUS_NA; s < STATUS_VOTES; s++)
		output_u64(out, v->vote[s]);
	output_text(out, buf_view(&v->dissent));
	output_str(out, status_name(v->self));
	output_str(out, status_name(v->others));
	output_number(out, when_seconds(v->age));
	output_time(out, v->since);
	output_str(out, status_name(v->was));
	output_u64(out, v->flaps);
	output_text(out, buf_view(&v->reason));
	if (detector) {
		output_str(out, class_name(v->class));
		output_str(out, class_name(v->class_was));
		output_time(out, v->class_since);
		output_str(out, status_name(v->detector));
	}
	output_row(out);
}
