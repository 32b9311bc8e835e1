#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/when.h"
#include "gandalf/score.h"
#include "stat/binomial.h"

const struct score_rule score_batch = {
	.nwindow = 4,
	.window = { WHEN_HOUR, 24 * WHEN_HOUR, 72 * WHEN_HOUR, SCORE_NEXT },
	.weight = { 1, 1, 1, 1 },
	.veto = 72 * WHEN_HOUR,
};

const struct score_rule score_speed = {
	.nwindow = 3,
	.window = { 600 * WHEN_SECOND, 1200 * WHEN_SECOND, WHEN_HOUR },
	.weight = { 1, 1, 1 },
	.veto = WHEN_HOUR,
};

double
score_temporal(const struct score_rule *r, const double votes[], double veto)
{
	double sum = 0, unit = r->log_base > 0 ? log(r->log_base) : 1;

	for (size_t i = 0; i < r->nwindow; i++)
		if (votes[i] > veto)
			sum += r->weight[i] *
			    (log((votes[i] - veto + 1) / (veto + 1)) / unit);
	return sum;
}

double
score_spatial(double hit, double seen)
{
	if (!(seen > 0))
		return 0;
	return hit < seen ? hit / seen : 1;
}

double
score_decay(const struct score_rule *r, int64_t age)
{
	double t = 1 + (age > 0 ? (double)age / (double)r->unit : 0);
	double end = exp(-r->span);

	if (t > r->span)
		t = r->span;
	return (exp(-t) - end) / (exp(-1) - end) * r->b + r->a;
}

/*
 * No fault's time is known better than to the hour, in minutes squared: many a
 * source looks but once an hour, and what all nodes have in common by that is
 * not that something hit them at once.
 */
#define TIME_GRAIN2 (60.0 * 60 / 12)

double
score_follow(const double s[6], double *error)
{
	double n = s[0], xx, xy, yy, slope, rest;

	*error = NAN;
	if (n < 5)
		return NAN;
	xx = s[3] - s[1] * s[1] / n;
	xy = s[4] - s[1] * s[2] / n;
	yy = s[5] - s[2] * s[2] / n;
	/* A minute is the grain of the sums. */
	if (xx < n)
		return NAN;
	slope = xy / xx;
	rest = fmax(yy - slope * xy, n * TIME_GRAIN2) / (n - 2);
	*error = sqrt(rest / xx);
	return slope;
}

double
score_age_spread(const double s[6])
{
	double n = s[0], mean = (s[2] - s[1]) / n;

	if (n < 5)
		return NAN;
	return sqrt(fmax((s[5] - 2 * s[4] + s[3]) / n - mean * mean, 0)) / 60;
}

double
score_burst(const double s[6])
{
	double n = s[0], age = (s[2] - s[1]) / n;

	if (n < 3)
		return NAN;
	/* A minute is the grain of the sums. */
	return sqrt(fmax((s[5] - s[2] * s[2] / n) / (n - 1), 1)) /
	    fmax(age, 1);
}

/* The least over the windows of so many after the deployment by chance. */
static double
chance_in_time(const struct score_rule *r, const double votes[], double veto)
{
	double least = 1, sum = 0;

	for (size_t i = 0; i < r->nwindow; i++) {
		double share, p;

		sum = r->segments ? sum + votes[i] : votes[i];
		if (r->window[i] == SCORE_NEXT)
			continue;
		share = (double)r->window[i] /
		    ((double)r->window[i] + (double)r->veto);
		p = (double)r->nwindow * binomial_tail(sum, sum + veto, share);
		least = fmin(least, p);
	}
	return least;
}

/* Beyond this share of the fleet the rest is too small to compare with. */
#define MOST_OF_FLEET 0.9

double
score_chance(const struct score_rule *r, const double votes[], double veto,
    double hit, double seen, double deployed, double fleet)
{
	double time = chance_in_time(r, votes, veto), q;

	if (!(deployed < MOST_OF_FLEET * fleet))
		return time;
	q = time * binomial_tail(fmin(hit, seen), seen, deployed / fleet);
	return q > 0 ? q * (1 - log(q)) : 0;
}

int64_t
score_reach(const struct score_rule *r)
{
	int64_t most = 0;

	for (size_t i = 0; i < r->nwindow; i++)
		if (r->window[i] != SCORE_NEXT && r->window[i] > most)
			most = r->window[i];
	return most;
}

void
score_window_name(char out[24], int64_t w)
{
	static const struct {
		int64_t unit;
		const char *name;
	} units[] = { { WHEN_HOUR, "h" }, { 60 * WHEN_SECOND, "m" },
	    { WHEN_SECOND, "s" }, { 1, "ns" } };
	size_t i = 0;

	if (w == SCORE_NEXT) {
		snprintf(out, 24, "next");
		return;
	}
	while (w % units[i].unit != 0)
		i++;
	snprintf(out, 24, "%" PRId64 "%s", w / units[i].unit, units[i].name);
}
