#ifndef RESIN_TEXT_H
#define RESIN_TEXT_H

#include "base/buf.h"
#include "heap/rank.h"

/*
 * text - the findings for people: at most a screen of 80 columns, largest
 * first, each with a drawing of its series.  `growth` is the process' own, 0
 * where not known; `top` findings, 0: as many as a screen has room for.
 */
void text_report(const struct series *, const struct ranking *, double growth,
    size_t top, struct buf *);

#endif
