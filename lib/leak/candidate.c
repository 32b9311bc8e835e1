#include <stdlib.h>

#include "leak/candidate.h"

static int
by_value(double x, double y)
{
	return (x > y) - (x < y);
}

static int
by_group(const struct candidate *x, const struct candidate *y)
{
	return (x->group > y->group) - (x->group < y->group);
}

static int
by_severity(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int c = by_group(x, y);

	return c != 0 ? c : by_value(y->severity, x->severity);
}

static int
by_clarity(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int c = by_group(x, y);

	return c != 0 ? c : by_value(y->pattern.r2, x->pattern.r2);
}

static int
by_impact(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int c = by_group(x, y);

	return c != 0 ? c : by_value(x->impact, y->impact);
}

static int
by_places(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int c = by_group(x, y);

	if (c == 0)
		c = by_value(x->places, y->places);
	if (c == 0)
		c = by_value(y->severity, x->severity);
	return c != 0 ? c : (x->order > y->order) - (x->order < y->order);
}

/* Equal ones share a place, so that the sort's order of them does not count. */
static void
add_places(struct candidate *v, size_t n,
    int (*order)(const void *, const void *))
{
	size_t place = 0;

	qsort(v, n, sizeof(*v), order);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || v[i].group != v[i - 1].group)
			place = 0;
		else if (order(&v[i - 1], &v[i]) != 0)
			place++;
		v[i].places += (double)place;
	}
}

void
candidate_rank(struct candidate *v, size_t n)
{
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		v[i].places = 0;
	add_places(v, n, by_severity);
	add_places(v, n, by_clarity);
	add_places(v, n, by_impact);
	qsort(v, n, sizeof(*v), by_places);
	for (size_t i = 0; i < n; i++)
		v[i].rank = i > 0 && v[i].group == v[i - 1].group ?
		    v[i - 1].rank + 1 : 1;
}
