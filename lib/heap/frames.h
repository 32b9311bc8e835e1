#ifndef RESIN_FRAMES_H
#define RESIN_FRAMES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * frames - stacks as flame graphs fold them: frames joined by ';', outermost
 * first.
 */

/* The next frame of *rest, which loses it; an empty span at the end. */
struct span frames_next(struct span *rest);
size_t frames_depth(struct span stack);

/* How many bytes of `a` are the frames that it begins with in common with b. */
size_t frames_common(struct span a, struct span b);

/*
 * Order by frames: a stack before what it calls, and all that begins with the
 * same frames together, which plain bytes do not give where a name has a byte
 * below ';' in it.
 */
int frames_compare(struct span a, struct span b);

/*
 * `stack` with recursion collapsed, appended to `out`: a block of up to 16
 * frames that follows itself is kept once (f;f -> f, f;g;f;g -> f;g), so that
 * one leak under recursion is one stack and not one for each depth.  What two
 * call sites of one recursive function leave is at most six stacks, for there
 * are no more words without a square over two letters.
 */
void frames_collapse(struct span stack, struct buf *out);

#endif
