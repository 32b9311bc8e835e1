#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stat/robust.h"
#include "stat/season.h"

static const double STRENGTH_MAX = 3;
enum { SEEN_MAX = 4096 };	/* of each phase; more adds nothing */

void
season_init(struct season *s, size_t period)
{
	*s = (struct season){ .period = period };
	s->seen = mem_new(period + 1, sizeof(*s->seen));
	s->shape = mem_new(period + 1, sizeof(*s->shape));
}

void
season_free(struct season *s)
{
	for (size_t i = 0; i < s->period; i++)
		vec_free(&s->seen[i]);
	free(s->seen);
	free(s->shape);
	*s = (struct season){ 0 };
}

/* out[i] = v[i] over the mean of the period around i, less 1. */
static void
deviations(const double *v, size_t n, size_t period, double *out)
{
	double sum = 0, count = 0;
	size_t half = period / 2;

	for (size_t i = 0; i < n; i++)
		out[i] = NAN;
	for (size_t i = 0; i < n; i++) {
		if (!isnan(v[i])) {
			sum += v[i];
			count++;
		}
		if (i >= period && !isnan(v[i - period])) {
			sum -= v[i - period];
			count--;
		}
		if (i + 1 < period || count < 0.75 * (double)period ||
		    !(sum > 0))
			continue;
		out[i - half] = v[i - half] / (sum / count) - 1;
	}
}

void
season_see(struct season *s, const double *v, size_t n, size_t phase)
{
	double *dev;

	if (s->period < 2 || n < s->period)
		return;
	dev = mem_new(n, sizeof(*dev));
	deviations(v, n, s->period, dev);
	for (size_t i = 0; i < n; i++) {
		size_t p = (phase + i) % s->period;

		if (!isnan(dev[i]) && s->seen[p].n < SEEN_MAX)
			vec_push(&s->seen[p], dev[i]);
	}
	free(dev);
}

void
season_learn(struct season *s)
{
	double mean = 0;

	for (size_t i = 0; i < s->period; i++)
		if (s->seen[i].n < SEASON_LEAST)
			return;
	for (size_t i = 0; i < s->period; i++) {
		s->shape[i] = robust_median(s->seen[i].v, s->seen[i].n);
		mean += s->shape[i] / (double)s->period;
	}
	for (size_t i = 0; i < s->period; i++)
		s->shape[i] -= mean;
}

static double
strength(const struct season *s, const double *v, size_t n, size_t phase)
{
	double *dev, sum = 0, sq = 0;

	if (n < 2 * s->period)
		return 1;
	dev = mem_new(n, sizeof(*dev));
	deviations(v, n, s->period, dev);
	for (size_t i = 0; i < n; i++) {
		double shape = s->shape[(phase + i) % s->period];

		if (isnan(dev[i]))
			continue;
		sum += shape * dev[i];
		sq += shape * shape;
	}
	free(dev);
	return sq > 0 ? fmax(0, fmin(STRENGTH_MAX, sum / sq)) : 0;
}

void
season_remove(const struct season *s, double *v, size_t n, size_t phase)
{
	double k;

	if (s->period < 2)
		return;
	k = strength(s, v, n, phase);
	for (size_t i = 0; i < n; i++)
		v[i] /= fmax(0.1, 1 + k * s->shape[(phase + i) % s->period]);
}
