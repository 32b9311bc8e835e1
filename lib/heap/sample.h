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
 * p = 1 - exp(-s / rate).  An object seen stands for 1/p, and adds (1 - p) /
 * p^2 objects squared to the variance of the estimate (Horvitz and Thompson). A
 * rate of 1 sees everything.
 *
 * That variance is estimated from what was seen, so a stack seen too rarely has
 * one too small; sample_se() counts one object more than were seen.
 */
struct sample {
	double bytes, count;
	double var;		/* of bytes; 0: exact */
	double unit;		/* what one object adds to it, at most */
};

static inline struct sample
sample_unbias(double objs, double bytes, double rate)
{
	double size, p, unit;

	if (rate <= 1 || objs <= 0 || bytes <= 0)
		return (struct sample){ bytes, objs, 0, 0 };
	size = bytes / objs;
	p = -expm1(-size / rate);
	unit = (1 - p) / (p * p) * size * size;
	return (struct sample){ bytes / p, objs / p, objs * unit, unit };
}

/* The same of numbers that their writer has scaled already. */
static inline struct sample
sample_scaled(double objs, double bytes, double rate)
{
	double p = rate > 1 && objs > 0 && bytes > 0 ?
	    -expm1(-bytes / objs / rate) : 1;
	struct sample v = sample_unbias(objs * p, bytes * p, rate);

	v.bytes = bytes;
	v.count = objs;
	return v;
}

static inline void
sample_add(struct sample *a, const struct sample *b)
{
	a->bytes += b->bytes;
	a->count += b->count;
	a->var += b->var;
	a->unit = a->unit > b->unit ? a->unit : b->unit;
}

static inline double
sample_se(const struct sample *a)
{
	return sqrt(a->var + a->unit);
}

static inline bool
sample_fits(uint64_t v)
{
	return v <= UINT64_C(1) << 53;
}

#endif
