#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "gandalf/spread.h"
#include "gandalf/sweep.h"

struct stint {
	uint32_t node, rollout;
	int64_t start, end;	/* [start, end) */
};

/* What one node says of one (rollout, signature). */
struct witness {
	uint64_t votes[SCORE_WINDOWS], within, veto, hit;
	int64_t first, last;
	int64_t deployed;	/* to the first vote's stint */
};

/* The faults of one signature on one node, by time. */
struct group {
	const struct sweep_fault *f;
	size_t n;
};

struct pass {
	struct sweep *sweep;
	const struct score_rule *rule;
	int64_t since;
	uint32_t *rank;		/* of a rollout, by text */
	VEC(struct stint) stint;
	size_t *first;		/* first[node] to first[node + 1]: its stints */
};

static uint32_t
node_id(struct sweep *s, struct span name, struct span cluster)
{
	uint32_t id = intern_id(&s->node, name), c;

	if (id == s->cluster.n)
		vec_push(&s->cluster, INTERN_NONE);
	c = s->cluster.v[id];
	if (cluster.n == 0 || (c != INTERN_NONE &&
	    span_eq(cluster, tally_text(&s->tally, c))))
		return id;
	/* A node that moved keeps the least name, in any order of rows. */
	c = intern_id(&s->tally.name, cluster);
	if (s->cluster.v[id] == INTERN_NONE ||
	    span_cmp(cluster, tally_text(&s->tally, s->cluster.v[id])) < 0)
		s->cluster.v[id] = c;
	return id;
}

void
sweep_fault(struct sweep *s, const struct sweep_row *row)
{
	struct tally *t = &s->tally;
	struct sweep_fault f = { .ts = row->ts, .customer = INTERN_NONE };
	struct tally_signature *g;
	int64_t ignore = WHEN_NEVER;

	f.node = node_id(s, row->node, row->cluster);
	f.signature = tally_signature(t, row->source, row->signature);
	if (s->by_value)
		f.value = llround(row->value * 1e6);
	if (row->customer.n > 0)
		f.customer = intern_id(&t->name, row->customer);
	g = &t->signature.v[f.signature];
	if (row->weight > g->weight)
		g->weight = row->weight;
	tally_widen(&g->first, &ignore, row->ts);
	tally_widen(&t->oldest, &t->newest, row->ts);
	vec_push(&s->fault, f);
}

void
sweep_deploy(struct sweep *s, const struct sweep_row *row)
{
	struct tally *t = &s->tally;
	uint32_t node = node_id(s, row->node, row->cluster);
	uint32_t release = tally_release(t, row->component, row->version);
	uint32_t rollout = tally_rollout(t, release,
	    s->by_pivot ? row->pivot : SPAN(""));

	vec_push(&s->deploy, (struct sweep_deploy){ row->ts, node, rollout });
}

static struct span
rollout_text(const struct tally *t, uint32_t rollout, int part)
{
	const struct tally_rollout *o = &t->rollout.v[rollout];
	const struct tally_release *r = &t->release.v[o->release];

	return tally_text(t, part == 0 ? r->component :
	    part == 1 ? r->version : o->pivot);
}

static int
by_text(const void *va, const void *vb, void *vt)
{
	const uint32_t *a = va, *b = vb;
	int c = 0;

	for (int part = 0; part < 3 && c == 0; part++)
		c = span_cmp(rollout_text(vt, *a, part),
		    rollout_text(vt, *b, part));
	return c;
}

static uint32_t *
rank_rollouts(struct tally *t)
{
	size_t n = t->rollout.n;
	uint32_t *order = mem_new(n, sizeof(*order));
	uint32_t *rank = mem_new(n, sizeof(*rank));

	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof(*order), by_text, t);
	for (uint32_t i = 0; i < n; i++)
		rank[order[i]] = i;
	free(order);
	return rank;
}

static uint32_t
component_of(const struct tally *t, uint32_t rollout)
{
	return t->release.v[t->rollout.v[rollout].release].component;
}

/* By node, component, time; two versions at one instant by their text. */
static int
by_course(const void *va, const void *vb, void *vp)
{
	const struct sweep_deploy *a = va, *b = vb;
	const struct pass *p = vp;
	uint32_t ca = component_of(&p->sweep->tally, a->rollout);
	uint32_t cb = component_of(&p->sweep->tally, b->rollout);

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (ca != cb)
		return ca < cb ? -1 : 1;
	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	return (p->rank[a->rollout] > p->rank[b->rollout]) -
	    (p->rank[a->rollout] < p->rank[b->rollout]);
}

static int
by_rollout(const void *va, const void *vb)
{
	const struct stint *a = va, *b = vb;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->rollout != b->rollout)
		return a->rollout < b->rollout ? -1 : 1;
	return (a->start > b->start) - (a->start < b->start);
}

static int
by_signature(const void *va, const void *vb)
{
	const struct sweep_fault *a = va, *b = vb;

	if (a->signature != b->signature)
		return a->signature < b->signature ? -1 : 1;
	return (a->ts > b->ts) - (a->ts < b->ts);
}

static void
widen_periods(struct sweep *s)
{
	struct tally *t = &s->tally;

	for (size_t i = 0; i < s->deploy.n; i++) {
		const struct sweep_deploy *d = &s->deploy.v[i];
		struct tally_rollout *o = &t->rollout.v[d->rollout];
		struct tally_release *r = &t->release.v[o->release];

		tally_widen(&o->start, &o->last, d->ts);
		tally_widen(&r->start, &r->last, d->ts);
	}
}

static void
make_stints(struct pass *p)
{
	struct sweep *s = p->sweep;
	struct tally *t = &s->tally;
	const struct sweep_deploy *d = s->deploy.v;
	struct stint *last = NULL;
	uint32_t component = 0;

	if (s->deploy.n > 0)
		qsort_r(s->deploy.v, s->deploy.n, sizeof(*d), by_course, p);
	for (size_t i = 0; i < s->deploy.n; i++, d++) {
		bool same = last != NULL && last->node == d->node &&
		    component == component_of(t, d->rollout);

		if (same && t->rollout.v[last->rollout].release ==
		    t->rollout.v[d->rollout].release)
			continue;
		if (same)
			last->end = d->ts;
		vec_push(&p->stint, (struct stint){ d->node, d->rollout, d->ts,
		    INT64_MAX });
		last = &p->stint.v[p->stint.n - 1];
		component = component_of(t, d->rollout);
	}
}

static void
count_clusters(struct pass *p)
{
	struct tally *t = &p->sweep->tally;
	struct intern pairs = { 0 };

	for (size_t i = 0; i < p->stint.n; i++) {
		uint32_t pair[2] = { p->stint.v[i].rollout,
			p->sweep->cluster.v[p->stint.v[i].node] };
		size_t before = pairs.n;

		if (pair[1] == INTERN_NONE)
			continue;
		intern_id(&pairs, (struct span){ (char *)pair, sizeof(pair) });
		t->rollout.v[pair[0]].clusters += pairs.n > before;
	}
	intern_free(&pairs);
}

/* Stints that take part, by node and rollout, and where each node's begin. */
static void
index_stints(struct pass *p)
{
	struct tally *t = &p->sweep->tally;
	size_t n = 0, nodes = p->sweep->node.n;

	for (size_t i = 0; i < p->stint.n; i++)
		if (p->since == WHEN_NEVER || p->stint.v[i].start >= p->since)
			p->stint.v[n++] = p->stint.v[i];
	p->stint.n = n;
	if (n > 0)
		qsort(p->stint.v, n, sizeof(*p->stint.v), by_rollout);
	p->first = mem_new(nodes + 2, sizeof(*p->first));
	count_clusters(p);
	for (size_t i = 0; i < n; i++) {
		const struct stint *s = &p->stint.v[i];

		p->first[s->node + 1]++;
		if (i == 0 || s[-1].node != s->node ||
		    s[-1].rollout != s->rollout)
			t->rollout.v[s->rollout].deployed++;
	}
	for (size_t i = 0; i < nodes; i++)
		t->deployed += p->first[i + 1] > 0;
	t->bystanders = nodes - t->deployed;
	for (size_t i = 0; i < nodes; i++)
		p->first[i + 1] += p->first[i];
}

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
	if (!p->sweep->by_value)
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
	const struct tally *t = &p->sweep->tally;
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
	struct tally *t = &p->sweep->tally;
	uint32_t cluster = p->sweep->cluster.v[s->node], before = INTERN_NONE;
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
	struct tally *t = &p->sweep->tally;
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
	uint32_t node = g.f->node;
	size_t i = p->first[node], end = p->first[node + 1], n;

	for (; i < end; i += n) {
		for (n = 1; i + n < end; n++)
			if (p->stint.v[i + n].rollout != p->stint.v[i].rollout)
				break;
		hear(p, &p->stint.v[i], n, g);
	}
}

/* By node, signature and time: nodes by counting, their few by comparing. */
static void
sort_faults(struct sweep *s)
{
	size_t *at = sweep_bins(s, s->node.n,
	    offsetof(struct sweep_fault, node));

	for (size_t i = 0; i < s->node.n; i++)
		if (at[i + 1] - at[i] > 1)
			qsort(s->fault.v + at[i], at[i + 1] - at[i],
			    sizeof(*s->fault.v), by_signature);
	free(at);
}

static void
hear_all(struct pass *p)
{
	const struct sweep_fault *f;
	size_t n = p->sweep->fault.n, k;

	sort_faults(p->sweep);
	f = p->sweep->fault.v;
	for (size_t i = 0; i < n; i += k) {
		for (k = 1; i + k < n; k++)
			if (f[i + k].node != f[i].node ||
			    f[i + k].signature != f[i].signature)
				break;
		if (p->first[f[i].node] < p->first[f[i].node + 1])
			hear_node(p, (struct group){ f + i, k });
	}
}

/* Which pairs' spread is wanted: all, or those with votes. */
static void
ask_spread(struct tally *t, bool all)
{
	if (!all)
		for (size_t i = 0; i < t->cell.n; i++)
			if (t->cell.v[i].first != WHEN_NEVER)
				tally_spread(t, t->rollout.v
				    [t->cell.v[i].rollout].release,
				    t->cell.v[i].signature);
	for (uint32_t r = 0; all && r < t->release.n; r++)
		for (uint32_t s = 0; s < t->signature.n; s++)
			tally_spread(t, r, s);
}

size_t *
sweep_bins(struct sweep *s, size_t nbin, size_t offset)
{
	size_t *at = mem_new(nbin + 2, sizeof(*at));
	size_t n = s->fault.n;
	struct sweep_fault *to = mem_new(n, sizeof(*to));
	uint32_t bin;

	/* at[i + 2] counts bin i, so that scattering leaves at[i] its start. */
	for (size_t i = 0; i < n; i++) {
		memcpy(&bin, (char *)&s->fault.v[i] + offset, sizeof(bin));
		at[bin + 2]++;
	}
	for (size_t i = 2; i < nbin + 2; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < n; i++) {
		memcpy(&bin, (char *)&s->fault.v[i] + offset, sizeof(bin));
		to[at[bin + 1]++] = s->fault.v[i];
	}
	vec_free(&s->fault);
	s->fault.v = to;
	s->fault.n = s->fault.cap = n;
	return at;
}

void
sweep_run(struct sweep *s, const struct score_rule *rule, int64_t since,
    bool all_spread)
{
	struct pass p = { .sweep = s, .rule = rule, .since = since };

	widen_periods(s);
	p.rank = rank_rollouts(&s->tally);
	make_stints(&p);
	index_stints(&p);
	hear_all(&p);
	ask_spread(&s->tally, all_spread);
	spread_count(s, rule);
	vec_free(&p.stint);
	free(p.rank);
	free(p.first);
}

void
sweep_free(struct sweep *s)
{
	tally_free(&s->tally);
	intern_free(&s->node);
	vec_free(&s->cluster);
	vec_free(&s->fault);
	vec_free(&s->deploy);
}
