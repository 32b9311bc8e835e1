#ifndef RESIN_FLEET_DRAW_H
#define RESIN_FLEET_DRAW_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * draw - random numbers that are the same everywhere: splitmix64 (Steele, Lea
 * and Flood, OOPSLA 2014).  The state is one word; any value begins a stream.
 */
static inline uint64_t
draw_bits(uint64_t *s)
{
	uint64_t z = (*s += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline double
draw_uniform(uint64_t *s, double low, double high)
{
	return low + (high - low) * (double)(draw_bits(s) >> 11) * 0x1p-53;
}

static inline double
draw_log_uniform(uint64_t *s, double low, double high)
{
	return exp(draw_uniform(s, log(low), log(high)));
}

static inline bool
draw_chance(uint64_t *s, double p)
{
	return draw_uniform(s, 0, 1) < p;
}

/* Mean 0, standard deviation 1 (Box and Muller 1958). */
static inline double
draw_gauss(uint64_t *s)
{
	double u = draw_uniform(s, 1e-12, 1), v = draw_uniform(s, 0, 1);

	return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

#endif
