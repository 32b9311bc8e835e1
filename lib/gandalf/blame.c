#include <math.h>
#include <stdlib.h>

#include "base/when.h"
#include "gandalf/blame.h"

struct work {
	const struct judge *judge;
	struct suspects suspects;
	uint64_t *clusters, *customers;	/* of a cell */
};

static void
count_members(struct work *w)
{
	const struct tally *t = w->judge->t;

	w->clusters = mem_new(t->cell.n, sizeof(*w->clusters));
	w->customers = mem_new(t->cell.n, sizeof(*w->customers));
	for (size_t i = 0; i < t->cluster.n; i++)
		w->clusters[t->cluster.v[i].cell]++;
	for (size_t i = 0; i < t->customer.n; i++)
		w->customers[t->customer.v[i].cell]++;
}

static struct blame_verdict
verdict_of(const struct work *w, size_t cell)
{
	const struct tally_cell *c = &w->judge->t->cell.v[cell];
	const struct suspect *s = &w->suspects.of[w->suspects.of_cell[cell]];
	struct blame_verdict v = {
		.rollout = c->rollout, .signature = c->signature,
		.within = c->within, .veto = c->veto, .hit = s->hit,
		.seen = s->seen, .first = c->first, .last = c->last,
		.spatial = score_spatial((double)s->hit, (double)s->seen),
		.decay = judge_decay(w->judge, s->release),
		.weight = judge_weight(w->judge, c->signature),
		.total = s->score, .clusters = w->clusters[cell],
		.customers = w->customers[cell], .age_spread = s->age_spread,
		.rival = s->rival, .follow = s->follow, .chance = s->chance,
		.burst = s->burst,
		.rank = s->rank, .reason = s->reason,
	};

	for (size_t i = 0; i < SCORE_WINDOWS; i++)
		v.votes[i] = c->votes[i];
	v.temporal = judge_temporal(w->judge, c->votes, c->veto);
	v.score = v.temporal * v.decay * v.weight;
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
	const struct tally *t = w->judge->t;
	bool *heard = mem_new(t->rollout.n, sizeof(*heard));

	for (size_t i = 0; i < t->cell.n; i++)
		if (w->suspects.of_cell[i] != INTERN_NONE) {
			vec_push(&out->verdict, verdict_of(w, i));
			heard[t->cell.v[i].rollout] = true;
		}
	for (uint32_t i = 0; i < t->rollout.n; i++)
		if (!heard[i] && t->rollout.v[i].deployed > 0)
			vec_push(&out->verdict,
			    (struct blame_verdict){ .rollout = i,
				.signature = INTERN_NONE,
				.first = WHEN_NEVER, .last = WHEN_NEVER,
				.decay = judge_decay(w->judge,
				    t->rollout.v[i].release),
				.spatial = NAN, .weight = NAN, .rival = NAN,
				.age_spread = NAN, .follow = NAN, .chance = NAN,
				.burst = NAN,
				.reason = SUSPECT_QUIET });
	free(heard);
}

void
blame_run(struct blame *out, const struct tally *t,
    const struct score_rule *rule, double unit, int64_t now)
{
	struct judge judge = { t, rule, unit, now };
	struct work w = { .judge = &judge };

	suspects_rank(&w.suspects, &judge);
	count_members(&w);
	collect(out, &w);
	if (out->verdict.n > 0)
		qsort_r(out->verdict.v, out->verdict.n, sizeof(*out->verdict.v),
		    by_output, (void *)(uintptr_t)t);
	suspects_free(&w.suspects);
	free(w.clusters);
	free(w.customers);
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
