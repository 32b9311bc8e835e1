#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stat/ramp.h"
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
	double *dev = mem_new(n, sizeof(*dev)), sum = 0, sq = 0, prior = 0;

	for (size_t i = 0; i < s->period; i++)
		prior += s->shape[i] * s->shape[i];
	deviations(v, n, s->period, dev);
	for (size_t i = 0; i < n; i++) {
		double shape = s->shape[(phase + i) % s->period];

		if (isnan(dev[i]))
			continue;
		sum += shape * dev[i];
		sq += shape * shape;
	}
	free(dev);
	if (!(prior > 0))
		return 0;
	return fmax(0, fmin(STRENGTH_MAX, (sum + prior) / (sq + prior)));
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

void
season_weigh(const struct season *s, const double *v, size_t n, size_t phase,
    double *from_none, double *from_shape)
{
	double *dev;

	if (s->period < 2 || n < s->period)
		return;
	dev = mem_new(n, sizeof(*dev));
	deviations(v, n, s->period, dev);
	for (size_t i = 0; i < n; i++) {
		if (isnan(dev[i]))
			continue;
		*from_none += fabs(dev[i]);
		*from_shape += fabs(dev[i] -
		    s->shape[(phase + i) % s->period]);
	}
	free(dev);
}

/*
 * shape[i] = what is left at phase i in every period: the median of its values
 * and of nothing, so that what happened once, or two ways, is no rhythm.
 */
static void
mean_shape(const double *left, size_t n, size_t period, size_t smooth,
    double *shape)
{
	double *rough = mem_new(period, sizeof(*rough)), mean = 0;
	double *value = mem_new(n / period + 2, sizeof(*value));

	for (size_t i = 0; i < period; i++) {
		size_t k = 0;

		value[k++] = 0;
		for (size_t j = i; j < n; j += period)
			value[k++] = left[j];
		rough[i] = k > 2 ? robust_median(value, k) : 0;
	}
	for (size_t i = 0; i < period; i++) {
		shape[i] = 0;
		for (size_t k = 0; k <= 2 * smooth; k++)
			shape[i] += rough[(i + k + period - smooth) % period] /
			    (double)(2 * smooth + 1);
		mean += shape[i] / (double)period;
	}
	for (size_t i = 0; i < period; i++)
		shape[i] -= mean;
	free(value);
	free(rough);
}

void
season_week(const double *v, size_t n, size_t period, size_t smooth,
    double *shape)
{
	enum { TURNS = 4 };
	double *left = mem_new(n, sizeof(*left));
	struct ramp trend;

	for (size_t i = 0; i < period; i++)
		shape[i] = 0;
	for (int turn = 0; turn < TURNS; turn++) {
		for (size_t i = 0; i < n; i++)
			left[i] = v[i] - shape[i % period];
		if (!ramp_fit(left, n, &trend))
			break;
		for (size_t i = 0; i < n; i++)
			left[i] = v[i] - ramp_at(&trend, i);
		mean_shape(left, n, period, smooth, shape);
	}
	free(left);
}
