#ifndef RESIN_HOLTWINTERS_H
#define RESIN_HOLTWINTERS_H

#include <stddef.h>

/*
 * holtwinters - additive exponential smoothing of an hourly series with two
 * seasons, the hours of the day and those of the week (Taylor 2003, without a
 * trend: counts of faults have none that lasts), and how far it is off.
 *
 * Each step forecasts the next value, then learns from it.  The error's
 * deviation is the square root of an exponentially weighted mean of squares;
 * errors beyond 4 deviations are learned from as if they were of 4, so that an
 * outage does not become the new normal at once.
 */
enum { HW_DAY = 24, HW_WEEK = 168 };

struct holtwinters {
	double level, day[HW_DAY], week[HW_WEEK];
	double variance;
	size_t n;		/* values seen */
	double sum, sum2;	/* of the first day */
};

/*
 * The forecast for hour number `hour` (any origin) and its deviation.  Before a
 * day has been seen, the mean and deviation of what there is.
 */
void holtwinters_forecast(const struct holtwinters *, size_t hour,
    double *value, double *deviation);
void holtwinters_learn(struct holtwinters *, size_t hour, double value);

#endif
