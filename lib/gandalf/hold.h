#ifndef GANDALF_HOLD_H
#define GANDALF_HOLD_H

#include "base/buf.h"
#include "base/vec.h"

/*
 * hold - values put by until all rows have been read, then taken out again in
 * the same order.  All zero is an empty one.
 */
struct hold {
	struct buf text;
	VEC(size_t) end;	/* of each value, in `text` */
	size_t taken;
};

void hold_put(struct hold *, struct span);

/* The next value, good until hold_free(); there must be one. */
struct span hold_take(struct hold *);
void hold_free(struct hold *);

#endif
