#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "leak/growth.h"
#include "stat/ramp.h"
#include "stat/robust.h"

const struct growth_limits growth_defaults = {
	/*
	 * What an operator would call a leak: a tenth of the base.  Below it
	 * caches and allocators wander by as much for days.
	 */
	.gain = 0.10,
	/*
	 * A record of less than a day cannot show how far a process wanders by
	 * itself: services on a JVM climb by 10 to 25 % in their first hours
	 * of load and stay there.  So more is asked the shorter the record is,
	 * in proportion, from a tenth at 60 hours to three tenths.
	 */
	.gain_short = 0.30,
	.history = 60,
	/* Demand grows by up to some percent a week; leaks by percents a day. */
	.slow = 0.03,
	/*
	 * Five standard errors: the place of the rise is searched over some
	 * hundred pairs and a fleet has 10^5 processes, so three would fire.
	 */
	.z = 5,
	.lasts = 8,
	.lasts_share = 1.0 / 6,
	.jump = 0.70,
	/*
	 * A straight line has 1; an exponential approach watched for two of its
	 * time constants has 0.45, for three 0.27.
	 */
	.late = 0.35,
	.known = 0.5,
	.closed = 36,
	.rest = 24,
	.cut = 24,
	/* Restarts lose most of a leak; a collector's saw-tooth less. */
	.drop = 0.75,
};

const char *
growth_text(enum growth_reason r)
{
	static const char *const text[] = {
		[GROWTH_LEAK] = "leak",
		[GROWTH_SHORT] = "short",
		[GROWTH_NONE] = "none",
		[GROWTH_SMALL] = "small",
		[GROWTH_SLOW] = "slow",
		[GROWTH_STEP] = "step",
		[GROWTH_PLATEAU] = "plateau",
		[GROWTH_KNOWN] = "known",
		[GROWTH_NOISE] = "noise",
	};

	return text[r];
}

/* What a part of the series is judged with. */
struct part {
	const double *u;	/* smoothed, n windows */
	size_t n;
	double hours;		/* of a window */
	double record;
	bool named;
	const struct growth_limits *limit;
	double *scratch;
};

/* The median of the present values of [from, to), NaN if there is none. */
static double
middle(const struct part *p, size_t from, size_t to)
{
	if (to > p->n)
		to = p->n;
	return from < to ?
	    robust_middle(p->u + from, to - from, p->scratch) : NAN;
}

/* The largest rise within three windows, as a share of the gain. */
static double
largest_jump(const struct part *p, const struct growth *g)
{
	enum { SIDE = 3 };
	double most = 0;
	size_t from = g->from > SIDE ? g->from - SIDE : 0;

	for (size_t i = from + 1; i <= g->to && i < p->n; i++) {
		double before = middle(p, i > SIDE ? i - SIDE : 0, i);
		double after = middle(p, i + 1, i + 1 + SIDE);

		if (after - before > most)
			most = after - before;
	}
	return most / g->gain;
}

/* Slope of the last third of the rise to the slope of all of it. */
static double
late_share(const struct part *p, const struct growth *g)
{
	size_t m = g->to - g->from + 1, k = m / 12 + 1, third = m / 3;
	double end = middle(p, g->to + 1 - k, g->to + 1);
	double before = middle(p, g->to + 1 - third - k, g->to + 1 - third);
	double start = middle(p, g->from, g->from + k);

	return (end - before) / (end - start) * (double)(m - k) /
	    (double)third;
}

/* Hours that a rise must last; less in a short record. */
static double
least_duration(const struct part *p)
{
	double record = fmin((double)p->n * p->hours, p->record);

	return fmin(p->limit->lasts, p->limit->lasts_share * record);
}

/* The highest level, smoothed over `lasts`, that was seen before the rise. */
static double
known_high(const struct part *p, size_t to)
{
	size_t k = (size_t)fmax(3, least_duration(p) / p->hours);
	double high = -INFINITY;

	if (k > to)
		return -INFINITY;
	for (size_t i = 0; i + k <= to; i += k / 3 + 1)
		high = fmax(high, middle(p, i, i + k));
	return high;
}

/*
 * A rise that slows down is fitted as one that ends too early.  What follows
 * belongs to it if it climbs at `late` of its rate or more.
 */
static void
extend(const struct part *p, struct growth *g)
{
	size_t rest = p->n - 1 - g->to, k = rest / 4;
	double more;

	if (k < 2)
		return;
	more = middle(p, p->n - k, p->n) - middle(p, g->to, g->to + k);
	if (!(more / ((double)(rest - k) * p->hours) >=
	    p->limit->late * g->rate))
		return;
	g->gain += more;
	g->to = p->n - 1;
	g->rate = g->gain / ((double)(g->to - g->from) * p->hours);
}

/*
 * The onset is where the level before was left for good.  The fitted corner is
 * earlier when the leak begins with a step, and never later by much.
 */
static void
refine_onset(const struct part *p, struct growth *g)
{
	double near = g->sd, back;
	size_t last = g->from;

	if (g->from >= RAMP_LEAST) {
		size_t k = robust_present(p->u, g->from, p->scratch);
		double m = robust_median(p->scratch, k);

		near = robust_spread(p->scratch, k, m);
		g->base = m;
	}
	for (size_t i = g->from; i < g->to; i++)
		if (p->u[i] <= g->base + 2 * near)
			last = i;
	back = fmin(2 * near / (g->rate * p->hours), (double)(last - g->from));
	g->from = last - (size_t)back;
}

static enum growth_reason
judge(const struct part *p, struct growth *g)
{
	const struct growth_limits *l = p->limit;
	double record = (double)p->n * p->hours;
	double lasted = (double)(g->to - g->from) * p->hours;
	double rest = (double)(p->n - 1 - g->to) * p->hours;
	double least = fmin(l->gain_short,
	    l->gain * fmax(1, l->history / record));
	double whole = fmin(record, p->record);

	g->open = rest <= fmin(l->rest, whole / 8);
	if (!(g->gain > 0) || !(g->base > 0))
		return GROWTH_NONE;
	if (g->gain < least * g->base)
		return GROWTH_SMALL;
	if (lasted < least_duration(p) ||
	    largest_jump(p, g) > l->jump)
		return GROWTH_STEP;
	if (g->z < l->z)
		return GROWTH_NOISE;
	if (g->gain / lasted * 24 < l->slow * g->base)
		return GROWTH_SLOW;
	if (late_share(p, g) < l->late)
		return GROWTH_PLATEAU;
	if (!g->open && (lasted < l->closed ||
	    (double)g->from * p->hours < least_duration(p)))
		return GROWTH_PLATEAU;
	if (g->base + g->gain - known_high(p, g->from) < l->known * g->gain)
		return GROWTH_KNOWN;
	return GROWTH_LEAK;
}

static void
find_in(const struct part *p, struct growth *g)
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
	g->usage = middle(p, p->n > 3 ? p->n - 3 : 0, p->n);
	if (g->gain > 0)
		extend(p, g);
	g->reason = judge(p, g);
	if (g->reason == GROWTH_LEAK)
		refine_onset(p, g);
}

/*
 * Where the series falls for good: the median of the next windows is below
 * `drop` of the median of the last ones.  Returns the next cut after `from`, n
 * if there is none.
 */
static size_t
next_cut(const struct part *p, size_t from)
{
	enum { SIDE = 5 };
	double worst = p->limit->drop;
	size_t at = p->n;

	for (size_t i = from + SIDE; i + SIDE <= p->n; i++) {
		double before = middle(p, i - SIDE, i);
		double ratio = middle(p, i, i + SIDE) / before;

		if (ratio < worst) {
			worst = ratio;
			at = i;
		} else if (at < p->n && i > at + SIDE)
			break;
	}
	return at;
}

/*
 * A part between two cuts is a tooth of a collector's saw unless it climbed
 * above all parts before it, or for longer than `cut`: then the cut was a
 * restart that hid a leak for a while.
 */
static bool
is_tooth(const struct part *p, const struct growth *g, double high, bool newest)
{
	if (!p->named &&
	    (double)(g->to - g->from) * p->hours >= p->limit->cut)
		return false;
	return !newest || g->base + g->gain <= high * (1 + p->limit->gain);
}

/* The newest part, or the newest before it that leaked. */
static void
over_parts(const struct part *all, struct growth *g)
{
	double high = -INFINITY;

	for (size_t from = 0, to; from < all->n; from = to) {
		struct part p = *all;
		struct growth one;

		to = next_cut(all, from);
		p.u += from;
		p.n = to - from;
		find_in(&p, &one);
		if (one.reason == GROWTH_LEAK &&
		    is_tooth(&p, &one, high, to == all->n))
			one.reason = GROWTH_KNOWN;
		one.from += from;
		one.to += from;
		one.open &= to == all->n;
		if (from == 0 || one.reason == GROWTH_LEAK ||
		    (g->reason != GROWTH_LEAK && one.reason != GROWTH_SHORT))
			*g = one;
		for (size_t i = 0; i < p.n; i++)
			high = fmax(high, p.u[i]);
	}
}

void
growth_find(const double *u, size_t n, double width, double record,
    bool named, const struct growth_limits *limit, struct growth *g)
{
	double *smooth, *scratch;
	size_t first = 0;

	*g = (struct growth){ .reason = GROWTH_SHORT };
	while (first < n && isnan(u[first]))
		first++;
	while (n > first && isnan(u[n - 1]))
		n--;
	if (n == first)
		return;
	smooth = mem_new(n, sizeof(*smooth));
	scratch = mem_new(n, sizeof(*scratch));
	robust_rolling(u + first, n - first, 2, 0.5, smooth);
	over_parts(&(struct part){ .u = smooth, .n = n - first,
	    .hours = width / 3600, .record = record, .named = named,
	    .limit = limit, .scratch = scratch }, g);
	g->from += first;
	g->to += first;
	free(scratch);
	free(smooth);
}
