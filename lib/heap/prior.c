#include "heap/prior.h"

#include <math.h>
#include <stdlib.h>

#include "base/vec.h"

#define LEAST 30	/* the median of fewer says little */

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static size_t
bin_of(double level)
{
	int e = level > 1 ? ilogb(level) / 2 : 0;

	return e < PRIOR_BINS ? (size_t)e : PRIOR_BINS - 1;
}

void
prior_learn(struct prior *p, const struct growth *g, size_t n)
{
	VEC(double) bin[PRIOR_BINS] = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		if (g[i].level > 0)
			vec_push(&bin[bin_of(g[i].level)],
			    g[i].sd / g[i].level);
	for (i = 0; i < PRIOR_BINS; i++) {
		p->relative[i] = 0;
		if (bin[i].n >= LEAST) {
			qsort(bin[i].v, bin[i].n, sizeof(double), ascending);
			p->relative[i] = bin[i].v[bin[i].n / 2];
		}
		vec_free(&bin[i]);
	}
}

double
prior_sd(const struct prior *p, double level)
{
	return level > 0 ? p->relative[bin_of(level)] * level : 0;
}
