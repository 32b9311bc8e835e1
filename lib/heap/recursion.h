#ifndef RESIN_RECURSION_H
#define RESIN_RECURSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/vec.h"

/*
 * recursion - which frames are calls of a function by itself, where a frame is
 * a call site, "module+0xoff", and no symbol tells the functions apart.  A
 * parser that calls itself from two places leaks from stacks such as
 *
 *	P L	P X L	P Y L	P X Y L	P Y X L
 *
 * which heap/fold.h cannot make one of.  What follows a call site is in the
 * function that it calls: P calls the one with X, Y and L in it, and X calls
 * the one with L in it, which is its own.  So X is a recursive call wherever
 * P X, P Y and X Y stand next to each other; and without such frames the stacks
 * are all P L.  (A call through a pointer may lead to two functions; then two
 * stacks may wrongly look like one.)
 */
struct recursion {
	VEC(uint64_t) pair;	/* caller << 32 | callee, sorted and distinct */
	VEC(uint32_t) frame;	/* the recursive ones, sorted */
};

/* Adjacent frames, by number and outermost first, of one more stack. */
void recursion_add(struct recursion *, const uint32_t *frame, size_t depth,
    const struct span *name);
/* After the last: finds the frames. */
void recursion_find(struct recursion *);
/* Copies a stack without its recursive frames; returns its depth. */
size_t recursion_strip(const struct recursion *, const uint32_t *frame,
    size_t depth, uint32_t *out);
void recursion_free(struct recursion *);

#endif
