#include "heap/frames.h"

#include <stdbool.h>
#include <stdint.h>

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

/* How many bytes two stacks have in common, eight at a time. */
static size_t
same(const char *a, const char *b, size_t n)
{
	uint64_t x, y;
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			break;
	}
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

size_t
frames_common(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n, i, end;

	i = same(a.s, b.s, n);
	if (i == n && (a.n == n || a.s[n] == ';') &&
	    (b.n == n || b.s[n] == ';'))
		return n;
	for (end = i; end > 0 && (end == i || a.s[end] != ';'); end--)
		;
	return end;
}

int
frames_compare(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = same(a.s, b.s, n);

	if (i == n)
		return (a.n > b.n) - (a.n < b.n);
	if (a.s[i] == ';' || b.s[i] == ';')
		return a.s[i] == ';' ? -1 : 1;
	return (unsigned char)a.s[i] < (unsigned char)b.s[i] ? -1 : 1;
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
