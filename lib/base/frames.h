#ifndef RESIN_FRAMES_H
#define RESIN_FRAMES_H

#include <stddef.h>

#include "base/span.h"

/*
 * frames - stacks as flame graphs fold them: frames joined by ';', outermost
 * first.
 */

/* The next frame of *rest, which loses it; an empty span at the end. */
struct span frames_next(struct span *rest);
size_t frames_depth(struct span stack);
/*
 * Without the innermost frames that are of a language's library: they tell that
 * a vector grew, and not whose.  All of it, if there is nothing else.
 */
struct span frames_own(struct span stack);

#endif
