#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stat/robust.h"
#include "stat/trend.h"

bool
trend_fit(const double *y, size_t n, struct trend *out)
{
	double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, k = 0, rss;

	*out = (struct trend){ 0 };
	for (size_t i = 0; i < n; i++)
		if (!isnan(y[i])) {
			k++;
			sx += (double)i;
			sy += y[i];
		}
	out->n = (size_t)k;
	if (k < 3)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isnan(y[i])) {
			double x = (double)i - sx / k, v = y[i] - sy / k;

			sxx += x * x;
			sxy += x * v;
			syy += v * v;
		}
	out->slope = sxy / sxx;
	out->level = sy / k - out->slope * sx / k;
	rss = fmax(syy - out->slope * sxy, 0);
	out->r2 = syy > 0 ? 1 - rss / syy : 0;
	out->t = rss > 0 ? out->slope / sqrt(rss / (k - 2) / sxx) :
	    out->slope > 0 ? INFINITY : out->slope < 0 ? -INFINITY : 0;
	return true;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* n(n-1)(2n+5) less the same of each group of ties, over 18 (Kendall 1975). */
static double
rank_variance(double *v, size_t n)
{
	double d = (double)n, sum = d * (d - 1) * (2 * d + 5);

	qsort(v, n, sizeof(*v), by_value);
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && v[j] <= v[i]; j++)
			continue;
		d = (double)(j - i);
		sum -= d * (d - 1) * (2 * d + 5);
	}
	return sum / 18;
}

bool
trend_rank(const double *y, size_t n, struct trend_rank *out)
{
	double *v = mem_new(n + 1, sizeof(*v)), *slope, s = 0, var;
	size_t k = robust_present(y, n, v), m = 0;

	*out = (struct trend_rank){ 0 };
	if (k < 3) {
		free(v);
		return false;
	}
	slope = mem_new(k * (k - 1) / 2, sizeof(*slope));
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (!isnan(y[i]) && !isnan(y[j])) {
				s += (y[j] > y[i]) - (y[j] < y[i]);
				slope[m++] = (y[j] - y[i]) / (double)(j - i);
			}
	var = rank_variance(v, k);
	if (var > 0)
		out->z = s > 0 ? (s - 1) / sqrt(var) :
		    s < 0 ? (s + 1) / sqrt(var) : 0;
	out->tau = s / (double)m;
	out->slope = robust_median(slope, m);
	free(slope);
	free(v);
	return true;
}

double
trend_lag1(const double *y, size_t n, double mean)
{
	double c0 = 0, c1 = 0, k0 = 0, k1 = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(y[i]))
			continue;
		c0 += (y[i] - mean) * (y[i] - mean);
		k0++;
		if (i + 1 < n && !isnan(y[i + 1])) {
			c1 += (y[i] - mean) * (y[i + 1] - mean);
			k1++;
		}
	}
	return c0 > 0 && k1 > 0 ? (c1 / k1) / (c0 / k0) : 0;
}
