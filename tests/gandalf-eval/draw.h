#ifndef GANDALF_EVAL_DRAW_H
#define GANDALF_EVAL_DRAW_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* draw - random numbers that are the same everywhere: splitmix64. */
static uint64_t draw_state;

static inline void
draw_seed(uint64_t seed)
{
	draw_state = seed * 0x2545f4914f6cdd1du;
}

/* In [0, 1). */
static inline double
uniform(void)
{
	uint64_t z = draw_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static inline int
below(int n)
{
	return (int)(uniform() * n);
}

static inline double
between(double a, double b)
{
	return a + (b - a) * uniform();
}

/* Log-uniform. */
static inline double
magnitude(double a, double b)
{
	return exp(between(log(a), log(b)));
}

/* Exponential. */
static inline double
waiting(double mean)
{
	return -mean * log(1 - uniform());
}

static inline bool
chance(double p)
{
	return uniform() < p;
}

#endif
