#include "heap/recursion.h"

#include <stdbool.h>
#include <stdlib.h>

#include "heap/lines.h"

void
recursion_add(struct recursion *r, const uint32_t *frame, size_t depth,
    const struct span *name)
{
	for (size_t i = 1; i < depth; i++)
		if (span_find(name[frame[i - 1]], "+0x") > 0 &&
		    span_find(name[frame[i]], "+0x") > 0)
			vec_push(&r->pair, (uint64_t)frame[i - 1] << 32 |
			    frame[i]);
}

static int
by_pair(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
by_frame(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The first pair of a caller. */
static size_t
first_of(const struct recursion *r, uint32_t caller)
{
	size_t low = 0, high = r->pair.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->pair.v[mid] >> 32 < caller)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* More call sites behind one are no function's, but those of a dispatcher. */
#define SITES 256

/* Does one of the call sites [from, end) lead to another of them? */
static bool
leads_among(const struct recursion *r, uint32_t site, size_t from, size_t end)
{
	size_t i = first_of(r, site);

	while (i < r->pair.n && r->pair.v[i] >> 32 == site && from < end) {
		uint32_t callee = (uint32_t)r->pair.v[i],
			 other = (uint32_t)r->pair.v[from];

		if (callee == other && other != site)
			return true;
		if (callee <= other)
			i++;
		if (other <= callee)
			from++;
	}
	return false;
}

static void
find_among(struct recursion *r, size_t from, size_t end)
{
	if (end - from > SITES)
		return;
	for (size_t i = from; i < end; i++)
		if (leads_among(r, (uint32_t)r->pair.v[i], from, end))
			vec_push(&r->frame, (uint32_t)r->pair.v[i]);
}

void
recursion_find(struct recursion *r)
{
	size_t i, n = 0, end;

	if (r->pair.n > 1)
		qsort(r->pair.v, r->pair.n, sizeof(*r->pair.v), by_pair);
	for (i = 0; i < r->pair.n; i++)
		if (n == 0 || r->pair.v[n - 1] != r->pair.v[i])
			r->pair.v[n++] = r->pair.v[i];
	r->pair.n = n;
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n &&
		    r->pair.v[end] >> 32 == r->pair.v[i] >> 32; end++)
			;
		find_among(r, i, end);
	}
	if (r->frame.n > 1)
		qsort(r->frame.v, r->frame.n, sizeof(*r->frame.v), by_frame);
}

size_t
recursion_strip(const struct recursion *r, const uint32_t *frame, size_t depth,
    uint32_t *out)
{
	size_t i, n = 0;

	for (i = 0; i < depth; i++)
		if (r->frame.n == 0 || bsearch(&frame[i], r->frame.v,
		    r->frame.n, sizeof(*frame), by_frame) == NULL)
			out[n++] = frame[i];
	return n;
}

void
recursion_free(struct recursion *r)
{
	vec_free(&r->pair);
	vec_free(&r->frame);
}
