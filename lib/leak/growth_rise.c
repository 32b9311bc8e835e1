#include <math.h>

#include "leak/growth_part.h"
#include "leak/wander.h"
#include "stat/fill.h"
#include "stat/ramp.h"
#include "stat/robust.h"

/*
 * A rise that slows down is fitted as one that ends too early.  What follows
 * belongs to it if it climbs at `late` of its rate or more.
 */
static void
extend(const struct growth_part *p, struct growth *g)
{
	size_t rest = p->n - 1 - g->to, k = rest / 4;
	double more;

	if (k < 2)
		return;
	more = growth_middle(p, p->n - k, p->n) -
	    growth_middle(p, g->to, g->to + k);
	if (!(more / ((double)(rest - k) * p->hours) >=
	    p->limit->late * g->rate))
		return;
	g->gain += more;
	g->to = p->n - 1;
	g->rate = g->gain / ((double)(g->to - g->from) * p->hours);
}

/*
 * What is reported of a leak, apart from whether it is one.
 *
 * The onset is where the level before was left for good.  The fitted corner is
 * earlier when the leak begins with a step, and never later by much.
 */
static void
refine(const struct growth_part *p, struct growth *g)
{
	double near = g->sd, back, rest = (double)(p->n - 1 - g->to);
	size_t last = g->from;

	if (g->from >= RAMP_LEAST) {
		size_t k = robust_present(p->rough, g->from, p->scratch);
		double m = robust_median(p->scratch, k);

		near = robust_spread(p->scratch, k, m);
		g->base = m;
	}
	for (size_t i = g->from; i < g->to; i++)
		if (p->rough[i] <= g->base + 2 * near)
			last = i;
	/* Flattening holds the last hours back. */
	if (g->open && rest * p->hours <= WANDER_BURST) {
		g->gain += g->rate * rest * p->hours;
		g->to = p->n - 1;
	}
	back = fmin(2 * near / (g->rate * p->hours), (double)(last - g->from));
	g->from = last - (size_t)back;
}

/*
 * How much better flat, rise, flat follows the series than a level that fills
 * up from the start of the process: twice the logarithm of the ratio of the
 * likelihoods, residuals being counted as independent as their correlation at
 * one step says.
 */
static double
against_fill(const struct growth_part *p, const struct ramp *r)
{
	const struct growth_limits *l = p->limit;
	double scale = fmin(1, p->record / l->history) / p->hours;
	double clip = 3 * r->sd, sum = 0, m;
	struct fill f = { .origin = p->age > 0 ? p->age / p->hours : 0,
		.slow = l->slow * r->level * p->hours / 24,
		.floor = l->fill_from, .shortest = l->fill_short * scale,
		.longest = l->fill_long * scale };

	for (size_t i = 0; i < p->n; i++) {
		double e = p->u[i] - ramp_at(r, i);

		sum += isnan(e) ? 0 : fmin(e * e, clip * clip);
	}
	m = (double)r->n * (1 - r->lag1) / (1 + r->lag1);
	return m * log(fill_rss(p->u, p->n, &f) / fmax(sum, 1e-300));
}

/* A rise of the windows [from, to) of p that is no noise. */
static bool
another_rise(const struct growth_part *p, size_t from, size_t to, double least,
    struct ramp *r)
{
	if (!ramp_fit(p->u + from, to - from, r))
		return false;
	r->from += from;
	r->to += from;
	return r->gain >= least && r->z >= p->limit->z;
}

/*
 * A leak that comes in jumps is fitted as its largest one.  With another before
 * it or after it, it is a stair.
 */
static bool
find_stair(const struct growth_part *p, struct growth *g)
{
	struct ramp before, after;
	double least = p->limit->gain * g->base;
	bool a = another_rise(p, 0, g->from + 1, least, &before);
	bool b = another_rise(p, g->to, p->n, least, &after);

	if (!a && !b)
		return false;
	g->jump *= g->gain;
	if (a) {
		g->from = before.from;
		g->base = before.level;
		g->gain += before.gain;
	}
	if (b) {
		g->to = after.to;
		g->gain += after.gain;
	}
	g->jump = fmin(1, g->jump / g->gain);
	g->rate = g->gain / ((double)(g->to - g->from) * p->hours);
	return true;
}

void
growth_rise(const struct growth_part *p, struct growth *g)
{
	struct ramp r;

	*g = (struct growth){ .reason = GROWTH_SHORT };
	if (!ramp_fit(p->u, p->n, &r))
		return;
	g->from = r.from;
	g->to = r.to;
	g->base = r.level;
	g->gain = r.gain;
	g->rate = r.gain / ((double)(r.to - r.from) * p->hours);
	g->z = r.z;
	g->r2 = r.r2;
	g->sd = r.sd;
	g->usage = robust_middle(p->rough + (p->n - 3), 3, p->scratch);
	if (g->gain > 0)
		extend(p, g);
	g->reason = growth_judge(p, g, false);
	if (g->reason == GROWTH_STEP && find_stair(p, g))
		g->reason = growth_judge(p, g, true);
	if (g->reason == GROWTH_LEAK) {
		g->fill = against_fill(p, &r);
		refine(p, g);
	}
}
