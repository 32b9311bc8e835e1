#ifndef RESIN_AXIS_H
#define RESIN_AXIS_H

#include "heap/series.h"

/*
 * axis - where the snapshots stand: by time, from 0 to 1, or evenly where the
 * times cannot be trusted (dumps that were copied have the time of the copy).
 * `x` has room for all.  True: by time.
 */
bool axis_of(const struct series *, double *x);

#endif
