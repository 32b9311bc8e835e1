#include <math.h>
#include <stdlib.h>

#include "base/when.h"
#include "gandalf/blame.h"

/* A release and a signature, over all pivots; one for each tally_spread. */
struct suspect {
	uint32_t release, signature;
	uint64_t votes[SCORE_WINDOWS], veto, hit, seen;
	double sum[SUMS];
	double score, follow, chance, rival, age_spread;
	uint64_t rank;
	enum blame_reason reason;
};

struct work {
	const struct tally *t;
	const struct score_rule *rule;
	double unit;
	int64_t now;
	struct suspect *suspect;
	uint32_t *of_cell;	/* suspect of a cell, or INTERN_NONE */
	uint64_t *clusters, *customers;		/* of a cell */
	uint64_t *deployed;			/* of a release */
};

static double
score(const struct work *w, const uint64_t votes[], uint64_t veto,
    double *temporal)
{
	double v[SCORE_WINDOWS];

	for (size_t i = 0; i < w->rule->nwindow; i++)
		v[i] = (double)votes[i] / w->unit;
	*temporal = score_temporal(w->rule, v, (double)veto / w->unit);
	return *temporal;
}

static double
decay_of(const struct work *w, uint32_t release)
{
	int64_t age;

	if (__builtin_sub_overflow(w->now, w->t->release.v[release].last, &age))
		age = INT64_MAX;
	return score_decay(w->rule, age);
}

/* What was not said weighs 1. */
static double
weight_of(const struct work *w, uint32_t signature)
{
	double weight = w->t->signature.v[signature].weight;

	return weight < 0 ? 1 : weight;
}

static uint32_t
find_spread(const struct tally *t, uint32_t release, uint32_t signature)
{
	uint32_t key[2] = { release, signature };

	return intern_find(&t->spread_key,
	    (struct span){ (char *)key, sizeof(key) });
}

static void
gather(struct work *w)
{
	const struct tally *t = w->t;

	for (size_t i = 0; i < t->spread.n; i++) {
		w->suspect[i].release = t->spread.v[i].release;
		w->suspect[i].signature = t->spread.v[i].signature;
		w->suspect[i].seen = t->spread.v[i].seen;
	}
	for (size_t i = 0; i < t->cell.n; i++) {
		const struct tally_cell *c = &t->cell.v[i];
		struct suspect *s;

		w->of_cell[i] = INTERN_NONE;
		if (c->first == WHEN_NEVER)
			continue;
		w->of_cell[i] = find_spread(t,
		    t->rollout.v[c->rollout].release, c->signature);
		s = &w->suspect[w->of_cell[i]];
		for (size_t k = 0; k < w->rule->nwindow; k++)
			s->votes[k] += c->votes[k];
		s->veto += c->veto;
		s->hit += c->hit;
		for (size_t k = 0; k < SUMS; k++)
			s->sum[k] += (double)c->sum[k];
	}
	for (size_t i = 0; i < t->rollout.n; i++)
		w->deployed[t->rollout.v[i].release] +=
		    t->rollout.v[i].deployed;
	for (size_t i = 0; i < t->cluster.n; i++)
		w->clusters[t->cluster.v[i].cell]++;
	for (size_t i = 0; i < t->customer.n; i++)
		w->customers[t->customer.v[i].cell]++;
}

/* How sure it must be that faults do not follow, in standard errors. */
#define FOLLOW_ERRORS 3

static double
chance_of(const struct work *w, const struct suspect *s)
{
	double v[SCORE_WINDOWS];

	for (size_t i = 0; i < w->rule->nwindow; i++)
		v[i] = (double)s->votes[i] / w->unit;
	return score_chance(w->rule, v, (double)s->veto / w->unit,
	    (double)s->hit, (double)s->seen, (double)w->deployed[s->release],
	    (double)(w->t->deployed + w->t->bystanders));
}

static void
weigh(const struct work *w, struct suspect *s)
{
	double temporal, error, weight = weight_of(w, s->signature);

	s->follow = score_follow(s->sum, &error);
	s->chance = chance_of(w, s);
	score(w, s->votes, s->veto, &temporal);
	s->score = temporal * decay_of(w, s->release) * weight *
	    pow(score_spatial((double)s->hit, (double)s->seen),
	    w->rule->power);
	s->rival = NAN;
	s->age_spread = score_age_spread(s->sum);
	if (!(weight > 0))
		s->reason = BLAME_WEIGHT;
	else if (score_spatial((double)s->hit, (double)s->seen) <
	    w->rule->spatial)
		s->reason = BLAME_SPATIAL;
	else if (w->rule->follow > 0 &&
	    s->follow + FOLLOW_ERRORS * error < w->rule->follow)
		s->reason = BLAME_FOLLOW;
	else if (!(temporal > 0))
		s->reason = BLAME_TEMPORAL;
	else
		s->reason = BLAME_BLAMED;
}

static int
by_blame(const void *va, const void *vb, void *vw)
{
	const struct work *w = vw;
	const struct suspect *a = &w->suspect[*(const uint32_t *)va];
	const struct suspect *b = &w->suspect[*(const uint32_t *)vb];

	if (a->signature != b->signature)
		return a->signature < b->signature ? -1 : 1;
	if ((a->reason == BLAME_BLAMED) != (b->reason == BLAME_BLAMED))
		return a->reason == BLAME_BLAMED ? -1 : 1;
	return (a->score < b->score) - (a->score > b->score);
}

/* Age must not decide between two that are otherwise alike: without decay. */
static double
strength(const struct work *w, const struct suspect *s)
{
	double decay = decay_of(w, s->release);

	return decay > 0 ? s->score / decay : s->score;
}

/* The n ranked suspects of one signature, the best first. */
static void
find_rivals(struct work *w, const uint32_t *order, size_t n)
{
	double most[2] = { 0, 0 };
	size_t best = 0;

	for (size_t i = 0; i < n; i++) {
		double v = strength(w, &w->suspect[order[i]]);

		if (v > most[0]) {
			most[1] = most[0];
			most[0] = v;
			best = i;
		} else if (v > most[1])
			most[1] = v;
	}
	for (size_t i = 0; n > 1 && i < n; i++) {
		struct suspect *s = &w->suspect[order[i]];

		s->rival = most[i == best] / strength(w, s);
	}
}

/* Less than this tells nothing apart, in hours. */
#define AGE_GRAIN 1.0

/* The same ratio of spreads says more of more nodes, as likelihood does. */
#define AGE_NODES 20

static int
by_signature(const void *va, const void *vb, void *vw)
{
	const struct work *w = vw;
	const struct suspect *a = &w->suspect[*(const uint32_t *)va];
	const struct suspect *b = &w->suspect[*(const uint32_t *)vb];

	return (a->signature > b->signature) - (a->signature < b->signature);
}

static double
hit_rate(const struct work *w, const struct suspect *s)
{
	return (double)s->hit / fmax((double)w->deployed[s->release], 1);
}

/*
 * Among those that are not dropped: less for one whose nodes fail at more
 * various ages than another's, or of which a smaller share fails.
 */
static void
compare_suspects(struct work *w, const uint32_t *order, size_t n)
{
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < n; i++) {
		const struct suspect *s = &w->suspect[order[i]];

		if (s->reason != BLAME_BLAMED)
			continue;
		if (s->age_spread < least)
			least = s->age_spread;
		most = fmax(most, hit_rate(w, s));
	}
	for (size_t i = 0; i < n; i++) {
		struct suspect *s = &w->suspect[order[i]];

		if (most > hit_rate(w, s))
			s->score *= pow(hit_rate(w, s) / most,
			    w->rule->rate_power);
		if (s->age_spread > least)
			s->score *= pow((least + AGE_GRAIN) /
			    (s->age_spread + AGE_GRAIN), w->rule->age_power *
			    fmin(fmax(s->sum[SUM_N] / AGE_NODES, 1), 10));
	}
}

static void
compare_all(struct work *w, uint32_t *order, size_t n)
{
	qsort_r(order, n, sizeof(*order), by_signature, w);
	for (size_t i = 0, k; i < n; i += k) {
		for (k = 1; i + k < n; k++)
			if (w->suspect[order[i + k]].signature !=
			    w->suspect[order[i]].signature)
				break;
		compare_suspects(w, order + i, k);
	}
}

/* 1, 2, 2, 4: the same score is the same rank. */
static void
place(struct work *w)
{
	size_t n = w->t->spread.n, first = 0;
	uint32_t *order = mem_new(n, sizeof(*order));

	for (uint32_t i = 0; i < n; i++) {
		weigh(w, &w->suspect[i]);
		order[i] = i;
	}
	compare_all(w, order, n);
	qsort_r(order, n, sizeof(*order), by_blame, w);
	for (size_t i = 0; i < n; i++) {
		struct suspect *s = &w->suspect[order[i]], *before =
		    i > 0 ? &w->suspect[order[i - 1]] : NULL;

		if (before == NULL || before->signature != s->signature)
			first = i;
		if (s->reason != BLAME_BLAMED)
			continue;
		s->rank = i - first + 1;
		if (i > first && before->score <= s->score)
			s->rank = before->rank;
		if (s->rank == 1 && i > first)
			s->reason = before->reason = BLAME_TIE;
		else if (s->rank > 1)
			s->reason = BLAME_RUNNER_UP;
		/* by_blame() put the unranked behind, so `before` is ranked. */
	}
	for (size_t i = 0, k; i < n; i += k > 0 ? k : 1) {
		for (k = 0; i + k < n; k++)
			if (w->suspect[order[i + k]].rank == 0 ||
			    w->suspect[order[i + k]].signature !=
			    w->suspect[order[i]].signature)
				break;
		find_rivals(w, order + i, k);
	}
	free(order);
}

static struct blame_verdict
verdict_of(const struct work *w, size_t cell)
{
	const struct tally_cell *c = &w->t->cell.v[cell];
	const struct suspect *s = &w->suspect[w->of_cell[cell]];
	struct blame_verdict v = {
		.rollout = c->rollout, .signature = c->signature,
		.within = c->within, .veto = c->veto, .hit = s->hit,
		.seen = s->seen, .first = c->first, .last = c->last,
		.spatial = score_spatial((double)s->hit, (double)s->seen),
		.decay = decay_of(w, s->release),
		.weight = weight_of(w, c->signature),
		.total = s->score, .clusters = w->clusters[cell],
		.customers = w->customers[cell], .age_spread = s->age_spread,
		.rival = s->rival, .follow = s->follow, .chance = s->chance,
		.rank = s->rank, .reason = s->reason,
	};

	for (size_t i = 0; i < SCORE_WINDOWS; i++)
		v.votes[i] = c->votes[i];
	v.score = score(w, c->votes, c->veto, &v.temporal) * v.decay * v.weight;
	return v;
}

static int
text_order(const struct tally *t, uint32_t a, uint32_t b)
{
	return a == b ? 0 : span_cmp(tally_text(t, a), tally_text(t, b));
}

static int
by_output(const void *va, const void *vb, void *vt)
{
	const struct blame_verdict *a = va, *b = vb;
	const struct tally *t = vt;
	const struct tally_rollout *ao = &t->rollout.v[a->rollout],
	    *bo = &t->rollout.v[b->rollout];
	const struct tally_release *ar = &t->release.v[ao->release],
	    *br = &t->release.v[bo->release];
	int c = 0;

	if (a->signature != b->signature) {
		if (a->signature == INTERN_NONE || b->signature == INTERN_NONE)
			return a->signature == INTERN_NONE ? 1 : -1;
		c = text_order(t, t->signature.v[a->signature].text,
		    t->signature.v[b->signature].text);
		return c != 0 ? c : text_order(t,
		    t->signature.v[a->signature].source,
		    t->signature.v[b->signature].source);
	}
	/* 0, not ranked, wraps to the end. */
	if (a->rank != b->rank)
		return a->rank - 1 < b->rank - 1 ? -1 : 1;
	if ((c = (a->total < b->total) - (a->total > b->total)) != 0 ||
	    (c = text_order(t, ar->component, br->component)) != 0 ||
	    (c = text_order(t, ar->version, br->version)) != 0)
		return c;
	return text_order(t, ao->pivot, bo->pivot);
}

static void
collect(struct blame *out, const struct work *w)
{
	const struct tally *t = w->t;
	bool *heard = mem_new(t->rollout.n, sizeof(*heard));

	for (size_t i = 0; i < t->cell.n; i++)
		if (w->of_cell[i] != INTERN_NONE) {
			vec_push(&out->verdict, verdict_of(w, i));
			heard[t->cell.v[i].rollout] = true;
		}
	for (uint32_t i = 0; i < t->rollout.n; i++)
		if (!heard[i] && t->rollout.v[i].deployed > 0)
			vec_push(&out->verdict,
			    (struct blame_verdict){ .rollout = i,
				.signature = INTERN_NONE,
				.first = WHEN_NEVER, .last = WHEN_NEVER,
				.decay = decay_of(w, t->rollout.v[i].release),
				.spatial = NAN, .weight = NAN, .rival = NAN,
				.age_spread = NAN, .follow = NAN, .chance = NAN,
				.reason = BLAME_QUIET });
	free(heard);
}

void
blame_run(struct blame *out, const struct tally *t,
    const struct score_rule *rule, double unit, int64_t now)
{
	struct work w = { .t = t, .rule = rule, .unit = unit, .now = now };

	w.suspect = mem_new(t->spread.n, sizeof(*w.suspect));
	w.of_cell = mem_new(t->cell.n, sizeof(*w.of_cell));
	w.clusters = mem_new(t->cell.n, sizeof(*w.clusters));
	w.customers = mem_new(t->cell.n, sizeof(*w.customers));
	w.deployed = mem_new(t->release.n, sizeof(*w.deployed));
	gather(&w);
	place(&w);
	collect(out, &w);
	if (out->verdict.n > 0)
		qsort_r(out->verdict.v, out->verdict.n, sizeof(*out->verdict.v),
		    by_output, (void *)(uintptr_t)t);
	free(w.suspect);
	free(w.of_cell);
	free(w.clusters);
	free(w.customers);
	free(w.deployed);
}

bool
blame_found(const struct blame *r)
{
	for (size_t i = 0; i < r->verdict.n; i++)
		if (r->verdict.v[i].rank == 1)
			return true;
	return false;
}

void
blame_free(struct blame *r)
{
	vec_free(&r->verdict);
}
