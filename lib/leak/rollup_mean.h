#ifndef RESIN_ROLLUP_MEAN_H
#define RESIN_ROLLUP_MEAN_H

#include <stddef.h>
#include <stdint.h>

/*
 * rollup_mean - the mean of a process's samples of one window without extreme
 * outliers, in bytes, rounded to the nearest.  RESIN removes them (section 4.2)
 * but does not say how.  Here a sample is one if it is further from the median
 * than both
 *
 *	5 standard deviations, taken as 1.4826 times the median absolute
 *	deviation, beyond which normal noise has one sample in 1.7 million; and
 *	a quarter of the median, because where samples are all but equal the
 *	deviation is near zero and would make an outlier of any page.
 *
 * Half of the samples may be wrong before the median is (the mean and the
 * standard deviation are lost to a single one, which hides itself).  A ramp or
 * a step inside the window removes nothing: it widens the deviation.
 *
 * Sorts the n >= 1 samples; the sum is exact.
 */
uint64_t rollup_mean(uint64_t *sample, size_t n);

#endif
