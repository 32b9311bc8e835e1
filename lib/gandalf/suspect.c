#include <math.h>
#include <stdlib.h>

#include "base/when.h"
#include "gandalf/suspect.h"

double
judge_temporal(const struct judge *j, const uint64_t votes[], uint64_t veto)
{
	double v[SCORE_WINDOWS];

	for (size_t i = 0; i < j->rule->nwindow; i++)
		v[i] = (double)votes[i] / j->unit;
	return score_temporal(j->rule, v, (double)veto / j->unit);
}

double
judge_decay(const struct judge *j, uint32_t release)
{
	int64_t age;

	if (__builtin_sub_overflow(j->now, j->t->release.v[release].last, &age))
		age = INT64_MAX;
	return score_decay(j->rule, age);
}

double
judge_weight(const struct judge *j, uint32_t signature)
{
	double weight = j->t->signature.v[signature].weight;

	return weight < 0 ? 1 : weight;
}

struct work {
	const struct judge *judge;
	const struct tally *t;
	const struct score_rule *rule;
	struct suspect *suspect;
	uint32_t *of_cell;
	uint64_t *deployed;	/* nodes, of a release */
};

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
}

/* How sure it must be that faults do not follow, in standard errors. */
#define FOLLOW_ERRORS 3

static double
chance_of(const struct work *w, const struct suspect *s)
{
	double v[SCORE_WINDOWS];

	for (size_t i = 0; i < w->rule->nwindow; i++)
		v[i] = (double)s->votes[i] / w->judge->unit;
	return score_chance(w->rule, v, (double)s->veto / w->judge->unit,
	    (double)s->hit, (double)s->seen, (double)w->deployed[s->release],
	    (double)(w->t->deployed + w->t->bystanders));
}

static void
weigh(const struct work *w, struct suspect *s)
{
	double temporal, error, weight = judge_weight(w->judge, s->signature);

	s->follow = score_follow(s->sum, &error);
	s->chance = chance_of(w, s);
	temporal = judge_temporal(w->judge, s->votes, s->veto);
	s->score = temporal * judge_decay(w->judge, s->release) * weight *
	    pow(score_spatial((double)s->hit, (double)s->seen),
	    w->rule->power);
	s->rival = NAN;
	s->age_spread = score_age_spread(s->sum);
	s->burst = score_burst(s->sum);
	if (!(weight > 0))
		s->reason = SUSPECT_WEIGHT;
	else if (score_spatial((double)s->hit, (double)s->seen) <
	    w->rule->spatial)
		s->reason = SUSPECT_SPATIAL;
	else if (w->rule->follow > 0 &&
	    s->follow + FOLLOW_ERRORS * error < w->rule->follow)
		s->reason = SUSPECT_FOLLOW;
	else if (!(temporal > 0))
		s->reason = SUSPECT_TEMPORAL;
	else
		s->reason = SUSPECT_BLAMED;
}

static int
by_blame(const void *va, const void *vb, void *vw)
{
	const struct work *w = vw;
	const struct suspect *a = &w->suspect[*(const uint32_t *)va];
	const struct suspect *b = &w->suspect[*(const uint32_t *)vb];

	if (a->signature != b->signature)
		return a->signature < b->signature ? -1 : 1;
	if ((a->reason == SUSPECT_BLAMED) != (b->reason == SUSPECT_BLAMED))
		return a->reason == SUSPECT_BLAMED ? -1 : 1;
	return (a->score < b->score) - (a->score > b->score);
}

/* Age must not decide between two that are otherwise alike: without decay. */
static double
strength(const struct work *w, const struct suspect *s)
{
	double decay = judge_decay(w->judge, s->release);

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

		if (s->reason != SUSPECT_BLAMED)
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

/* Everybody weighed, compared, and in order of blame. */
static uint32_t *
line_up(struct work *w)
{
	size_t n = w->t->spread.n;
	uint32_t *order = mem_new(n, sizeof(*order));

	for (uint32_t i = 0; i < n; i++) {
		weigh(w, &w->suspect[i]);
		order[i] = i;
	}
	compare_all(w, order, n);
	qsort_r(order, n, sizeof(*order), by_blame, w);
	return order;
}

/* 1, 2, 2, 4: the same score is the same rank. */
static void
give_ranks(struct work *w, const uint32_t *order)
{
	size_t n = w->t->spread.n, first = 0;

	for (size_t i = 0; i < n; i++) {
		struct suspect *s = &w->suspect[order[i]], *before =
		    i > 0 ? &w->suspect[order[i - 1]] : NULL;

		if (before == NULL || before->signature != s->signature)
			first = i;
		if (s->reason != SUSPECT_BLAMED)
			continue;
		s->rank = i - first + 1;
		/* by_blame() put the unranked behind, so `before` is ranked. */
		if (i > first && before->score <= s->score)
			s->rank = before->rank;
		if (s->rank == 1 && i > first)
			s->reason = before->reason = SUSPECT_TIE;
		else if (s->rank > 1)
			s->reason = SUSPECT_RUNNER_UP;
	}
}

static void
find_all_rivals(struct work *w, const uint32_t *order)
{
	size_t n = w->t->spread.n;

	for (size_t i = 0, k; i < n; i += k > 0 ? k : 1) {
		for (k = 0; i + k < n; k++)
			if (w->suspect[order[i + k]].rank == 0 ||
			    w->suspect[order[i + k]].signature !=
			    w->suspect[order[i]].signature)
				break;
		find_rivals(w, order + i, k);
	}
}

void
suspects_rank(struct suspects *s, const struct judge *judge)
{
	const struct tally *t = judge->t;
	struct work w = { .judge = judge, .t = t, .rule = judge->rule };
	uint32_t *order;

	s->of = w.suspect = mem_new(t->spread.n, sizeof(*w.suspect));
	s->of_cell = w.of_cell = mem_new(t->cell.n, sizeof(*w.of_cell));
	w.deployed = mem_new(t->release.n, sizeof(*w.deployed));
	gather(&w);
	order = line_up(&w);
	give_ranks(&w, order);
	find_all_rivals(&w, order);
	free(order);
	free(w.deployed);
}

void
suspects_free(struct suspects *s)
{
	free(s->of);
	free(s->of_cell);
}
