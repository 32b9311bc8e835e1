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

#endif
