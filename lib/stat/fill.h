#ifndef RESIN_FILL_H
#define RESIN_FILL_H

#include <stddef.h>

/*
 * fill - how well a level that fills up, and grows slowly besides, follows a
 * series: what a process does after its start.
 *
 *	y[i] = a + b * s((origin + i) / tau) + c * i,	b >= 0, 0 <= c <= slow
 *
 * s is 1 - exp(-x), a cache under uniform load; 1 - 1 / (1 + x)^2, one whose
 * popular entries come first; or log(1 + x), fragmentation.  tau is searched
 * over a grid from `shortest` to `longest` windows.  What it was at the start,
 * a + b * s(0), is at least `floor` of what it is at the end.
 */
struct fill {
	double origin;		/* age at y[0], windows */
	double slow;		/* windows, the unit of y */
	double floor;		/* in [0, 1] */
	double shortest, longest;
};

/*
 * The least sum of squared residuals; NaN is missing.  INFINITY if fewer than
 * four values are present.
 */
double fill_rss(const double *y, size_t n, const struct fill *);

#endif
