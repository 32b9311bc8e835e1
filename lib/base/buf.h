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
void buf_char(struct buf *, char);
void buf_printf(struct buf *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
char *buf_cstr(struct buf *);	/* NUL-terminates in place; still owned by it */
void buf_free(struct buf *);

static inline struct span
buf_view(const struct buf *b)
{
	return (struct span){ b->s, b->n };
}

#endif
