#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stat/robust.h"

static void
swap(double *a, double *b)
{
	double t = *a;

	*a = *b;
	*b = t;
}

/* Median of three to v[low], so that sorted input is not the worst case. */
static double
pivot(double *v, size_t low, size_t high)
{
	size_t mid = low + (high - low) / 2;

	if (v[mid] < v[low])
		swap(&v[mid], &v[low]);
	if (v[high] < v[low])
		swap(&v[high], &v[low]);
	if (v[high] < v[mid])
		swap(&v[high], &v[mid]);
	return v[mid];
}

double
robust_select(double *v, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;

	while (low < high) {
		double p = pivot(v, low, high);
		size_t i = low, j = high;

		for (;;) {
			while (v[i] < p)
				i++;
			while (v[j] > p)
				j--;
			if (i >= j)
				break;
			swap(&v[i++], &v[j--]);
		}
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
	return v[k];
}

double
robust_quantile(double *v, size_t n, double q)
{
	double at, a, b;
	size_t k;

	if (n == 0)
		return NAN;
	at = q * (double)(n - 1);
	k = (size_t)at;
	a = robust_select(v, n, k);
	if (k + 1 >= n || at <= (double)k)
		return a;
	b = v[k + 1];
	for (size_t i = k + 2; i < n; i++)	/* select left them all >= a */
		b = fmin(b, v[i]);
	return a + (at - (double)k) * (b - a);
}

double
robust_median(double *v, size_t n)
{
	return robust_quantile(v, n, 0.5);
}

double
robust_spread(double *v, size_t n, double centre)
{
	for (size_t i = 0; i < n; i++)
		v[i] = fabs(v[i] - centre);
	return 1.4826 * robust_median(v, n);
}

size_t
robust_present(const double *v, size_t n, double *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			out[k++] = v[i];
	return k;
}

double
robust_middle(const double *v, size_t n, double *scratch)
{
	return robust_median(scratch, robust_present(v, n, scratch));
}

void
robust_rolling(const double *v, size_t n, size_t half, double q, double *out)
{
	double near[2 * ROBUST_HALF + 1];

	if (half > ROBUST_HALF)
		half = ROBUST_HALF;
	for (size_t i = 0; i < n; i++) {
		size_t from = i > half ? i - half : 0;
		size_t to = n - i > half ? i + half + 1 : n;

		out[i] = isnan(v[i]) ? NAN :
		    robust_quantile(near,
			robust_present(v + from, to - from, near), q);
	}
}

static void
extremes(const double *v, size_t n, size_t half, bool low, double *out)
{
	for (size_t i = 0; i < n; i++) {
		size_t from = i > half ? i - half : 0;
		size_t to = n - i > half ? i + half + 1 : n;

		out[i] = v[i];
		for (size_t k = from; !isnan(v[i]) && k < to; k++)
			out[i] = low ? fmin(out[i], v[k]) : fmax(out[i], v[k]);
	}
}

void
robust_opening(const double *v, size_t n, size_t half, double *out)
{
	double *low = mem_new(n + 1, sizeof(*low));

	extremes(v, n, half, true, low);
	extremes(low, n, half, false, out);
	free(low);
}
