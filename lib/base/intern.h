#ifndef RESIN_INTERN_H
#define RESIN_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * intern - each distinct byte string once, with a dense number from 0 in order
 * of first appearance.  All zero is an empty one.  Open addressing; the bytes
 * live in chunks that never move, so spans stay good until intern_free().
 */
struct intern {
	struct intern_line *line;	/* at a cache line's start, of memory */
	void *memory;
	size_t mask;		/* lines - 1; a power of two less one */
	struct span *key;	/* key[id] */
	struct intern_cell *cell;	/* of each id */
	size_t n, cap;
	struct intern_chunk *chunk;
	uint64_t seed;
};

#define INTERN_NONE UINT32_MAX

uint32_t intern_id(struct intern *, struct span);	/* adds if new */
uint32_t intern_find(const struct intern *, struct span); /* or INTERN_NONE */

/* ids[i] of key[i] for any number of keys; the table's memory is fetched for
 * many keys at a time, which is what makes a large one fast. */
void intern_ids(struct intern *, const struct span *key, uint32_t *id,
    size_t n);

void intern_free(struct intern *);

#endif
