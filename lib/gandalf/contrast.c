#include <math.h>

#include "gandalf/contrast.h"

/*
 * A minute's rate is never known better than this: samples of all the same
 * value would have no standard error at all.
 */
#define LEAST_DEVIATION 0.005

/* Fewer minutes than this before are no baseline. */
enum { BASELINE = 3 };

/* West's weighted form of Welford's update. */
void
contrast_add(struct contrast_sum *s, double x, double weight)
{
	double d = x - s->mean;

	s->n++;
	s->weight += weight;
	s->weight2 += weight * weight;
	s->mean += d * weight / s->weight;
	s->m2 += weight * d * (x - s->mean);
}

/* Of the mean, squared. */
static double
error2(const struct contrast_sum *s)
{
	double n = s->weight * s->weight / s->weight2;	/* Kish's */
	double v = n > 1 ? s->m2 / s->weight * n / (n - 1) : 0;

	return (v + LEAST_DEVIATION * LEAST_DEVIATION) / n;
}

struct contrast
contrast_of(const struct contrast_sum *a, const struct contrast_sum *b)
{
	struct contrast c = { 0 };
	double e2;

	if (a->n == 0)
		return c;
	c.effect = a->mean;
	e2 = error2(a);
	if (b->n >= BASELINE) {
		c.effect -= b->mean;
		e2 += error2(b);
	}
	/* One minute alone may be a restart's: it is no surer than that. */
	if (a->n == 1)
		e2 += c.effect * c.effect;
	c.error = sqrt(e2);
	/* What rounding leaves of equal means is nothing. */
	if (fabs(c.effect) < 1e-12)
		c.effect = 0;
	return c;
}

struct contrast
contrast_less(struct contrast a, struct contrast b)
{
	if (!(b.effect > 0) || !(b.error > 0) || !(a.error > 0))
		return a;
	return (struct contrast){ a.effect - b.effect,
		hypot(a.error, b.error) };
}

double
contrast_z(struct contrast c)
{
	return c.error > 0 ? c.effect / c.error : 0;
}

double
contrast_sure(struct contrast c)
{
	double z = contrast_z(c);

	return z > 0 ? 1 / (1 + CONTRAST_PRIOR * exp(-z * z / 2)) : 0;
}

double
contrast_strength(struct contrast c)
{
	return c.effect > 0 ? sqrt(c.effect) * contrast_sure(c) : 0;
}

struct contrast
contrast_stronger(struct contrast a, struct contrast b)
{
	return a.error == 0 || contrast_strength(b) > contrast_strength(a) ?
	    b : a;
}
