#ifndef RESIN_FLAME_H
#define RESIN_FLAME_H

#include "base/buf.h"
#include "heap/series.h"

/*
 * flame - a differential flame graph as one SVG: a box for each frame, as wide
 * as the live bytes under it in the last snapshot, red as it grew and blue as
 * it shrank since the first (Gregg 2014).  Needs no script and no network; each
 * box has a title that browsers show.
 */
void flame_svg(const struct series *, struct buf *);

#endif
