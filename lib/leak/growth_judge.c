#include <math.h>

#include "leak/growth_part.h"
#include "stat/robust.h"
#include "stat/trend.h"

double
growth_middle(const struct growth_part *p, size_t from, size_t to)
{
	if (to > p->n)
		to = p->n;
	return from < to ?
	    robust_middle(p->u + from, to - from, p->scratch) : NAN;
}

/* The largest rise within three windows, as a share of the gain. */
static double
largest_jump(const struct growth_part *p, const struct growth *g)
{
	enum { SIDE = 3 };
	double most = 0;
	size_t from = g->from > SIDE ? g->from - SIDE : 0;

	for (size_t i = from + 1; i <= g->to && i < p->n; i++) {
		double before = growth_middle(p, i > SIDE ? i - SIDE : 0, i);
		double after = growth_middle(p, i + 1, i + 1 + SIDE);

		if (after - before > most)
			most = after - before;
	}
	return most / g->gain;
}

/* Slope of the second half of the rise to the slope of all of it. */
static double
late_share(const struct growth_part *p, const struct growth *g, double benefit)
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
least_duration(const struct growth_part *p)
{
	double record = fmin((double)p->n * p->hours, p->record);

	return fmin(p->limit->lasts, p->limit->lasts_share * record);
}

/*
 * The level that was passed for a tenth of the time before the rise: tops of
 * saw-teeth, which flattening takes out, count, and rare bursts do not.
 */
static double
known_high(const struct growth_part *p, size_t to)
{
	size_t k = robust_present(p->rough, to, p->scratch);

	return k == 0 || (double)to * p->hours < least_duration(p) ?
	    -INFINITY : robust_quantile(p->scratch, k, 0.9);
}

bool
growth_is_new(const struct growth_part *p, const struct growth *g)
{
	return g->base + g->gain - known_high(p, g->from) >=
	    p->limit->known * g->gain;
}

/*
 * The age at which warming up has ended.  In a record of less than `history`
 * everything is taken to be as much faster: it was made to be short.
 */
static double
grown(const struct growth_part *p)
{
	return p->limit->young * fmin(1, p->record / p->limit->history);
}

/* Whether the rise begins while the process may be warming up. */
static bool
is_young(const struct growth_part *p, const struct growth *g)
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
falls_back(const struct growth_part *p, const struct growth *g)
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
outgrows(const struct growth_part *p, const struct growth *g, double late,
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
is_usual(const struct growth_part *p, const struct growth *g, double lasted,
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
is_usual_jump(const struct growth_part *p, const struct growth *g)
{
	const struct growth_limits *l = p->limit;
	double at = (double)g->from * p->hours, jump = g->gain / g->base;

	return jump >= l->jump_least * p->jumps &&
	    jump <= l->jump_most * p->jumps &&
	    (isnan(p->age) ? at : p->age + at) >= l->lasts;
}

enum growth_reason
growth_judge(const struct growth_part *p, struct growth *g, bool stair)
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
		return !growth_is_new(p, g) || falls_back(p, g) ? GROWTH_KNOWN :
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
	if (!growth_is_new(p, g) || falls_back(p, g))
		return GROWTH_KNOWN;
	return GROWTH_LEAK;
}
