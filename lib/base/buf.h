#ifndef RESIN_BUF_H
#define RESIN_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* buf - bytes that grow; all zero is an empty one.  Not NUL-terminated. */
struct buf {
	char *s;
	size_t n, cap;
};

void buf_room(struct buf *, size_t more);
void buf_add(struct buf *, const void *, size_t);
void buf_span(struct buf *, struct span);
void buf_str(struct buf *, const char *);
static inline void buf_char(struct buf *, char);
static inline void buf_short(struct buf *, struct span); /* names, mostly */
void buf_printf(struct buf *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
char *buf_cstr(struct buf *);	/* NUL-terminates in place; still owned by it */
void buf_free(struct buf *);

static inline void
buf_char(struct buf *b, char c)
{
	if (b->n + 1 >= b->cap)
		buf_room(b, 1);
	b->s[b->n++] = c;
}

/* As buf_span(); what has 8 to 32 bytes is copied without a call. */
static inline void
buf_short(struct buf *b, struct span s)
{
	char *to;

	if (s.n < 8 || s.n > 32) {
		buf_span(b, s);
		return;
	}
	if (b->cap - b->n <= s.n)
		buf_room(b, s.n);
	to = b->s + b->n;
	if (s.n > 16) {
		memcpy(to, s.s, 16);
		memcpy(to + s.n - 16, s.s + s.n - 16, 16);
	} else {
		memcpy(to, s.s, 8);
		memcpy(to + s.n - 8, s.s + s.n - 8, 8);
	}
	b->n += s.n;
}

static inline struct span
buf_view(const struct buf *b)
{
	return (struct span){ b->s, b->n };
}

#endif
