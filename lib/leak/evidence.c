#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "leak/evidence.h"
#include "leak/wander.h"
#include "stat/robust.h"

/* Fewer peers say little of what is usual. */
enum { CROWD = 12, HANDFUL = 5 };
/* What the least moving third does is healthy: most may leak. */
static const double HEALTHY = 0.35;
static const double BIRTH = 3, WARMING = 72;	/* hours */

/*
 * A rise is strong if flat, rise, flat follows it so much better than a level
 * that fills up that twice the logarithm of the ratio of their likelihoods is
 * FILLS, about three standard deviations.  From their start on a cache and a
 * leak may look the same; then it has to be OUTGROWS times (in logarithms) what
 * nine of ten processes climb after their start on hosts where nothing rises,
 * at least QUIET.  Most of a strong rise is not at once.
 */
static const double FILLS = 8, OUTGROWS = 2, QUIET = 0.05, AT_ONCE = 0.5;

/*
 * A leak is not given back.  What nine of ten instances of the component give
 * back by themselves, wander_down(), is what saw-teeth, bursts and load
 * swing by, and most of them leaking adds nothing to it.  A strong rise is
 * ABOVE times that; one that stands out OUT times, after a flat day; one that
 * is CLEAR times is what next to none of 10^5 healthy ones was.
 */
static const double ABOVE = 1.5, OUT = 2, CLEAR = 3;
static const double GIVEN = 0.9;	/* quantile of the instances */

/*
 * One instance is CERTAIN if it is strong and rose by a quarter, for a day, and
 * stands out: one tooth of a saw seen once is no leak.  Four days need no flat
 * one before: no collector waits for so long.
 */
static const double CERTAIN_GAIN = 0.25, CERTAIN_HOURS = 24, CERTAIN_FLAT = 24;
static const double CERTAIN_LONG = 96;
static const double FLAT_SHARE = 0.25;	/* a day, or this much of the record */
/*
 * Two hosts are enough, however short their rises and small, if those stand out
 * and evidence against a fill is plain: FILLS and PLAIN times the logarithm of
 * the number of tests, which of healthy components with a thousand processes
 * single ones reach.  Of FEW, or if it is clear, one is enough.
 */
static const double PLAIN = 2.5;
enum { PLAIN_HOSTS = 2, FEW = 50 };
/*
 * With no certain instance a component is named if more than one host in
 * ISOLATED_DOUBT leaks: of healthy fleets with long saw-teeth one in twenty
 * seems to.
 */
static const double ISOLATED = 80, ISOLATED_DOUBT = 12;

/*
 * Leaks come in jumps if the largest one holds JUMPY times what a straight rise
 * gains in the JUMP_HOURS that the median of three windows makes of a jump.
 */
static const double JUMPY = 4, JUMP_HOURS = 4;

/* The instances of a component, and what is known of all of them. */
struct court {
	const struct growth_limits *limit;
	struct trial *t;
	size_t n;
	double outgrows;	/* a climb that no healthy start explains */
	double given;		/* what healthy ones give back */
	double *scratch;	/* n */
};

static bool
leaks(const struct trial *t)
{
	return t->growth.reason == GROWTH_LEAK;
}

static double
climb(const struct trial *t)
{
	return log1p(t->growth.gain / t->growth.base);
}

static double
lasted(const struct trial *t)
{
	return (double)(t->growth.to - t->growth.from) * trial_hours(t);
}

/* wander_up() of one that starts or runs; NaN if it is not such a one. */
static double
wander(const struct trial *t, bool starting)
{
	double age = t->context.age;
	size_t n = t->n, most = (size_t)(WARMING / trial_hours(t));

	if (isnan(age) ? starting : starting != (age < BIRTH))
		return NAN;
	return wander_up(t->u, starting && n > most ? most : n,
	    t->context.width);
}

/* The usual wander of those that start or run; 0 if they are too few. */
static double
usual(const struct court *c, bool starting)
{
	size_t k = 0;

	for (size_t i = 0; i < c->n; i++) {
		double w = wander(&c->t[i], starting);

		if (starting)
			c->t[i].warmup = w;
		if (!isnan(w))
			c->scratch[k++] = w;
	}
	return k < CROWD ? 0 : robust_quantile(c->scratch, k, HEALTHY);
}

static double
usually_given(const struct court *c)
{
	size_t k = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct trial *t = &c->t[i];
		double v = wander_down(t->u, t->n, t->context.width);

		if (!isnan(v))
			c->scratch[k++] = v;
	}
	return k < HANDFUL ? 0 : robust_quantile(c->scratch, k, GIVEN);
}

static bool
host_leaks(const struct court *c, size_t from, size_t to)
{
	while (from < to && !leaks(&c->t[from]))
		from++;
	return from < to;
}

/*
 * How far one climbed after its start.  One whose start is not known may have
 * begun with the record.
 */
static double
start_climb(const struct trial *t)
{
	return isnan(t->context.age) ?
	    wander_up(t->u, t->n, t->context.width) : t->warmup;
}

/* What nine of ten climb after their start on hosts without a rise. */
static double
healthy_start(const struct court *c)
{
	size_t k = 0;

	for (size_t from = 0, to; from < c->n; from = to) {
		to = trial_host_end(c->t, c->n, from);
		if (host_leaks(c, from, to))
			continue;
		for (size_t i = from; i < to; i++) {
			double w = start_climb(&c->t[i]);

			if (!isnan(w))
				c->scratch[k++] = w;
		}
	}
	return k < HANDFUL ? INFINITY : robust_quantile(c->scratch, k, 0.9);
}

static bool
is_strong(const struct court *c, const struct trial *t)
{
	return leaks(t) && t->growth.jump < AT_ONCE &&
	    climb(t) >= ABOVE * c->given &&
	    (t->growth.fill >= FILLS || climb(t) >= c->outgrows ||
	    (t->context.warmup <= 0 && climb(t) >= c->limit->young_climb));
}

static bool
after_flat(const struct trial *t)
{
	return (double)t->growth.from * trial_hours(t) >=
	    fmin(CERTAIN_FLAT, FLAT_SHARE * t->context.record);
}

static bool
stands_out(const struct court *c, const struct trial *t)
{
	return after_flat(t) && climb(t) >= OUT * c->given;
}

/* Whether one instance is enough. */
static bool
is_certain(const struct court *c, const struct trial *t)
{
	const struct growth *g = &t->growth;

	return is_strong(c, t) && g->gain >= CERTAIN_GAIN * g->base &&
	    lasted(t) >= CERTAIN_HOURS &&
	    (lasted(t) >= CERTAIN_LONG || stands_out(c, t));
}

static bool
is_plain(const struct court *c, const struct trial *t)
{
	return is_strong(c, t) && stands_out(c, t) &&
	    t->growth.fill >= FILLS + PLAIN * log((double)c->n);
}

static bool
is_clear(const struct court *c, const struct trial *t)
{
	return is_strong(c, t) && c->given > 0 && after_flat(t) &&
	    climb(t) >= CLEAR * c->given;
}

/*
 * Each instance is a test, and a component has hundreds.  A leak on one host in
 * ISOLATED or fewer is taken for chance; where no instance is certain by
 * itself, on one in ISOLATED_DOUBT.  Only strong ones count.
 */
static bool
is_chance(const struct court *c)
{
	size_t hosts = 0, leaking = 0, plain = 0;
	bool certain = false;

	for (size_t from = 0, to; from < c->n; from = to) {
		bool strong = false, is = false;

		to = trial_host_end(c->t, c->n, from);
		for (size_t i = from; i < to; i++) {
			strong |= is_strong(c, &c->t[i]);
			certain |= is_certain(c, &c->t[i]) ||
			    is_clear(c, &c->t[i]);
			is |= is_plain(c, &c->t[i]);
		}
		hosts++;
		leaking += strong ? 1 : 0;
		plain += is ? 1 : 0;
	}
	certain |= plain >= (c->n > FEW ? PLAIN_HOSTS : 1);
	return (double)leaking * (certain ? ISOLATED : ISOLATED_DOUBT) <=
	    (double)hosts;
}

static void
find(const struct court *c, const struct trial *t, struct growth *g)
{
	growth_find(t->u, t->n, &t->context, c->limit, g);
}

/*
 * A leak that restarts reset shows in young processes, which alone could as
 * well be warming up.  Where another of the same host leaks, they are judged
 * again without that doubt.
 */
static void
follow_hosts(struct court *c)
{
	for (size_t from = 0, to; from < c->n; from = to) {
		to = trial_host_end(c->t, c->n, from);
		if (!host_leaks(c, from, to))
			continue;
		for (size_t i = from; i < to; i++) {
			c->t[i].context.recurs = true;
			if (!leaks(&c->t[i]))
				find(c, &c->t[i], &c->t[i].growth);
		}
	}
}

/* The usual jump of the strong leaks, of the base; 0 if they are straight. */
static double
usual_jump(const struct court *c)
{
	size_t k = 0;

	for (size_t i = 0; i < c->n; i++)
		if (is_strong(c, &c->t[i]))
			c->scratch[k++] = c->t[i].growth.jump *
			    lasted(&c->t[i]);
	if (k == 0 || robust_median(c->scratch, k) < JUMPY * JUMP_HOURS)
		return 0;
	k = 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct growth *g = &c->t[i].growth;

		if (is_strong(c, &c->t[i]))
			c->scratch[k++] = g->jump * g->gain / g->base;
	}
	return robust_median(c->scratch, k);
}

/*
 * Where leaks come in jumps, one step may be all that is seen of one.  If the
 * steps are more than half as many as the leaks they are something else that
 * the component does, such as a rollout.
 */
static void
admit_jumps(struct court *c)
{
	struct growth *g = mem_new(c->n + 1, sizeof(*g));
	double jumps = usual_jump(c);
	size_t leaking = 0, more = 0;

	for (size_t i = 0; jumps > 0 && i < c->n; i++) {
		struct trial *t = &c->t[i];

		g[i] = t->growth;
		leaking += leaks(t) ? 1 : 0;
		if (leaks(t))
			continue;
		t->context.jumps = jumps;
		find(c, t, &g[i]);
		more += g[i].reason == GROWTH_LEAK ? 1 : 0;
	}
	for (size_t i = 0; more > 0 && 2 * more <= leaking && i < c->n; i++)
		c->t[i].growth = g[i];
	free(g);
}

static void
judge_again(struct court *c)
{
	c->given = usually_given(c);
	c->outgrows = OUTGROWS * fmax(QUIET, healthy_start(c));
	if (!is_chance(c)) {
		follow_hosts(c);
		admit_jumps(c);
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		if (leaks(&c->t[i]) && !is_certain(c, &c->t[i]) &&
		    !is_clear(c, &c->t[i]))
			c->t[i].growth.reason = GROWTH_ALONE;
}

void
evidence_judge(const struct growth_limits *limit, struct trial *t, size_t n)
{
	struct court c = { .limit = limit, .t = t, .n = n,
		.scratch = mem_new(n + 1, sizeof(*c.scratch)) };
	struct growth_context all = { .wander = usual(&c, false),
		.warmup = usual(&c, true) };

	for (size_t i = 0; i < n; i++) {
		t[i].context.wander = all.wander;
		t[i].context.warmup = all.warmup;
		find(&c, &t[i], &t[i].growth);
	}
	judge_again(&c);
	free(c.scratch);
}
