#include <math.h>

#include "stat/holtwinters.h"

/*
 * A day's hour is seen 30 times in 30 days and a week's only four: the slower
 * the season, the more each look has to count.  The level follows over a week.
 */
static const double level_gain = 0.02, day_gain = 0.15, week_gain = 0.15;
static const double variance_gain = 0.02;

/* Counts vary at least as those of rare events do. */
static double
floor_variance(double forecast)
{
	return fmax(forecast, 0) + 0.25;
}

void
holtwinters_forecast(const struct holtwinters *h, size_t hour, double *value,
    double *deviation)
{
	double n = (double)h->n;

	if (h->n < HW_DAY) {
		*value = h->n > 0 ? h->sum / n : 0;
		*deviation = sqrt(fmax(h->n > 1 ?
		    (h->sum2 - h->sum * h->sum / n) / (n - 1) : 0,
		    floor_variance(*value)));
		return;
	}
	*value = h->level + h->day[hour % HW_DAY] + h->week[hour % HW_WEEK];
	*deviation = sqrt(fmax(h->variance, floor_variance(*value)));
}

void
holtwinters_learn(struct holtwinters *h, size_t hour, double value)
{
	double forecast, deviation, error;

	holtwinters_forecast(h, hour, &forecast, &deviation);
	error = fmax(-4 * deviation, fmin(4 * deviation, value - forecast));
	if (h->n < HW_DAY) {
		h->sum += value;
		h->sum2 += value * value;
		h->level = h->sum / (double)(h->n + 1);
		h->variance = deviation * deviation;
	} else {
		h->level += level_gain * error;
		h->day[hour % HW_DAY] += day_gain * error;
		h->week[hour % HW_WEEK] += week_gain * error;
		h->variance += variance_gain * (error * error - h->variance);
	}
	h->n++;
}
