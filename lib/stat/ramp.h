#ifndef RESIN_RAMP_H
#define RESIN_RAMP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * ramp - a series as flat, then a straight rise, then flat:
 *
 *	y[i] = level + gain * min(1, max(0, (i - from) / (to - from)))
 *
 * One family holds the shapes that have to be told apart: a leak that goes on
 * (to is the end), one that ended, a step (to - from is short), a fill to a
 * plateau.  Fitted by least squares over all pairs (from, to) of a grid, then
 * step by step around the best; residuals beyond 3 robust sd are pulled in and
 * the fit repeated, so that bursts do not bend it.  NaN is missing.
 */
struct ramp {
	size_t from, to;	/* from < to < n */
	double level, gain;
	double sd;		/* robust, of the residuals */
	double lag1; /* their autocorrelation at one step, in [0, 1) */
	double r2;		/* variance explained, bursts pulled in */
	/*
	 * gain over its standard error.  The error of a slope over m values
	 * with first-order correlation rho is that of m (1-rho)/(1+rho)
	 * independent ones; never taken as less than 12, because what bends
	 * the residuals also counts as correlation.
	 */
	double z;
	size_t n;		/* values present */
};

/* False if fewer than RAMP_LEAST values are present. */
enum { RAMP_LEAST = 8 };
bool ramp_fit(const double *y, size_t n, struct ramp *);

double ramp_at(const struct ramp *, size_t i);

#endif
