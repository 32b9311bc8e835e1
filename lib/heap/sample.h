#ifndef RESIN_SAMPLE_H
#define RESIN_SAMPLE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * sample - what a sampling profiler saw, scaled to what was there.
 *
 * jemalloc and tcmalloc take a sample each `rate` bytes on average (a Poisson
 * process on allocated bytes), so an object of s bytes is seen with probability
 * p = 1 - exp(-s / rate).  An object seen stands for 1/p, and the variance of
 * that estimate of n objects seen is n (1 - p) / p^2 objects squared.  A rate
 * of 1 sees everything.
 */
struct sample {
	double bytes, count;
	double var;		/* of bytes */
};

static inline struct sample
sample_unbias(double objs, double bytes, double rate)
{
	double size, p;

	if (rate <= 1 || objs <= 0 || bytes <= 0)
		return (struct sample){ bytes, objs, 0 };
	size = bytes / objs;
	p = -expm1(-size / rate);
	return (struct sample){ bytes / p, objs / p,
	    objs * (1 - p) / (p * p) * size * size };
}

static inline bool
sample_fits(uint64_t v)
{
	return v <= UINT64_C(1) << 53;
}

#endif
