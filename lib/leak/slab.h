#ifndef RESIN_SLAB_H
#define RESIN_SLAB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * slab - /proc/slabinfo, format 2: the kernel's memory by kind of object, what
 * pool tags are to RESIN (section 4.2).  Names may hold blanks and parentheses
 * and may occur more than once.
 */
struct slab {
	struct span name;
	uint64_t bytes;		/* active objects x object size */
};

/* The next cache, taken off the front of the text.  Headings are skipped.
 * 1, 0 at the end, -1 where a line is none of the kernel's. */
int slab_next(struct span *text, struct slab *);

#endif
