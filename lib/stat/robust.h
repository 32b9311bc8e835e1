#ifndef RESIN_ROBUST_H
#define RESIN_ROBUST_H

#include <stddef.h>

/*
 * robust - location and spread that a few wild values do not move.  Arrays of
 * doubles; NaN is a missing value wherever the name says "present".  Functions
 * that take a non-const array reorder it.  Of no values the answer is NaN.
 */

/* The k-th smallest, 0-based, by quickselect; k < n. */
double robust_select(double *v, size_t n, size_t k);

/* Linear interpolation between order statistics (Hyndman-Fan type 7). */
double robust_quantile(double *v, size_t n, double q);
double robust_median(double *v, size_t n);

/*
 * 1.4826 * median |v - centre|: the standard deviation of a normal sample
 * (Rousseeuw and Croux 1993).
 */
double robust_spread(double *v, size_t n, double centre);

/* Copies the present values of v to out; returns how many. */
size_t robust_present(const double *v, size_t n, double *out);

/* Median of the present values of v; scratch has room for n. */
double robust_middle(const double *v, size_t n, double *scratch);

/*
 * out[i] = the q-quantile of the present values of v[i - half .. i + half], cut
 * at the ends; missing stays missing.  half <= ROBUST_HALF.
 */
#define ROBUST_HALF 64
void robust_rolling(const double *v, size_t n, size_t half, double q,
    double *out);

/*
 * Opening by a flat window of 2 * half + 1 (Serra 1982): out is the highest
 * curve below v that no bump narrower than the window rises above; ramps, steps
 * and falls stay.  Missing values stay missing.
 */
void robust_opening(const double *v, size_t n, size_t half, double *out);

#endif
