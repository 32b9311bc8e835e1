#include "base/when.h"
#include "gandalf/vote.h"

/* What one node says of one (rollout, signature). */
struct witness {
	uint64_t votes[SCORE_WINDOWS], within, veto, hit;
	int64_t first, last;
	int64_t deployed;	/* to the first vote's stint */
};

/* The faults of one signature on one node, by time. */
struct group {
	const struct event_fault *f;
	size_t n;
};

struct pass {
	struct events *events;
	const struct stints *stints;
	const struct score_rule *rule;
};

/* The first fault at or after `ts`. */
static size_t
at_or_after(struct group g, int64_t ts)
{
	size_t low = 0, high = g.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (g.f[mid].ts < ts)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* ts + d, or the end of time. */
static int64_t
later(int64_t ts, int64_t d)
{
	int64_t sum;

	return __builtin_add_overflow(ts, d, &sum) ? INT64_MAX : sum;
}

static int64_t
earlier(int64_t ts, int64_t d)
{
	int64_t sum;

	return __builtin_sub_overflow(ts, d, &sum) ? INT64_MIN : sum;
}

static void
count_range(const struct pass *p, struct group g, size_t from, size_t to,
    uint64_t *count)
{
	if (!p->events->by_value)
		*count |= from < to;
	else
		for (size_t i = from; i < to; i++)
			*count += (uint64_t)g.f[i].value;
}

/* The end of the period in which a release's faults are looked for. */
static int64_t
period_end(const struct pass *p, const struct tally_release *r)
{
	int64_t reach = score_reach(p->rule);

	return reach > 0 ? later(r->last, reach) : INT64_MAX;
}

/* Behind the last fault of a window; `end` is where the stint ends. */
static size_t
window_end(struct group g, const struct stint *s, size_t end, int64_t window)
{
	size_t to;

	if (window == SCORE_NEXT)
		return end;
	/* A window holds its end; +1 because ranges do not. */
	to = at_or_after(g, later(later(s->start, window), 1));
	return to < end ? to : end;
}

static void
testify(const struct pass *p, const struct stint *s, struct group g,
    struct witness *w)
{
	const struct score_rule *rule = p->rule;
	const struct tally *t = &p->events->tally;
	const struct tally_release *r =
	    &t->release.v[t->rollout.v[s->rollout].release];
	int64_t start = earlier(s->start, rule->skew);
	int64_t stop = s->end == INT64_MAX ? s->end :
	    earlier(s->end, rule->skew);
	size_t from = at_or_after(g, start), end = at_or_after(g, stop), at, to;
	int64_t reach = score_reach(rule);

	count_range(p, g, at_or_after(g, earlier(start, rule->veto)), from,
	    &w->veto);
	if (from >= end)
		return;
	count_range(p, g, from, window_end(g, s, end, reach > 0 ? reach :
	    SCORE_NEXT), &w->within);
	at = from;
	for (size_t i = 0; i < rule->nwindow; i++) {
		to = window_end(g, s, end, rule->window[i]);
		count_range(p, g, at, to, &w->votes[i]);
		if (rule->segments && to > at)
			at = to;
	}
	w->hit |= g.f[from].ts <= period_end(p, r);
	if (w->first == WHEN_NEVER || g.f[from].ts < w->first)
		w->deployed = s->start;
	tally_widen(&w->first, &w->last, g.f[from].ts);
	tally_widen(&w->first, &w->last, g.f[end - 1].ts);
}

static void
note_members(struct pass *p, uint32_t cell, const struct stint *s,
    struct group g)
{
	struct tally *t = &p->events->tally;
	uint32_t cluster = p->events->cluster.v[s->node], before = INTERN_NONE;
	int64_t start = earlier(s->start, p->rule->skew);

	if (cluster != INTERN_NONE)
		tally_cluster(t, cell, cluster);
	for (size_t i = at_or_after(g, start); i < g.n; i++) {
		if (s->end != INT64_MAX &&
		    g.f[i].ts >= earlier(s->end, p->rule->skew))
			break;
		if (g.f[i].customer != before && g.f[i].customer != INTERN_NONE)
			tally_customer(t, cell, before = g.f[i].customer);
	}
}

static uint64_t
minutes(int64_t from, int64_t to)
{
	return to > from ? (uint64_t)((to - from) / (60 * WHEN_SECOND)) : 0;
}

static void
add_sums(const struct tally *t, struct tally_cell *cell,
    const struct witness *w)
{
	const struct tally_release *r =
	    &t->release.v[t->rollout.v[cell->rollout].release];
	uint64_t x = minutes(r->start, w->deployed);
	uint64_t y = minutes(r->start, w->first);

	cell->sum[SUM_N]++;
	cell->sum[SUM_X] += x;
	cell->sum[SUM_Y] += y;
	cell->sum[SUM_XX] += x * x;
	cell->sum[SUM_XY] += x * y;
	cell->sum[SUM_YY] += y * y;
}

/* One signature on one node against all stints of one rollout there. */
static void
hear(struct pass *p, const struct stint *s, size_t n, struct group g)
{
	struct tally *t = &p->events->tally;
	struct witness w = { .first = WHEN_NEVER, .last = WHEN_NEVER };
	struct tally_cell *cell;
	uint32_t id;

	for (size_t i = 0; i < n; i++)
		testify(p, &s[i], g, &w);
	if (w.first == WHEN_NEVER && w.veto == 0)
		return;
	id = tally_cell(t, s->rollout, g.f->signature);
	cell = &t->cell.v[id];
	for (size_t i = 0; i < p->rule->nwindow; i++)
		cell->votes[i] += w.votes[i];
	cell->within += w.within;
	cell->veto += w.veto;
	cell->hit += w.hit;
	tally_widen(&cell->first, &cell->last, w.first);
	tally_widen(&cell->first, &cell->last, w.last);
	if (w.first != WHEN_NEVER)
		add_sums(t, cell, &w);
	if (w.first != WHEN_NEVER)
		for (size_t i = 0; i < n; i++)
			note_members(p, id, &s[i], g);
}

static void
hear_node(struct pass *p, struct group g)
{
	const struct stint *s = p->stints->of.v;
	const size_t *first = &p->stints->first[g.f->node];
	size_t i = first[0], end = first[1], n;

	for (; i < end; i += n) {
		for (n = 1; i + n < end; n++)
			if (s[i + n].rollout != s[i].rollout)
				break;
		hear(p, &s[i], n, g);
	}
}

void
votes_count(struct events *e, const struct stints *s,
    const struct score_rule *rule)
{
	struct pass p = { e, s, rule };
	const struct event_fault *f = e->fault.v;

	for (size_t i = 0, k; i < e->fault.n; i += k) {
		for (k = 1; i + k < e->fault.n; k++)
			if (f[i + k].node != f[i].node ||
			    f[i + k].signature != f[i].signature)
				break;
		if (s->first[f[i].node] < s->first[f[i].node + 1])
			hear_node(&p, (struct group){ f + i, k });
	}
}
