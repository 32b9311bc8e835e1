#include "heap/prior.h"

#include <math.h>
#include <stdlib.h>

#include "base/vec.h"

#define LEAST 30	/* the median of fewer says little */
#define DF_LEAST 4.0	/* beside a stack's own; also where nothing is known */
#define DF_MOST 100.0

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static size_t
bin_of(const struct growth *g)
{
	/* Where objects are not counted, bytes have to do. */
	double v = g->objects > 0 ? g->objects : g->level;
	int e = v > 1 ? ilogb(v) / 2 : 0;

	return e < PRIOR_BINS ? (size_t)e : PRIOR_BINS - 1;
}

static double
trigamma(double x)
{
	double sum = 0;

	for (; x < 6; x++)
		sum += 1 / (x * x);
	x = 1 / x;
	return sum + x * (1 + x * (0.5 + x * (1.0 / 6 - x * x / 30)));
}

/* x so that trigamma(x) = y, which falls from infinity to 0. */
static double
trigamma_inverse(double y)
{
	double low = 1e-3, high = 1e3, mid;
	int i;

	for (i = 0; i < 60; i++) {
		mid = sqrt(low * high);
		if (trigamma(mid) > y)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/*
 * Of log variances: their spread is that of a chi square of `own` degrees of
 * freedom, trigamma(own/2), and what the stacks differ by, trigamma(df/2).
 */
static struct prior_bin
learn(double *log_var, size_t n, double own)
{
	struct prior_bin bin;
	double median, mad, excess;
	size_t i;

	qsort(log_var, n, sizeof(*log_var), ascending);
	median = log_var[n / 2];
	for (i = 0; i < n; i++)
		log_var[i] = fabs(log_var[i] - median);
	qsort(log_var, n, sizeof(*log_var), ascending);
	mad = 1.4826 * log_var[n / 2];
	excess = mad * mad - trigamma(own / 2);
	bin.df = excess > 0 ? 2 * trigamma_inverse(excess) : DF_MOST;
	bin.df = fmax(DF_LEAST, fmin(DF_MOST, bin.df));
	/* Wilson and Hilferty's median of chi square / df. */
	bin.relative = sqrt(exp(median) / pow(1 - 2 / (9 * own), 3));
	return bin;
}

void
prior_learn(struct prior *p, const struct growth *g, size_t n)
{
	VEC(double) all[PRIOR_BINS] = { 0 };
	size_t seen[PRIOR_BINS] = { 0 }, i, b;
	double r;

	for (i = 0; i < n; i++) {
		if (g[i].level <= 0)
			continue;
		b = bin_of(&g[i]);
		seen[b]++;
		r = g[i].sd / g[i].level;
		/*
		 * Beyond rounding: a straight line has no noise to learn from.
		 */
		if (r > 1e-9)
			vec_push(&all[b], 2 * log(r));
	}
	for (b = 0; b < PRIOR_BINS; b++) {
		p->bin[b] = (struct prior_bin){ 0, DF_LEAST };
		if (all[b].n >= LEAST && 2 * all[b].n > seen[b])
			p->bin[b] = learn(all[b].v, all[b].n,
			    fmax(g[0].df, 1));
		vec_free(&all[b]);
	}
}

double
prior_moderate(const struct prior *p, const struct growth *g, double *df)
{
	const struct prior_bin *b = &p->bin[bin_of(g)];
	double sd = b->relative * g->level;

	*df = g->df + b->df;
	return (g->df * g->sd * g->sd + b->df * sd * sd) / *df;
}
