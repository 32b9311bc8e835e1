#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "leak/growth.h"
#include "stat/fill.h"
#include "stat/ramp.h"
#include "stat/robust.h"
#include "stat/trend.h"

static const double BURST = 9;		/* hours */
static const double BEGINS = 1.1;

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
		[GROWTH_YOUNG] = "young",
		[GROWTH_KNOWN] = "known",
		[GROWTH_NOISE] = "noise",
		[GROWTH_ALONE] = "alone",
	};

	return text[r];
}

/* What a part of the series is judged with. */
struct part {
	const double *u;	/* flattened, n windows */
	const double *rough;	/* the same, bursts left in */
	size_t n;
	double hours;		/* of a window */
	double record, age;	/* of struct growth_context; age at u[0] */
	double wander, warmup;
	double jumps;		/* of struct growth_context */
	bool named, recurs;
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

/* Slope of the second half of the rise to the slope of all of it. */
static double
late_share(const struct part *p, const struct growth *g, double benefit)
{
	size_t m = g->to - g->from + 1, half = m / 2;
	struct trend late;

	if (!trend_fit(p->u + g->to + 1 - half, half, &late))
		return 1;
	return (late.slope + benefit * g->sd / (double)half) /
	    (g->gain / (double)m);
}

/* Hours that a rise must last; less in a short record. */
static double
least_duration(const struct part *p)
{
	double record = fmin((double)p->n * p->hours, p->record);

	return fmin(p->limit->lasts, p->limit->lasts_share * record);
}

/*
 * The level that was passed for a tenth of the time before the rise: tops of
 * saw-teeth, which flattening takes out, count, and rare bursts do not.
 */
static double
known_high(const struct part *p, size_t to)
{
	size_t k = robust_present(p->rough, to, p->scratch);

	return k == 0 || (double)to * p->hours < least_duration(p) ?
	    -INFINITY : robust_quantile(p->scratch, k, 0.9);
}

static bool
is_new(const struct part *p, const struct growth *g)
{
	return g->base + g->gain - known_high(p, g->from) >=
	    p->limit->known * g->gain;
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
 * What is reported of a leak, apart from whether it is one.
 *
 * The onset is where the level before was left for good.  The fitted corner is
 * earlier when the leak begins with a step, and never later by much.
 */
static void
refine(const struct part *p, struct growth *g)
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
	if (g->open && rest * p->hours <= BURST) {
		g->gain += g->rate * rest * p->hours;
		g->to = p->n - 1;
	}
	back = fmin(2 * near / (g->rate * p->hours), (double)(last - g->from));
	g->from = last - (size_t)back;
}

/*
 * The age at which warming up has ended.  In a record of less than `history`
 * everything is taken to be as much faster: it was made to be short.
 */
static double
grown(const struct part *p)
{
	return p->limit->young * fmin(1, p->record / p->limit->history);
}

/* Whether the rise begins while the process may be warming up. */
static bool
is_young(const struct part *p, const struct growth *g)
{
	double at = (double)g->from * p->hours;

	return isnan(p->age) ? at < least_duration(p) :
	    p->age + at < grown(p);
}

/*
 * Whether what rose was given back: a process keeps what it leaked until it
 * ends, a collector does not.  Noise reaches half the gain for a tenth of the
 * time at most.
 */
static bool
falls_back(const struct part *p, const struct growth *g)
{
	enum { LEAST = 5 };
	size_t k = robust_present(p->rough + g->to + 1, p->n - 1 - g->to,
	    p->scratch);

	return k >= LEAST && robust_quantile(p->scratch, k, 0.1) <
	    g->base + p->limit->kept * g->gain;
}

/* The rise as a logarithm, as growth_wander() has it. */
static double
climb(const struct growth *g)
{
	return log1p(g->gain / g->base);
}

/*
 * Whether a rise from the start is more than warming up: more than its peers
 * climbed after theirs, or for longer than a cache takes.
 */
static bool
outgrows(const struct part *p, const struct growth *g, double late,
    double lasted)
{
	const struct growth_limits *l = p->limit;

	if (p->recurs)
		return climb(g) >= p->warmup && lasted >= grown(p) / 2;
	if (late < l->young_late && (p->warmup > 0 ||
	    climb(g) < l->young_climb || lasted < l->young_lasts))
		return false;
	if (climb(g) < l->peers_warm * p->warmup)
		return false;
	return p->warmup > 0 ? lasted >= grown(p) : lasted >=
	    fmin(l->young_lasts, l->young_share *
		fmin(p->record, (double)p->n * p->hours));
}

/* Whether peers climb as much in two days; more is asked without a past. */
static bool
is_usual(const struct part *p, const struct growth *g, double lasted,
    double record)
{
	const struct growth_limits *l = p->limit;
	double past = (double)g->from * p->hours;

	return lasted < l->memory && climb(g) < p->wander *
	    (past < fmin(l->memory, record / 4) ? l->peers : 1);
}

/*
 * Whether a step, not one of the first hours, is as high as the jumps that the
 * component's leaks come in.
 */
static bool
is_usual_jump(const struct part *p, const struct growth *g)
{
	const struct growth_limits *l = p->limit;
	double at = (double)g->from * p->hours, jump = g->gain / g->base;

	return jump >= l->jump_least * p->jumps &&
	    jump <= l->jump_most * p->jumps &&
	    (isnan(p->age) ? at : p->age + at) >= l->lasts;
}

static enum growth_reason
judge(const struct part *p, struct growth *g, bool stair)
{
	const struct growth_limits *l = p->limit;
	double record = (double)p->n * p->hours;
	double lasted = (double)(g->to - g->from) * p->hours;
	double rest = (double)(p->n - 1 - g->to) * p->hours;
	double least = fmin(l->gain_short,
	    l->gain * fmax(1, l->history / record));
	double whole = fmin(record, p->record), late;

	g->open = rest <= fmin(l->rest, l->rest_share * whole);
	if (!(g->gain > 0) || !(g->base > 0))
		return GROWTH_NONE;
	if (g->gain < least * g->base)
		return GROWTH_SMALL;
	if (!stair)
		g->jump = largest_jump(p, g);
	if (lasted < least_duration(p) || g->jump > l->jump) {
		if (!is_usual_jump(p, g))
			return GROWTH_STEP;
		return !is_new(p, g) || falls_back(p, g) ? GROWTH_KNOWN :
		    GROWTH_LEAK;
	}
	if (g->z < l->z)
		return GROWTH_NOISE;
	if (g->gain / lasted * 24 < l->slow * g->base)
		return GROWTH_SLOW;
	late = late_share(p, g, 0);
	if (!stair && late_share(p, g, 0.5) < l->late)
		return GROWTH_PLATEAU;
	if (is_young(p, g) && !outgrows(p, g, late, lasted))
		return GROWTH_YOUNG;
	if (!p->recurs && is_usual(p, g, lasted, whole))
		return GROWTH_KNOWN;
	if (!g->open && (lasted < l->closed || is_young(p, g) ||
	    (double)g->from * p->hours < least_duration(p)))
		return GROWTH_PLATEAU;
	if (!is_new(p, g) || falls_back(p, g))
		return GROWTH_KNOWN;
	return GROWTH_LEAK;
}

/*
 * How much better flat, rise, flat follows the series than a level that fills
 * up from the start of the process: twice the logarithm of the ratio of the
 * likelihoods, residuals being counted as independent as their correlation at
 * one step says.
 */
static double
against_fill(const struct part *p, const struct ramp *r)
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
another_rise(const struct part *p, size_t from, size_t to, double least,
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
find_stair(const struct part *p, struct growth *g)
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

static void
find_once(const struct part *p, struct growth *g)
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
	g->reason = judge(p, g, false);
	if (g->reason == GROWTH_STEP && find_stair(p, g))
		g->reason = judge(p, g, true);
	if (g->reason == GROWTH_LEAK) {
		g->fill = against_fill(p, &r);
		refine(p, g);
	}
}

/*
 * A step or a filling cache is the largest rise of a series and hides a leak
 * that follows it: what comes after it is judged again by itself.
 */
static void
find_after(const struct part *p, struct growth *g)
{
	struct part rest = *p;
	size_t cut = g->to + 1;
	struct growth one;

	if (g->reason == GROWTH_LEAK || cut >= p->n || p->n - cut < p->n / 8)
		return;
	rest.u += cut;
	rest.rough += cut;
	rest.n -= cut;
	rest.age += (double)cut * p->hours;
	find_once(&rest, &one);
	one.from += cut;
	one.to += cut;
	if (one.reason == GROWTH_LEAK && is_new(p, &one))
		*g = one;
}

static void
find_in(const struct part *p, struct growth *g)
{
	find_once(p, g);
	find_after(p, g);
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
		p.rough += from;
		p.n = to - from;
		p.age = from == 0 ? all->age : all->named ?
		    all->age + (double)from * all->hours : 0;
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
			high = fmax(high, p.rough[i]);
	}
}

/*
 * Takes out noise from window to window, then bursts of less than BURST or an
 * eighth of the series.
 */
static void
flatten(const double *u, size_t n, double width, double *rough, double *out)
{
	size_t half = (size_t)(BURST * 3600 / width / 2);

	if (half > n / 16)
		half = n / 16;
	robust_rolling(u, n, 1, 0.5, rough);
	robust_opening(rough, n, half, out);
}

/*
 * The window in which a process begins holds less than its level, and the step
 * to it would hide a leak.  No leak climbs by BEGINS in a window.
 */
static bool
begins(const double *u, size_t n, const struct growth_context *c)
{
	return n > 2 && !(c->age * 3600 >= c->width) && u[0] * BEGINS < u[1];
}

void
growth_find(const double *u, size_t n, const struct growth_context *c,
    const struct growth_limits *limit, struct growth *g)
{
	struct part all = { .hours = c->width / 3600, .record = c->record,
		.age = c->age, .named = c->named, .wander = c->wander,
		.warmup = c->warmup, .recurs = c->recurs, .jumps = c->jumps,
		.limit = limit };
	double *smooth, *rough;
	size_t first = 0;

	*g = (struct growth){ .reason = GROWTH_SHORT };
	while (first < n && isnan(u[first]))
		first++;
	while (n > first && isnan(u[n - 1]))
		n--;
	if (n == first)
		return;
	if (begins(u + first, n - first, c))
		first++;
	smooth = mem_new(n, sizeof(*smooth));
	rough = mem_new(n, sizeof(*rough));
	flatten(u + first, n - first, c->width, rough, smooth);
	all.u = smooth;
	all.rough = rough;
	all.n = n - first;
	all.age += (double)first * all.hours;
	all.scratch = mem_new(n, sizeof(*all.scratch));
	over_parts(&all, g);
	g->from += first;
	g->to += first;
	free(all.scratch);
	free(rough);
	free(smooth);
}

double
growth_wander(const double *u, size_t n, double width, bool bursts)
{
	size_t back = (size_t)(2 * 86400 / width), m = 0, k;
	double *smooth = mem_new(n + 1, sizeof(*smooth)), wander = NAN;
	double *above = mem_new(n + 1, sizeof(*above));

	flatten(u, n, width, above, smooth);
	if (bursts)
		memcpy(smooth, above, n * sizeof(*smooth));
	for (size_t i = 0; i < n; i++) {
		double low = smooth[i];

		for (k = i > back ? i - back : 0; k < i; k++)
			low = fmin(low, smooth[k]);
		if (low > 0)
			above[m++] = log(smooth[i] / low);
	}
	if ((double)m * width >= 86400)
		wander = robust_quantile(above, m, 0.95);
	free(above);
	free(smooth);
	return wander;
}
