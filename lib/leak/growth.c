#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "leak/growth.h"
#include "leak/growth_part.h"
#include "leak/wander.h"

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

/*
 * A step or a filling cache is the largest rise of a series and hides a leak
 * that follows it: what comes after it is judged again by itself.
 */
static void
find_after(const struct growth_part *p, struct growth *g)
{
	struct growth_part rest = *p;
	size_t cut = g->to + 1;
	struct growth one;

	if (g->reason == GROWTH_LEAK || cut >= p->n || p->n - cut < p->n / 8)
		return;
	rest.u += cut;
	rest.rough += cut;
	rest.n -= cut;
	rest.age += (double)cut * p->hours;
	growth_rise(&rest, &one);
	one.from += cut;
	one.to += cut;
	if (one.reason == GROWTH_LEAK && growth_is_new(p, &one))
		*g = one;
}

static void
find_in(const struct growth_part *p, struct growth *g)
{
	growth_rise(p, g);
	find_after(p, g);
}

/*
 * Where the series falls for good: the median of the next windows is below
 * `drop` of the median of the last ones.  Returns the next cut after `from`, n
 * if there is none.
 */
static size_t
next_cut(const struct growth_part *p, size_t from)
{
	enum { SIDE = 5 };
	double worst = p->limit->drop;
	size_t at = p->n;

	for (size_t i = from + SIDE; i + SIDE <= p->n; i++) {
		double before = growth_middle(p, i - SIDE, i);
		double ratio = growth_middle(p, i, i + SIDE) / before;

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
is_tooth(const struct growth_part *p, const struct growth *g, double high,
    bool newest)
{
	if (!p->named &&
	    (double)(g->to - g->from) * p->hours >= p->limit->cut)
		return false;
	return !newest || g->base + g->gain <= high * (1 + p->limit->gain);
}

/* The newest part, or the newest before it that leaked. */
static void
over_parts(const struct growth_part *all, struct growth *g)
{
	double high = -INFINITY;

	for (size_t from = 0, to; from < all->n; from = to) {
		struct growth_part p = *all;
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
	struct growth_part all = { .hours = c->width / 3600,
		.record = c->record,
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
	wander_flatten(u + first, n - first, c->width, rough, smooth);
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
