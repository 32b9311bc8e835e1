#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "leak/pivot.h"

static const struct pivot *sorting;	/* of the functions for qsort(3) */

void
pivot_fresh(struct pivot *p)
{
	p->fresh = p->window.n;
}

static int64_t
time_of(const struct pivot *p, uint32_t window)
{
	int64_t ts;

	memcpy(&ts, p->window.key[window].s, sizeof(ts));
	return ts;
}

static uint64_t
bucket_of(const struct pivot *p, uint32_t edge)
{
	uint64_t bucket;

	memcpy(&bucket, p->edge.key[edge].s, sizeof(bucket));
	return bucket;
}

int64_t
pivot_last(const struct pivot *p)
{
	int64_t last = INT64_MIN;

	for (uint32_t w = 0; w < p->window.n; w++)
		if (time_of(p, w) > last)
			last = time_of(p, w);
	return last;
}

static int
by_name(const void *a, const void *b)
{
	return span_cmp(sorting->name.key[*(const uint32_t *)a],
	    sorting->name.key[*(const uint32_t *)b]);
}

static int
by_window_and_edge(const void *a, const void *b)
{
	const struct pivot_count *x = a, *y = b;
	int64_t s = time_of(sorting, x->window),
		t = time_of(sorting, y->window);
	uint64_t e = bucket_of(sorting, x->edge);
	uint64_t f = bucket_of(sorting, y->edge);

	if (s != t)
		return s < t ? -1 : 1;
	return e != f ? (e < f ? -1 : 1) : 0;
}

static void
each_of_group(const struct pivot *p, uint32_t g, int64_t oldest, pivot_row *row,
    void *arg)
{
	const struct pivot_group *group = &p->group.v[g];
	size_t n = group->count.n;
	struct pivot_count *c = mem_new(n + 1, sizeof(*c));

	memcpy(c, group->count.v, n * sizeof(*c));
	qsort(c, n, sizeof(*c), by_window_and_edge);
	for (size_t i = 0, j; i < n; i = j) {
		double nodes = 0;

		for (j = i; j < n && by_window_and_edge(&c[i], &c[j]) == 0; j++)
			nodes += c[j].nodes;
		if (time_of(p, c[i].window) >= oldest)
			row(arg, p->name.key[g], time_of(p, c[i].window),
			    bucket_of(p, c[i].edge), (uint64_t)nodes);
	}
	free(c);
}

void
pivot_each(const struct pivot *p, int64_t oldest, pivot_row *row, void *arg)
{
	uint32_t *order = mem_new(p->group.n + 1, sizeof(*order));

	for (uint32_t g = 0; g < p->group.n; g++)
		order[g] = g;
	sorting = p;
	if (p->group.n > 0)
		qsort(order, p->group.n, sizeof(*order), by_name);
	for (size_t i = 0; i < p->group.n; i++)
		each_of_group(p, order[i], oldest, row, arg);
	free(order);
}
