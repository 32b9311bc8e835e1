#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "leak/rhythm.h"
#include "leak/wave.h"
#include "stat/ramp.h"
#include "stat/robust.h"
#include "stat/season.h"

/* Fewer peers say little of a common rhythm. */
enum { PEERS = 5 };
static const double GROWN = 48;		/* hours; younger ones warm up */

/*
 * A shape that few peers, or one host alone, are taken to have must bring the
 * values closer to what is left: the fitted medians of five days of noise alone
 * take off a tenth.
 */
static const double CLOSER = 0.9, OWN = 0.8;
enum { OWN_DAYS = 5 };

/* The rhythm of the day, if it leaves `closer` of the deviations or less. */
static void
remove_season(struct trial *t, size_t n, const struct grid *d, double closer)
{
	struct season season;
	double none = 0, shape = 0;

	season_init(&season, d->period);
	for (size_t i = 0; i < n; i++)
		season_see(&season, t[i].u, t[i].n, d->phase + t[i].at);
	season_learn(&season);
	for (size_t i = 0; i < n; i++)
		season_weigh(&season, t[i].u, t[i].n, d->phase + t[i].at,
		    &none, &shape);
	for (size_t i = 0; i < n && shape <= closer * none; i++)
		season_remove(&season, t[i].u, t[i].n, d->phase + t[i].at);
	season_free(&season);
}

/*
 * Hosts that keep hours of their own: those of another time zone, or with a job
 * at night.
 */
static void
remove_own_season(struct trial *t, size_t n, const struct grid *d)
{
	if (d->n < OWN_DAYS * d->period)
		return;
	for (size_t from = 0, to; from < n; from = to) {
		to = trial_host_end(t, n, from);
		remove_season(t + from, to - from, d, OWN);
	}
}

static void
divide(const struct trial *t, const double *shape, size_t week, double *out)
{
	for (size_t j = 0; j < t->n; j++)
		out[j] = t->u[j] / exp(shape[(t->at + j) % week]);
}

/*
 * Whether most instances follow a ramp more closely without the shape.  Where
 * most leak it may hold some of the leak, and then they do not.
 */
static bool
is_rhythm(const struct trial *t, size_t n, const double *shape, size_t week)
{
	enum { ASKED = 40 };
	size_t closer = 0, asked = 0;

	for (size_t i = 0; i < n && asked < ASKED; i++) {
		double *without = mem_new(t[i].n + 1, sizeof(*without));
		struct ramp a, b;

		divide(&t[i], shape, week, without);
		if (t[i].n >= week / 2 && ramp_fit(t[i].u, t[i].n, &a) &&
		    ramp_fit(without, t[i].n, &b)) {
			asked++;
			closer += b.sd < CLOSER * a.sd ? 1 : 0;
		}
		free(without);
	}
	return 2 * closer > asked;
}

/*
 * What all instances of a component do at once, from the median of their steps
 * in log usage, is load: the rhythm of a week is learnt from it.  What it rises
 * besides, as one ramp, is left in: most of them may leak.
 */
static void
remove_week(struct trial *t, size_t n, const struct grid *d)
{
	double *common, *step, *shape;
	size_t week = 7 * d->period;
	double hours = trial_hours(t);

	if (n < PEERS || d->period == 0 || d->n < week * 5 / 4)
		return;
	common = mem_new(d->n, sizeof(*common));
	step = mem_new(n, sizeof(*step));
	shape = mem_new(week, sizeof(*shape));
	for (size_t w = 1; w < d->n; w++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++) {
			size_t j = w - t[i].at;

			if (w <= t[i].at || j >= t[i].n ||
			    t[i].context.age + (double)j * hours < GROWN)
				continue;
			step[k] = log(t[i].u[j] / t[i].u[j - 1]);
			k += isfinite(step[k]) ? 1 : 0;
		}
		common[w] = common[w - 1] +
		    (k < PEERS ? 0 : robust_median(step, k));
	}
	season_week(common, d->n, week, d->period / 2, shape);
	if (is_rhythm(t, n, shape, week))
		for (size_t i = 0; i < n; i++)
			divide(&t[i], shape, week, t[i].u);
	free(shape);
	free(step);
	free(common);
}

void
rhythm_remove(const struct growth_limits *limit, struct trial *t,
    size_t n, const struct grid *d)
{
	remove_season(t, n, d, INFINITY);
	remove_own_season(t, n, d);
	remove_week(t, n, d);
	wave_remove(limit, t, n, d);
}
