#include "heap/growth.h"

#include <math.h>
#include <stdbool.h>

/*
 * What is left out of the window of growth at its two ends: the least that a
 * drawing would still show as flat.
 */
#define TAIL 0.05

/* A rise of less than this share of an even one is a flat piece of a stair. */
#define FLAT 0.25

/* A class is what most of the growth does: two thirds of it, or a third. */
#define MOST (2.0 / 3)

const char *
growth_name(enum growth_class class)
{
	static const char *const name[] = { "flat", "steady", "stair", "step",
		"saturating", "sawtooth", "spike" };

	return name[class];
}

/* Least squares, and the sums of what goes up and of what goes down. */
static void
fit_line(const struct growth_input *in, struct growth *g)
{
	double mx = 0, my = 0, sxy = 0, d, low, high;
	size_t i;

	low = high = in->bytes[0];
	for (i = 0; i < in->n; i++) {
		mx += in->x[i] / (double)in->n;
		my += in->bytes[i] / (double)in->n;
		low = fmin(low, in->bytes[i]);
		high = fmax(high, in->bytes[i]);
	}
	g->sxx = 0;
	for (i = 0; i < in->n; i++) {
		g->sxx += (in->x[i] - mx) * (in->x[i] - mx);
		sxy += (in->x[i] - mx) * in->bytes[i];
	}
	g->level = my;
	g->gain = g->sxx > 0 ? sxy / g->sxx : 0;
	g->gain = fmax(fmin(g->gain, high - low), low - high);
	g->up = g->down = 0;
	g->nup = 0;
	for (i = 1; i < in->n; i++) {
		d = in->bytes[i] - in->bytes[i - 1];
		g->up += fmax(d, 0);
		g->down += fmax(-d, 0);
		g->nup += d > 0;
	}
}

/* The shortest window that has all but TAIL of the greatest rise. */
static void
find_window(const struct growth_input *in, struct growth *g)
{
	const double *y = in->bytes;
	double low = y[0], rise = 0;
	size_t i, at = 0;

	g->from = g->to = 0;
	for (i = 1; i < in->n; i++) {
		if (y[i] < low) {
			low = y[i];
			at = i;
		} else if (y[i] - low > rise) {
			rise = y[i] - low;
			g->from = at;
			g->to = i;
		}
	}
	low = y[g->from];
	while (g->from + 1 < g->to && y[g->from + 1] - low <= TAIL * rise)
		g->from++;
	while (g->to > g->from + 1 && y[g->to - 1] - low >= (1 - TAIL) * rise)
		g->to--;
}

static double
mean_of(const double *y, size_t from, size_t to)
{
	double sum = 0;
	size_t i;

	for (i = from; i <= to; i++)
		sum += y[i];
	return sum / (double)(to - from + 1);
}

/*
 * sd about flat, rise, flat.  On normal noise of 4 to 10 snapshots the sum of
 * squares is that of n - 2 degrees of freedom, by simulation.
 */
static void
spread(const struct growth_input *in, struct growth *g)
{
	double a = mean_of(in->bytes, 0, g->from), ss = 0, f, e,
	       b = mean_of(in->bytes, g->to, in->n - 1);
	size_t i;

	for (i = 0; i < in->n; i++) {
		f = i <= g->from ? 0 : i >= g->to ? 1 :
		    (in->x[i] - in->x[g->from]) /
		    (in->x[g->to] - in->x[g->from]);
		e = in->bytes[i] - (a + f * (b - a));
		ss += e * e;
	}
	g->df = (double)(in->n - 2);
	/*
	 * Two snapshots say nothing of one stack, but of all of them together.
	 */
	g->sd = in->n > 2 ? sqrt(ss / g->df) :
	    fabs(in->bytes[1] - in->bytes[0]) / M_SQRT2;
}

/*
 * How far a walk with this series' steps would go: n times the long-run
 * variance of the steps about their mean.  Where noise stays about one level a
 * step up is followed by one down, and the covariance takes it away again.
 */
static void
wander(const struct growth_input *in, struct growth *g)
{
	double mean = (in->bytes[in->n - 1] - in->bytes[0]) /
	    (double)(in->n - 1), last = 0, d, sum = 0;
	size_t i;

	for (i = 1; i < in->n; i++) {
		d = in->bytes[i] - in->bytes[i - 1] - mean;
		sum += d * d + 2 * d * last;
		last = d;
	}
	g->wander = fmax(0, sum);
}

/*
 * A stair is not a straight line: where it hardly ever falls, its noise is the
 * residuals of the best series that never falls (pool adjacent violators).
 */
static void
spread_of_stair(const struct growth_input *in, struct growth *g)
{
	const double *y = in->bytes;
	double ss = 0, mean, e;
	size_t i, k, end;

	for (i = 0; i < in->n; i = end) {
		/* The longest run from i with the least mean is one level. */
		double sum = 0, least = INFINITY;

		for (k = i, end = i + 1; k < in->n; k++) {
			sum += y[k];
			mean = sum / (double)(k - i + 1);
			if (mean <= least) {
				least = mean;
				end = k + 1;
			}
		}
		for (k = i; k < end; k++) {
			e = y[k] - least;
			ss += e * e;
		}
	}
	g->sd = g->df > 0 ? sqrt(ss / g->df) : 0;
}

static double
at(const struct growth_input *in, double x)
{
	size_t i = 1;

	while (i + 1 < in->n && in->x[i] < x)
		i++;
	return in->bytes[i - 1] + (in->bytes[i] - in->bytes[i - 1]) *
	    (x - in->x[i - 1]) / (in->x[i] - in->x[i - 1]);
}

/*
 * What levels off does not rise by more again: an interval that is flat is not
 * followed by a rise above it of `least` or more.
 */
static bool
rises_again(const struct growth_input *in, const struct growth *g, double least)
{
	double d, smallest = INFINITY;
	size_t i;

	for (i = g->from + 1; i <= g->to; i++) {
		d = in->bytes[i] - in->bytes[i - 1];
		if (d > fmax(smallest, 0) + least)
			return true;
		smallest = fmin(smallest, d);
	}
	return false;
}

static enum growth_class
classify(const struct growth_input *in, struct growth *g)
{
	const double *y = in->bytes;
	double rise = y[g->to] - y[g->from], most = 0, d, noise,
	       x0 = in->x[g->from], x1 = in->x[g->to], even;
	size_t i, flat = 0;

	if (rise <= 0 || g->gain <= 0)
		return GROWTH_FLAT;
	g->late = 1 - (at(in, (x0 + x1) / 2) - y[g->from]) / rise;
	if (in->n == 2)
		return GROWTH_STEP;
	if (g->down > g->up * (1 - MOST))
		return y[in->n - 1] - y[0] < (1 - MOST) * rise &&
		    g->down <= rise * (2 - MOST) ? GROWTH_SPIKE :
		    GROWTH_SAWTOOTH;
	for (i = g->from + 1; i <= g->to; i++) {
		d = y[i] - y[i - 1];
		even = rise * (in->x[i] - in->x[i - 1]) / (x1 - x0);
		most = fmax(most, d);
		flat += d < FLAT * even;
	}
	if (most >= (1 - TAIL - TAIL) * rise || g->to == g->from + 1)
		return GROWTH_STEP;
	/* Twice the standard error of early less late, were both the same. */
	noise = 2 * sqrt(2 * in->var + g->lumps);
	if (g->late < (1 - MOST) && (1 - 2 * g->late) * rise > noise &&
	    !rises_again(in, g, fmax(1.5 * noise, rise / 8)))
		return GROWTH_SATURATING;
	return flat > 0 ? GROWTH_STAIR : GROWTH_STEADY;
}

/*
 * What would grow by chance: bytes come and go in lumps, an object or, where
 * the profiler samples, all that a sample stands for.  Were each as likely to
 * be a rise as a fall, the gain would be a walk of that many steps.  A table
 * that is allocated anew at each growth is one object throughout: there a lump
 * is no more than a rise.
 */
static void
count_lumps(const struct growth_input *in, struct growth *g)
{
	double size, step;
	size_t i;

	g->objects = 0;
	for (i = 0; i < in->n; i++)
		g->objects += in->count[i] / (double)in->n;
	size = g->objects > 0 ? g->level / g->objects : 0;
	step = g->nup > 0 ? g->up / (double)g->nup : 0;
	g->sampled = g->level > 0 ?
	    in->var / g->level * (g->up + g->down) : 0;
	g->lumps = fmin(size, step) * (g->up + g->down) + g->sampled;
}

void
growth_measure(const struct growth_input *in, struct growth *g)
{
	*g = (struct growth){ 0 };
	fit_line(in, g);
	find_window(in, g);
	spread(in, g);
	count_lumps(in, g);
	wander(in, g);
	g->class = classify(in, g);
	if (g->class == GROWTH_STAIR && g->down <= TAIL * g->up)
		spread_of_stair(in, g);
}
