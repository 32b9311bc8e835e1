#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stat/ramp.h"
#include "stat/robust.h"
#include "stat/trend.h"

enum { GRID = 40, PASSES = 2 };
static const double CLIP = 3;		/* robust sd */
static const double LAG1_MAX = 0.95;	/* beyond, m is too small to tell */
static const double LEAST_EFFECTIVE = 12;

/* Sums over the present values before i, so that a fit costs O(1). */
struct sums {
	double n, x, xx, y, xy, yy;
};

double
ramp_at(const struct ramp *r, size_t i)
{
	if (i <= r->from)
		return r->level;
	if (i >= r->to)
		return r->level + r->gain;
	return r->level + r->gain * (double)(i - r->from) /
	    (double)(r->to - r->from);
}

static void
sum_up(const double *y, size_t n, struct sums *s)
{
	s[0] = (struct sums){ 0 };
	for (size_t i = 0; i < n; i++) {
		double x = (double)i;

		s[i + 1] = s[i];
		if (isnan(y[i]))
			continue;
		s[i + 1].n += 1;
		s[i + 1].x += x;
		s[i + 1].xx += x * x;
		s[i + 1].y += y[i];
		s[i + 1].xy += x * y[i];
		s[i + 1].yy += y[i] * y[i];
	}
}

/*
 * What a level and a gain explain at best of the sum of squares, times the
 * number of values, for a rise in (from, to).  The search spends its time here:
 * two divisions.
 */
static double
explained(const struct sums *s, size_t n, size_t from, size_t to, double *sr,
    double *gain)
{
	const struct sums *a = &s[from + 1], *b = &s[to], *e = &s[n];
	double w = 1 / (double)(to - from), p = (double)from;
	double k = b->n - a->n, x = b->x - a->x, xx = b->xx - a->xx;
	double high = e->n - b->n, srr, sry, det, cross;

	*sr = (x - p * k) * w + high;
	srr = (xx - 2 * p * x + p * p * k) * (w * w) + high;
	sry = (b->xy - a->xy - p * (b->y - a->y)) * w + e->y - b->y;
	det = e->n * srr - *sr * *sr;
	cross = e->n * sry - *sr * e->y;
	*gain = det > 1e-9 * e->n ? cross / det : 0;
	return *gain * cross;
}

static void
try(const struct sums *s, size_t n, size_t from, size_t to, struct ramp *best,
    double *most)
{
	double sr, gain, got = explained(s, n, from, to, &sr, &gain);

	if (got > *most) {
		*most = got;
		best->from = from;
		best->to = to;
		best->level = (s[n].y - gain * sr) / s[n].n;
		best->gain = gain;
	}
}

static void
search(const struct sums *s, size_t n, struct ramp *best)
{
	size_t step = n / GRID + 1;
	double most = -INFINITY;

	for (size_t from = 0; from + 1 < n; from += step) {
		for (size_t to = from + 1; to < n - 1; to += step)
			try(s, n, from, to, best, &most);
		try(s, n, from, n - 1, best, &most);
	}
	for (; step > 0; step /= 2) {
		struct ramp was = *best;

		for (int i = -1; i <= 1; i++)
			for (int j = -1; j <= 1; j++) {
				size_t from = was.from + (size_t)i * step;
				size_t to = was.to + (size_t)j * step;

				if (from < to && to < n)
					try(s, n, from, to, best, &most);
			}
	}
}

static void
clip(const double *y, size_t n, const struct ramp *r, double sd, double *out)
{
	for (size_t i = 0; i < n; i++) {
		double fit = ramp_at(r, i), e = y[i] - fit;

		out[i] = isnan(e) ? NAN :
		    fit + fmax(-CLIP * sd, fmin(CLIP * sd, e));
	}
}

static double
residual_sd(const double *y, size_t n, const struct ramp *r, double *scratch)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(y[i]))
			scratch[k++] = y[i] - ramp_at(r, i);
	return robust_spread(scratch, k, 0);
}

static void
measure(const double *y, const double *clipped, size_t n, double total,
    struct ramp *r, double *scratch)
{
	double m = 0, rss = 0, error;

	for (size_t i = 0; i < n; i++) {
		scratch[i] = clipped[i] - ramp_at(r, i);
		m += !isnan(y[i]) && i >= r->from && i <= r->to;
		rss += isnan(scratch[i]) ? 0 : scratch[i] * scratch[i];
	}
	r->lag1 = fmax(0, fmin(LAG1_MAX, trend_lag1(scratch, n, 0)));
	r->sd = residual_sd(y, n, r, scratch);
	r->r2 = total > 0 ? fmax(0, 1 - rss / total) : 0;
	m = fmax(m * (1 - r->lag1) / (1 + r->lag1), fmin(m, LEAST_EFFECTIVE));
	error = r->sd * sqrt(12 / m);
	r->z = error > 0 ? r->gain / error : r->gain > 0 ? INFINITY :
	    r->gain < 0 ? -INFINITY : 0;
}

bool
ramp_fit(const double *y, size_t n, struct ramp *r)
{
	double *clipped, *scratch, sd;
	struct sums *s;

	*r = (struct ramp){ 0 };
	for (size_t i = 0; i < n; i++)
		r->n += isnan(y[i]) ? 0 : 1;
	if (r->n < RAMP_LEAST)
		return false;
	clipped = mem_new(n, sizeof(*clipped));
	scratch = mem_new(n, sizeof(*scratch));
	s = mem_new(n + 1, sizeof(*s));
	for (size_t i = 0; i < n; i++)
		clipped[i] = y[i];
	for (int pass = 0;; pass++) {
		sum_up(clipped, n, s);
		search(s, n, r);
		if (pass == PASSES)
			break;
		sd = residual_sd(y, n, r, scratch);
		if (!(sd > 0))
			break;
		clip(y, n, r, sd, clipped);
	}
	measure(y, clipped, n, s[n].yy - s[n].y * s[n].y / s[n].n, r, scratch);
	free(s);
	free(scratch);
	free(clipped);
	return true;
}
