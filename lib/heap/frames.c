#include "heap/frames.h"

#include <stdbool.h>

#include "base/vec.h"

#define PERIOD 16 /* the longest cycle that is collapsed, in frames */

struct frames {
	VEC(struct span) list;
};

struct span
frames_next(struct span *rest)
{
	const char *end = rest->n > 0 ? memchr(rest->s, ';', rest->n) : NULL;
	struct span frame = *rest;

	if (end == NULL) {
		rest->s += rest->n;
		rest->n = 0;
		return frame;
	}
	frame.n = (size_t)(end - rest->s);
	rest->s = end + 1;
	rest->n -= frame.n + 1;
	return frame;
}

size_t
frames_depth(struct span stack)
{
	size_t depth = stack.n > 0, i;

	for (i = 0; i < stack.n; i++)
		depth += stack.s[i] == ';';
	return depth;
}

size_t
frames_common(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n, i, end = 0;

	for (i = 0; i < n && a.s[i] == b.s[i]; i++)
		if (a.s[i] == ';')
			end = i;
	if (i == n && (a.n == n || a.s[n] == ';') &&
	    (b.n == n || b.s[n] == ';'))
		return n;
	return end;
}

/* The length of the block that ends the list and follows itself, or 0. */
static size_t
square(const struct frames *f)
{
	size_t n = f->list.n, p, i;

	for (p = 1; p <= PERIOD && 2 * p <= n; p++) {
		for (i = 1; i <= p; i++)
			if (!span_eq(f->list.v[n - i], f->list.v[n - i - p]))
				break;
		if (i > p)
			return p;
	}
	return 0;
}

void
frames_collapse(struct span stack, struct buf *out)
{
	struct frames f = { 0 };
	size_t i;

	while (stack.n > 0) {
		vec_push(&f.list, frames_next(&stack));
		f.list.n -= square(&f);
	}
	for (i = 0; i < f.list.n; i++) {
		if (i > 0)
			buf_char(out, ';');
		buf_span(out, f.list.v[i]);
	}
	vec_free(&f.list);
}
