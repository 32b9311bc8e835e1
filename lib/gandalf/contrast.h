#ifndef GANDALF_CONTRAST_H
#define GANDALF_CONTRAST_H

#include <stddef.h>

/*
 * contrast - the difference of the means of two small samples, with its
 * standard error, for samples that may be all alike: minutes of success rates.
 */
struct contrast_sum {
	size_t n;
	double mean, m2;	/* Welford: mean and sum of squared deviations */
	double weight;		/* requests, in all */
};

struct contrast {
	double effect;		/* first minus second */
	double z;		/* effect in standard errors */
};

void contrast_add(struct contrast_sum *, double x, double weight);

/* `second` may be empty, or too small to tell: then it counts as zero. */
struct contrast contrast_of(const struct contrast_sum *first,
    const struct contrast_sum *second);

/*
 * effect * (1 - exp(-z^2/2))^3, 0 unless positive: of one standard error little
 * is left, of two two thirds, of three all.
 */
double contrast_strength(double effect, double z);

#endif
