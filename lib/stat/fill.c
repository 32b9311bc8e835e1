#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stat/fill.h"

enum { LEAST = 4 };
static const double GRID = 1.6;		/* from one tau to the next */

static double
cache(double x)
{
	return 1 - exp(-x);
}

static double
popular(double x)
{
	return 1 - 1 / ((1 + x) * (1 + x));
}

static double (*const SHAPE[])(double) = { cache, popular, log1p };
enum { SHAPES = sizeof(SHAPE) / sizeof(SHAPE[0]) };

/* Sums of squares and products about the means, of y, s and time. */
struct moments {
	double n, y, s, t, ss, tt, st, sy, ty;
};

static struct moments
moments(const double *y, const double *s, size_t n)
{
	struct moments m = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (isnan(y[i]))
			continue;
		m.n++;
		m.y += y[i];
		m.s += s[i];
		m.t += (double)i;
	}
	m.y /= m.n;
	m.s /= m.n;
	m.t /= m.n;
	for (size_t i = 0; i < n; i++) {
		double v = y[i] - m.y, x = s[i] - m.s, t = (double)i - m.t;

		if (isnan(v))
			continue;
		m.ss += x * x;
		m.tt += t * t;
		m.st += x * t;
		m.sy += x * v;
		m.ty += t * v;
	}
	return m;
}

/* b and c by least squares within their bounds. */
static void
solve(const struct moments *m, double slow, double *b, double *c)
{
	double det = m->ss * m->tt - m->st * m->st;

	*c = det > 1e-9 * m->ss * m->tt ?
	    (m->ss * m->ty - m->st * m->sy) / det : 0;
	*c = fmax(0, fmin(slow, *c));
	*b = m->ss > 0 ? fmax(0, (m->sy - *c * m->st) / m->ss) : 0;
}

/* b no greater than what leaves `floor` of the last level at the start. */
static double
bounded(const struct moments *m, double b, double c, double end, size_t n,
    double floor)
{
	/*
	 * With s(0) = 0 the level at the start is mean - b m->s, at the end
	 * mean + b (end - m->s) + c n, about.
	 */
	double mean = m->y - c * m->t;
	double most = (mean - floor * (mean + c * (double)n)) /
	    (m->s + floor * (end - m->s));

	return most > 0 ? fmin(b, most) : 0;
}

static double
rss_of(const double *y, const double *s, size_t n, const struct moments *m,
    double b, double c)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double e = y[i] - m->y - b * (s[i] - m->s) -
		    c * ((double)i - m->t);

		if (!isnan(e))
			sum += e * e;
	}
	return sum;
}

double
fill_rss(const double *y, size_t n, const struct fill *f)
{
	double *s = mem_new(n + 1, sizeof(*s)), best = INFINITY;

	for (size_t k = 0; k < SHAPES; k++)
		for (double tau = f->shortest; tau > 0 && tau <= f->longest;
		    tau *= GRID) {
			struct moments m;
			double b, c;

			for (size_t i = 0; i < n; i++)
				s[i] = SHAPE[k]((f->origin + (double)i) / tau);
			m = moments(y, s, n);
			if (m.n < LEAST)
				break;
			solve(&m, f->slow, &b, &c);
			b = bounded(&m, b, c, s[n - 1], n, f->floor);
			best = fmin(best, rss_of(y, s, n, &m, b, c));
		}
	free(s);
	return best;
}
