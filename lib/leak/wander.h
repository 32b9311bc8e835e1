#ifndef RESIN_WANDER_H
#define RESIN_WANDER_H

#include <stddef.h>

/*
 * wander - how far a series of sizes moves by itself.  Values are one a window
 * of `width` seconds; NaN is missing.
 */

/*
 * Takes out noise from window to window (`rough`), then bursts of less than
 * WANDER_BURST hours or an eighth of the series (`out`).
 */
#define WANDER_BURST 9.0
void wander_flatten(const double *u, size_t n, double width, double *rough,
    double *out);

/*
 * As natural logarithms, of the flattened series; NaN of less than a day.  How
 * far it climbs above its low of two days: the 95th percentile.  How far it is
 * below its high of two days for a fifth of the time: what it gives back.
 */
double wander_up(const double *u, size_t n, double width);
double wander_down(const double *u, size_t n, double width);

#endif
