#ifndef RESIN_SPAN_H
#define RESIN_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * span - some bytes that belong to somebody else.  Not NUL-terminated.
 * Ordered by bytes (memcmp), a prefix before what it begins: the C locale's
 * order, and that of sort(1) under LC_ALL=C.
 */
struct span {
	const char *s;
	size_t n;
};

#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })

static inline struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

static inline bool
span_is(struct span a, const char *s)
{
	return span_eq(a, span_of(s));
}

static inline int
span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.s, b.s, n) : 0;

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* How many bytes of `s` to show in a message, for "%.*s". */
#define SPAN_SHOWN 60
static inline int
span_shown(struct span a)
{
	return a.n > SPAN_SHOWN ? SPAN_SHOWN : (int)a.n;
}

#endif
