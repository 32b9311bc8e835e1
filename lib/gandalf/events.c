#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "gandalf/events.h"

static uint32_t
node_id(struct events *e, struct span name, struct span cluster)
{
	uint32_t id = intern_id(&e->node, name), c;

	if (id == e->cluster.n)
		vec_push(&e->cluster, INTERN_NONE);
	c = e->cluster.v[id];
	if (cluster.n == 0 || (c != INTERN_NONE &&
	    span_eq(cluster, tally_text(&e->tally, c))))
		return id;
	/* A node that moved keeps the least name, in any order of rows. */
	c = intern_id(&e->tally.name, cluster);
	if (e->cluster.v[id] == INTERN_NONE ||
	    span_cmp(cluster, tally_text(&e->tally, e->cluster.v[id])) < 0)
		e->cluster.v[id] = c;
	return id;
}

void
events_fault(struct events *e, const struct event_row *row)
{
	struct tally *t = &e->tally;
	struct event_fault f = { .ts = row->ts, .customer = INTERN_NONE };
	struct tally_signature *g;
	int64_t ignore = WHEN_NEVER;

	f.node = node_id(e, row->node, row->cluster);
	f.signature = tally_signature(t, row->source, row->signature);
	if (e->by_value)
		f.value = llround(row->value * 1e6);
	if (row->customer.n > 0)
		f.customer = intern_id(&t->name, row->customer);
	g = &t->signature.v[f.signature];
	if (row->weight > g->weight)
		g->weight = row->weight;
	tally_widen(&g->first, &ignore, row->ts);
	tally_widen(&t->oldest, &t->newest, row->ts);
	vec_push(&e->fault, f);
}

void
events_deploy(struct events *e, const struct event_row *row)
{
	struct tally *t = &e->tally;
	uint32_t node = node_id(e, row->node, row->cluster);
	uint32_t release = tally_release(t, row->component, row->version);
	uint32_t rollout = tally_rollout(t, release,
	    e->by_pivot ? row->pivot : SPAN(""));

	vec_push(&e->deploy, (struct event_deploy){ row->ts, node, rollout });
}

/*
 * By the id at `offset` in each fault, one of `nbin`, by counting; stable.
 * Where each bin begins, and where the last ends.
 */
static size_t *
sort_into_bins(struct events *e, size_t nbin, size_t offset)
{
	size_t *at = mem_new(nbin + 2, sizeof(*at));
	size_t n = e->fault.n;
	struct event_fault *to = mem_new(n, sizeof(*to));
	uint32_t bin;

	/* at[i + 2] counts bin i, so that scattering leaves at[i] its start. */
	for (size_t i = 0; i < n; i++) {
		memcpy(&bin, (char *)&e->fault.v[i] + offset, sizeof(bin));
		at[bin + 2]++;
	}
	for (size_t i = 2; i < nbin + 2; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < n; i++) {
		memcpy(&bin, (char *)&e->fault.v[i] + offset, sizeof(bin));
		to[at[bin + 1]++] = e->fault.v[i];
	}
	vec_free(&e->fault);
	e->fault.v = to;
	e->fault.n = e->fault.cap = n;
	return at;
}

static int
by_signature(const void *va, const void *vb)
{
	const struct event_fault *a = va, *b = vb;

	if (a->signature != b->signature)
		return a->signature < b->signature ? -1 : 1;
	return (a->ts > b->ts) - (a->ts < b->ts);
}

/* By node, signature and time: nodes by counting, their few by comparing. */
void
events_by_node(struct events *e)
{
	size_t *at = sort_into_bins(e, e->node.n,
	    offsetof(struct event_fault, node));

	for (size_t i = 0; i < e->node.n; i++)
		if (at[i + 1] - at[i] > 1)
			qsort(e->fault.v + at[i], at[i + 1] - at[i],
			    sizeof(*e->fault.v), by_signature);
	free(at);
}

size_t *
events_by_signature(struct events *e)
{
	return sort_into_bins(e, e->tally.signature.n,
	    offsetof(struct event_fault, signature));
}

void
events_free(struct events *e)
{
	tally_free(&e->tally);
	intern_free(&e->node);
	vec_free(&e->cluster);
	vec_free(&e->fault);
	vec_free(&e->deploy);
}
