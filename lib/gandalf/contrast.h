#ifndef GANDALF_CONTRAST_H
#define GANDALF_CONTRAST_H

#include <stddef.h>

/*
 * contrast - the difference of the means of two small samples, with its
 * standard error, for samples that may be all alike: minutes of success rates.
 */
struct contrast_sum {
	size_t n;
	double weight, weight2;	/* sums of weights and of their squares */
	double mean, m2;	/* weighted mean; sum of squared deviations */
};

struct contrast {
	double effect;		/* first minus second */
	double error;		/* standard error of it; 0: nothing known */
};

void contrast_add(struct contrast_sum *, double x, double weight);

/*
 * `first` empty: nothing known.  `second` may be empty, or too small to tell:
 * then it counts as zero.
 */
struct contrast contrast_of(const struct contrast_sum *first,
    const struct contrast_sum *second);

/* a minus b, which is nothing unless it is positive and known. */
struct contrast contrast_less(struct contrast a, struct contrast b);

/* Effect in standard errors; 0: nothing known. */
double contrast_z(struct contrast);

/*
 * The probability that there is an effect at all, if beforehand it was one in
 * CONTRAST_PRIOR, by the odds exp(z^2/2) that the best effect has over none.
 * 0 unless the effect is positive.
 */
enum { CONTRAST_PRIOR = 20 };
double contrast_sure(struct contrast);

/*
 * What an effect counts for: its root times contrast_sure().  Effects are of
 * all orders of magnitude, and a small one that is sure is more than a large
 * one that is not.
 */
double contrast_strength(struct contrast);

/* Replaces nothing by anything, and what is there by what is stronger. */
struct contrast contrast_stronger(struct contrast a, struct contrast b);

#endif
