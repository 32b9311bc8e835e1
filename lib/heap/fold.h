#ifndef RESIN_FOLD_H
#define RESIN_FOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * fold - one cause, one stack.  Two things make many stacks of one: the frames
 * of the allocator itself, and recursion, which gives a stack for each depth.
 */
enum fold_kind {
	FOLD_CODE,		/* the program's */
	FOLD_ALLOCATOR,		/* malloc and what is below it */
};

/* By the function's name, or by the module in "libjemalloc.so.2+0x45e". */
enum fold_kind fold_kind(struct span frame);

/*
 * Folds repeats of up to FOLD_PERIOD frames in place, outermost first:
 * A B B B C is A B C, and A B C B C D is A B C D, so that one leak under
 * recursion is one stack and not one for each depth.  What two call sites of
 * one recursive function leave is at most six stacks, for there are no more
 * words without a square over two letters.  Returns the new depth.
 */
#define FOLD_PERIOD 16
size_t fold_recursion(uint32_t *frame, size_t depth);

#endif
