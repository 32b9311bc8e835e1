#include <stdlib.h>

#include "base/when.h"
#include "gandalf/stint.h"

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

struct course {
	const struct tally *t;
	const uint32_t *rank;	/* of a rollout, by text */
};

/* By node, component, time; two versions at one instant by their text. */
static int
by_course(const void *va, const void *vb, void *vc)
{
	const struct event_deploy *a = va, *b = vb;
	const struct course *c = vc;
	uint32_t ca = component_of(c->t, a->rollout);
	uint32_t cb = component_of(c->t, b->rollout);

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (ca != cb)
		return ca < cb ? -1 : 1;
	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	return (c->rank[a->rollout] > c->rank[b->rollout]) -
	    (c->rank[a->rollout] < c->rank[b->rollout]);
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

static void
widen_periods(struct events *e)
{
	struct tally *t = &e->tally;

	for (size_t i = 0; i < e->deploy.n; i++) {
		const struct event_deploy *d = &e->deploy.v[i];
		struct tally_rollout *o = &t->rollout.v[d->rollout];
		struct tally_release *r = &t->release.v[o->release];

		tally_widen(&o->start, &o->last, d->ts);
		tally_widen(&r->start, &r->last, d->ts);
	}
}

static void
follow_deployments(struct stints *s, struct events *e)
{
	const struct tally *t = &e->tally;
	uint32_t *rank = rank_rollouts(&e->tally), component = 0;
	struct course course = { t, rank };
	struct stint *last = NULL;

	if (e->deploy.n > 0)
		qsort_r(e->deploy.v, e->deploy.n, sizeof(*e->deploy.v),
		    by_course, &course);
	free(rank);
	for (size_t i = 0; i < e->deploy.n; i++) {
		const struct event_deploy *d = &e->deploy.v[i];
		bool same = last != NULL && last->node == d->node &&
		    component == component_of(t, d->rollout);

		if (same && t->rollout.v[last->rollout].release ==
		    t->rollout.v[d->rollout].release)
			continue;
		if (same)
			last->end = d->ts;
		vec_push(&s->of, (struct stint){ d->node, d->rollout, d->ts,
		    INT64_MAX });
		last = &s->of.v[s->of.n - 1];
		component = component_of(t, d->rollout);
	}
}

static void
drop_before(struct stints *s, int64_t since)
{
	size_t n = 0;

	for (size_t i = 0; i < s->of.n; i++)
		if (since == WHEN_NEVER || s->of.v[i].start >= since)
			s->of.v[n++] = s->of.v[i];
	s->of.n = n;
}

static void
count_clusters(const struct stints *s, struct events *e)
{
	struct intern pairs = { 0 };

	for (size_t i = 0; i < s->of.n; i++) {
		uint32_t pair[2] = { s->of.v[i].rollout,
			e->cluster.v[s->of.v[i].node] };
		size_t before = pairs.n;

		if (pair[1] == INTERN_NONE)
			continue;
		intern_id(&pairs, (struct span){ (char *)pair, sizeof(pair) });
		e->tally.rollout.v[pair[0]].clusters += pairs.n > before;
	}
	intern_free(&pairs);
}

static void
index_nodes(struct stints *s, struct events *e)
{
	struct tally *t = &e->tally;
	size_t nodes = e->node.n;

	s->first = mem_new(nodes + 2, sizeof(*s->first));
	for (size_t i = 0; i < s->of.n; i++) {
		const struct stint *at = &s->of.v[i];

		s->first[at->node + 1]++;
		if (i == 0 || at[-1].node != at->node ||
		    at[-1].rollout != at->rollout)
			t->rollout.v[at->rollout].deployed++;
	}
	for (size_t i = 0; i < nodes; i++)
		t->deployed += s->first[i + 1] > 0;
	t->bystanders = nodes - t->deployed;
	for (size_t i = 0; i < nodes; i++)
		s->first[i + 1] += s->first[i];
}

void
stints_make(struct stints *s, struct events *e, int64_t since)
{
	widen_periods(e);
	follow_deployments(s, e);
	drop_before(s, since);
	if (s->of.n > 0)
		qsort(s->of.v, s->of.n, sizeof(*s->of.v), by_rollout);
	count_clusters(s, e);
	index_nodes(s, e);
}

void
stints_free(struct stints *s)
{
	vec_free(&s->of);
	free(s->first);
}
