#include <math.h>

#include "act/plan.h"
#include "base/buf.h"

static bool
positive(const struct node *n, int column)
{
	return n != NULL && n->number[column] > 0;
}

static enum tier
tier(const struct node *n)
{
	if (positive(n, NODE_LOW_MEMORY))
		return TIER_LOW_MEMORY;
	if (positive(n, NODE_SHORT))
		return TIER_SHORT;
	if (n != NULL && n->number[NODE_USED] > n->number[NODE_RESERVE])
		return TIER_RESERVE;
	return TIER_LEAK;
}

static double
known(double x)
{
	return isnan(x) ? 0 : x;
}

static void
weigh(struct plan_row *r, const struct node *n)
{
	const struct suspect *s = r->suspect;

	r->tier = tier(n);
	r->size = known(isnan(s->growth) ? s->usage : s->growth);
	r->rate = known(s->rate);
	r->hours = INFINITY;
	if (n != NULL && r->rate > 0 && n->number[NODE_FREE] >= 0)
		r->hours = n->number[NODE_FREE] / r->rate;
}

static int
descending(double a, double b)
{
	return (a < b) - (a > b);
}

static int
by_priority(const void *pa, const void *pb)
{
	const struct plan_row *a = pa, *b = pb;
	int c = (int)a->tier - (int)b->tier;

	if (c == 0)
		c = descending(a->size, b->size);
	if (c == 0)
		c = descending(a->rate, b->rate);
	if (c == 0)
		c = descending(b->hours, a->hours);
	if (c == 0)
		c = span_cmp(a->suspect->node, b->suspect->node);
	if (c == 0)
		c = span_cmp(a->suspect->component, b->suspect->component);
	if (c == 0)
		c = span_cmp(a->suspect->service, b->suspect->service);
	if (c == 0)
		c = span_cmp(a->suspect->pid, b->suspect->pid);
	return c != 0 ? c : span_cmp(a->suspect->start, b->suspect->start);
}

static void
key_part(struct buf *b, struct span s)
{
	buf_span(b, s);
	buf_char(b, '\t');	/* in no value: see resin-tsv(5) */
}

static uint32_t
action_key(struct intern *keys, const struct plan_row *r)
{
	struct buf b = { 0 };
	uint32_t id;

	key_part(&b, r->suspect->node);
	key_part(&b, r->step.target);
	key_part(&b, r->step.action);
	if (r->step.each || r->step.outcome == TREE_NONE) {
		key_part(&b, r->suspect->component);
		key_part(&b, r->suspect->pid);
		key_part(&b, r->suspect->start);
	}
	id = intern_id(keys, buf_view(&b));
	buf_free(&b);
	return id;
}

/* Keeps the first of several rows that are one action. */
static void
unite(struct plan *p)
{
	struct intern keys = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < p->row.n; i++)
		if (action_key(&keys, &p->row.v[i]) == kept)
			p->row.v[kept++] = p->row.v[i];
		else
			step_free(&p->row.v[i].step);
	p->row.n = kept;
	intern_free(&keys);
}

static bool
acts(const struct plan_row *r)
{
	return r->step.outcome == TREE_ACT;
}

/* Follows a drain: nothing milder shall hold it up while the node is empty. */
static bool
drained(const struct plan_row *r)
{
	return r->step.node && !span_is(r->step.action, "drain") &&
	    r->step.drained;
}

static void
defer(struct plan_row *r, const char *why)
{
	r->step.outcome = TREE_DEFER;
	r->step.reason.n = 0;
	buf_str(&r->step.reason, why);
}

/*
 * A node waits for what is milder on it, except once it is drained: then the
 * rest waits, for it goes with the reboot.
 */
static void
one_level(struct plan *p)
{
	struct intern busy = { 0 }, going = { 0 };

	for (size_t i = 0; i < p->row.n; i++) {
		const struct plan_row *r = &p->row.v[i];

		if (acts(r) && drained(r))
			intern_id(&going, r->suspect->node);
		else if (acts(r) && !r->step.node)
			intern_id(&busy, r->suspect->node);
	}
	for (size_t i = 0; i < p->row.n; i++) {
		struct plan_row *r = &p->row.v[i];
		const struct span node = r->suspect->node;

		if (!acts(r) || drained(r))
			continue;
		if (going.n > 0 && intern_find(&going, node) != INTERN_NONE)
			defer(r, "the node is about to be rebooted");
		else if (r->step.node && busy.n > 0 &&
		    intern_find(&busy, node) != INTERN_NONE)
			defer(r, "a milder action on the node first");
	}
	intern_free(&busy);
	intern_free(&going);
}

static uint32_t
leak_key(struct intern *keys, struct span node, struct span leak)
{
	struct buf b = { 0 };
	uint32_t id;

	key_part(&b, node);
	key_part(&b, leak);
	id = intern_id(keys, buf_view(&b));
	buf_free(&b);
	return id;
}

/* The last deed about each leak that nobody suspects now, once. */
static void
find_stops(struct plan *p, const struct deeds *deeds, struct intern *suspected)
{
	for (size_t i = deeds->list.n; i-- > 0;) {
		const struct deed *d = &deeds->list.v[i];
		size_t before = suspected->n;

		if (span_is(d->action, "undrain"))
			continue;	/* about the node, after the stop */
		if (leak_key(suspected, d->node, d->leak) < before)
			continue;
		if (!span_is(d->action, "stop"))
			vec_push(&p->stop, *d);
	}
	for (size_t i = 0, j = p->stop.n; i + 1 < j; i++) {
		const struct deed d = p->stop.v[i];

		p->stop.v[i] = p->stop.v[--j];
		p->stop.v[j] = d;
	}
}

/* A node that its leak may yet need, or where nothing has helped. */
static void
find_undrains(struct plan *p, const struct tree *t)
{
	struct intern busy = { 0 };

	for (size_t i = 0; i < p->row.n; i++)
		if (p->row.v[i].step.node ||
		    p->row.v[i].step.outcome == TREE_NONE)
			intern_id(&busy, p->row.v[i].suspect->node);
	undrain_find(&p->back, t, &busy);
	intern_free(&busy);
}

void
plan_make(struct plan *p, const struct tree *t, const struct suspects *s)
{
	struct intern suspected = { 0 };
	struct plan_row r;

	for (size_t i = 0; i < s->list.n; i++) {
		r = (struct plan_row){ .suspect = &s->list.v[i] };
		tree_decide(t, r.suspect, &r.step);
		if (!r.step.over)
			leak_key(&suspected, r.suspect->node,
			    r.suspect->component);
		weigh(&r, nodes_find(t->nodes, r.suspect->node));
		if (r.step.outcome == TREE_NONE && !r.step.tried)
			step_free(&r.step);
		else
			vec_push(&p->row, r);
	}
	if (p->row.n > 1)
		qsort(p->row.v, p->row.n, sizeof(*p->row.v), by_priority);
	unite(p);
	one_level(p);
	find_stops(p, t->deeds, &suspected);
	find_undrains(p, t);
	intern_free(&suspected);
}

void
plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->row.n; i++)
		step_free(&p->row.v[i].step);
	vec_free(&p->row);
	vec_free(&p->stop);
	vec_free(&p->back.list);
}
