#ifndef RESIN_TREND_H
#define RESIN_TREND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * trend - straight lines through a series and tests of them.  y[i] is the value
 * at time i; NaN is missing.  Slopes are per step.
 */
struct trend {
	double slope, level;	/* y = level + slope * i */
	double r2;		/* 0 when y does not vary */
	double t; /* slope / its standard error, errors independent */
	size_t n;		/* values present */
};

/* Least squares.  False if fewer than 3 values are present. */
bool trend_fit(const double *y, size_t n, struct trend *);

/*
 * Mann-Kendall's S, normalised to z with correction for ties, and Sen's slope
 * (the median of all pairwise slopes); O(n^2).  tau = S / (n (n-1) / 2).
 */
struct trend_rank {
	double z, tau, slope;
};
bool trend_rank(const double *y, size_t n, struct trend_rank *);

/* Correlation of y[i] and y[i+1] where both are present, about `mean`. */
double trend_lag1(const double *y, size_t n, double mean);

#endif
