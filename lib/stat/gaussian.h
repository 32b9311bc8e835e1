#ifndef RESIN_GAUSSIAN_H
#define RESIN_GAUSSIAN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * gaussian - a two-class Gaussian discriminant with one covariance for both
 * classes (Fisher 1936): the log odds of `bad` are linear in the features.
 *
 * A ridge of a tenth of each feature's variance, and never none, keeps few or
 * constant examples from making a singular matrix.
 */
enum { GAUSSIAN_MAX = 16 };

struct gaussian {
	size_t dim;
	double mean[2][GAUSSIAN_MAX];	/* of good, of bad */
	double weight[GAUSSIAN_MAX], bias;
};

/*
 * Fits `n` examples of `dim` features each, row by row in x.  NULL, or a
 * reason: both classes need an example.
 */
const char *gaussian_fit(struct gaussian *, const double *x, const bool *bad,
    size_t n, size_t dim);

/* Log odds of bad; positive: more likely bad than good. */
double gaussian_logit(const struct gaussian *, const double *x);

#endif
