#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "leak/pattern.h"
#include "stat/robust.h"
#include "stat/trend.h"

/* Table 1's triggers: la, lb, lc, ld. */
static const double STEADY_R2 = 0.8, STAIR_SLOPE = 0.1, STAIR_R2 = 0.1,
    SPIKE_GAIN = 0.5;

/* The paper looks at a week, and at six hours of it for the triggers. */
static const double WEEK = 168, RECENT = 6;	/* hours */
static const double RECENT_SHARE = 0.25;	/* of a shorter leak */

/*
 * The leak is cut into segments of equal length, as many as the noise allows
 * and 48 at most; one is flat when it rises by less than a quarter of what it
 * would if the leak were one straight line.  The paper gives no figures.
 */
static const double FLAT = 0.25;
static const double CLEAR = 4;		/* rise of a segment, in its own sd */
enum { SEGMENTS = 48, SEGMENTS_LEAST = 6 };
/* Of all segments: fewer growing ones than these are a spike, a stair. */
static const double SPIKE_SHARE = 0.1, STAIR_SHARE = 0.6;
enum { SPIKE_FEW = 2 };

const char *
pattern_text(enum pattern_kind k)
{
	static const char *const text[] = { "none", "steady", "stair",
		"spike" };

	return text[k];
}

/*
 * Missing values on the line between their neighbours; false if none is there.
 */
static bool
bridge(double *u, size_t n)
{
	size_t last = n;

	for (size_t i = 0; i < n; i++) {
		if (isnan(u[i]))
			continue;
		for (size_t k = last == n ? 0 : last + 1; k < i; k++)
			u[k] = last == n ? u[i] : u[last] + (u[i] - u[last]) *
			    (double)(k - last) / (double)(i - last);
		last = i;
	}
	for (size_t k = last; k + 1 < n; k++)
		u[k + 1] = u[k];
	return last < n;
}

/* The sd of the noise from window to window: steps are rare among them. */
static double
noise(const double *u, size_t n, double *scratch)
{
	for (size_t i = 1; i < n; i++)
		scratch[i - 1] = u[i] - u[i - 1];
	return robust_spread(scratch, n - 1,
	    robust_median(scratch, n - 1)) / sqrt(2);
}

static size_t
segments(const double *u, size_t n, double *scratch)
{
	double sd = noise(u, n, scratch), gain = u[n - 1] - u[0];
	size_t k = n < SEGMENTS ? n : SEGMENTS;

	for (; k > SEGMENTS_LEAST; k--) {
		size_t each = n / k;

		if (gain / (double)k >= CLEAR * sd / sqrt((double)each))
			break;
	}
	return k;
}

/*
 * Puts the growing segments end to end: y of *m values, the medians as they
 * climb.  Returns their gain.
 */
static double
join_growing(const double *u, size_t n, size_t k, double *y, size_t *m,
    double *scratch)
{
	double last = NAN, at = 0, least = NAN, *level = mem_new(k, sizeof(*y));

	for (size_t i = 0; i < k; i++) {
		size_t from = i * n / k, to = (i + 1) * n / k;

		level[i] = robust_middle(u + from, to - from, scratch);
	}
	least = FLAT * (level[k - 1] - level[0]) / (double)k;
	*m = 0;
	y[(*m)++] = 0;
	last = level[0];
	for (size_t i = 1; i < k; i++) {
		if (least > 0 && level[i] - last > least)
			y[(*m)++] = at += level[i] - last;
		last = level[i];
	}
	free(level);
	return at;
}

static bool
triggered(const double *u, size_t n, double hours, const struct pattern *p)
{
	double span = fmin(RECENT, RECENT_SHARE * (double)n * hours);
	size_t m = (size_t)fmax(3, ceil(span / hours)) + 1;
	struct trend t;

	if (m > n)
		m = n;
	if (!trend_fit(u + n - m, m, &t))
		return false;
	switch (p->kind) {
	case PATTERN_STEADY:
		return t.slope > 0 && t.r2 > STEADY_R2;
	case PATTERN_STAIR:
		return fabs(1 - t.slope / hours / p->slope) < STAIR_SLOPE &&
		    t.r2 < STAIR_R2;
	case PATTERN_SPIKE:
		return (u[n - 1] - u[n - m]) / p->gain > SPIKE_GAIN;
	case PATTERN_NONE:
		break;
	}
	return false;
}

static enum pattern_kind
kind_of(size_t growing, size_t k)
{
	if (growing == 0)
		return PATTERN_NONE;
	if (growing <= SPIKE_FEW || (double)growing < SPIKE_SHARE * (double)k)
		return PATTERN_SPIKE;
	return (double)growing < STAIR_SHARE * (double)k ? PATTERN_STAIR :
	    PATTERN_STEADY;
}

/* u has no missing values. */
static void
classify(const double *u, size_t n, double hours, struct pattern *p)
{
	double *scratch = mem_new(n, sizeof(*scratch));
	double *y = mem_new(n + 1, sizeof(*y));
	size_t k = segments(u, n, scratch), m;
	double segment = hours * (double)n / (double)k;
	struct trend t;

	p->gain = join_growing(u, n, k, y, &m, scratch);
	p->kind = kind_of(m - 1, k);
	if (p->kind != PATTERN_NONE) {
		p->slope = p->gain / ((double)(m - 1) * segment);
		if (trend_fit(y, m, &t))
			p->r2 = t.r2;
		else
			p->r2 = 1;	/* two points are on a line */
		p->complete = triggered(u, n, hours, p);
	}
	free(y);
	free(scratch);
}

void
pattern_find(const double *u, size_t from, size_t n, double width,
    struct pattern *p)
{
	double hours = width / 3600, *v;
	size_t week = (size_t)ceil(WEEK / hours);

	*p = (struct pattern){ 0 };
	if (n - from > week)
		from = n - week;
	if (n - from < 4)
		return;
	v = mem_new(n - from, sizeof(*v));
	for (size_t i = from; i < n; i++)
		v[i - from] = u[i];
	if (bridge(v, n - from))
		classify(v, n - from, hours, p);
	free(v);
}
