#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "leak/wander.h"
#include "stat/robust.h"

static const double BACK = 2 * 86400;	/* seconds */
static const double LEAST = 86400;	/* of less nothing is said */
static const double UP = 0.95, DOWN = 0.8;

/*
 * Takes out noise from window to window, then bursts of less than BURST or an
 * eighth of the series.
 */
void
wander_flatten(const double *u, size_t n, double width, double *rough,
    double *out)
{
	size_t half = (size_t)(WANDER_BURST * 3600 / width / 2);

	if (half > n / 16)
		half = n / 16;
	robust_rolling(u, n, 1, 0.5, rough);
	robust_opening(rough, n, half, out);
}

/*
 * v[i] becomes v[i] less the lowest of the `back` values before it and itself;
 * `queue` (n) holds those that may still become the lowest, in order.
 */
static void
above_low(double *v, size_t n, size_t back, double *low, size_t *queue)
{
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < n; i++) {
		low[i] = NAN;
		if (isnan(v[i]))
			continue;
		while (tail > head && v[queue[tail - 1]] >= v[i])
			tail--;
		queue[tail++] = i;
		while (queue[head] + back < i)
			head++;
		low[i] = v[queue[head]];
	}
	for (size_t i = 0; i < n; i++)
		v[i] -= low[i];
}

/* How far the values are above the low, or below the high, of BACK. */
static double
travel(const double *u, size_t n, double width, double sign, double quantile)
{
	double *smooth = mem_new(n + 1, sizeof(*smooth)), most = NAN;
	double *scratch = mem_new(n + 1, sizeof(*scratch));
	size_t *queue = mem_new(n + 1, sizeof(*queue)), m;

	wander_flatten(u, n, width, scratch, smooth);
	for (size_t i = 0; i < n; i++)
		smooth[i] = smooth[i] > 0 ? sign * log(smooth[i]) : NAN;
	above_low(smooth, n, (size_t)(BACK / width), scratch, queue);
	m = robust_present(smooth, n, scratch);
	if ((double)m * width >= LEAST)
		most = robust_quantile(scratch, m, quantile);
	free(queue);
	free(scratch);
	free(smooth);
	return most;
}

double
wander_up(const double *u, size_t n, double width)
{
	return travel(u, n, width, 1, UP);
}

double
wander_down(const double *u, size_t n, double width)
{
	return travel(u, n, width, -1, DOWN);
}
