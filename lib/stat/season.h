#ifndef RESIN_SEASON_H
#define RESIN_SEASON_H

#include <stddef.h>

#include "base/vec.h"

/*
 * season - the rhythm of a day, learnt from one series or from many that share
 * it, and taken out of each with its own strength.
 *
 * A value's deviation is its ratio to the mean of the period around it, less 1:
 * a trend does not enter it.  The shape is the median of the deviations of each
 * phase.  NaN is missing.
 */
struct season {
	size_t period;			/* values; 0: none */
	VEC(double) *seen;		/* deviations of each phase */
	double *shape;
};

void season_init(struct season *, size_t period);
void season_free(struct season *);

/* v[0] has phase `phase`. */
void season_see(struct season *, const double *v, size_t n, size_t phase);

/* Call once all is seen.  Without SEASON_LEAST values of each phase: flat. */
enum { SEASON_LEAST = 3 };
void season_learn(struct season *);

/*
 * Divides the rhythm out of v: by 1 + strength * shape, the strength fitted to
 * v and drawn to 1 as one more period would, so that a short v has about 1.
 */
void season_remove(const struct season *, double *v, size_t n, size_t phase);

/*
 * Adds up how far v's deviations are from none and from the shape: sums of
 * absolute values.  A shape that halves them is there.
 */
void season_weigh(const struct season *, const double *v, size_t n,
    size_t phase, double *from_none, double *from_shape);

/*
 * The shape of a long period in v, values from v[0] on and 1.25 periods at
 * least: what v has besides one ramp (stat/ramp.h) in every period, smoothed
 * over `smooth` values to either side.  The two are fitted in turns.
 */
void season_week(const double *v, size_t n, size_t period, size_t smooth,
    double *shape);

#endif
