#ifndef RESIN_ADDRESSES_H
#define RESIN_ADDRESSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * addresses - the distinct addresses of one dump, with dense numbers from 0 in
 * order of first appearance.  All zero is an empty one.
 *
 * The same addresses are written millions of times.  Their digits are read
 * once: after that the text itself, 8 to 16 bytes of it as two words, leads to
 * what became of it.
 */
struct addresses {
	uint64_t *key;		/* key[number] */
	uint32_t *slot;		/* number + 1; 0: free */
	size_t n, cap, mask;
	struct addresses_text *text;	/* NULL: none yet */
	size_t text_n;		/* bytes of the last one */
};

/* Adds it if it is new. */
uint32_t addresses_id(struct addresses *, uint64_t addr);
/* Bytes that were read as an address; `frame` is what the caller made of it. */
void addresses_keep(struct addresses *, struct span text, uint32_t frame);
/*
 * Takes the addresses from the front of a span that were kept and are as long
 * as the last one, with their blanks, and writes their frames; how many.  There
 * are half as many at most as there are bytes.
 */
size_t addresses_take(struct addresses *, struct span *, uint32_t *frame);
void addresses_free(struct addresses *);

#endif
