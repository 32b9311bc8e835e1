#include <math.h>

#include "gandalf/contrast.h"

/*
 * A minute's rate is never known better than this: samples of all the same
 * value would have no standard error at all.
 */
#define LEAST_DEVIATION 0.005

/* Fewer minutes than this before are no baseline. */
enum { BASELINE = 3 };

void
contrast_add(struct contrast_sum *s, double x, double weight)
{
	double d = x - s->mean;

	s->n++;
	s->mean += d / (double)s->n;
	s->m2 += d * (x - s->mean);
	s->weight += weight;
}

/* Of the mean, squared. */
static double
error2(const struct contrast_sum *s)
{
	double n = (double)s->n, v = n > 1 ? s->m2 / (n - 1) : 0;

	return (v + LEAST_DEVIATION * LEAST_DEVIATION) / n;
}

struct contrast
contrast_of(const struct contrast_sum *a, const struct contrast_sum *b)
{
	struct contrast c = { 0 };
	double e2 = error2(a);

	c.effect = a->mean;
	if (b->n >= BASELINE) {
		c.effect -= b->mean;
		e2 += error2(b);
	}
	c.z = c.effect / sqrt(e2);
	return c;
}

double
contrast_strength(double effect, double z)
{
	double sure = -expm1(-z * z / 2);

	return effect > 0 && z > 0 ? effect * sure * sure * sure : 0;
}
