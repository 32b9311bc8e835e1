#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/when.h"
#include "leak/procdetect.h"
#include "stat/ramp.h"
#include "stat/robust.h"
#include "stat/season.h"

/*
 * An attribute's value is named when at least SHARE of the leaking instances
 * have it and at most OTHERS of the rest do.
 */
static const double SHARE = 0.8, OTHERS = 0.5;

static const struct fleet *sorting;	/* of by_severity(); qsort has no room */

static int
by_severity(const void *a, const void *b)
{
	const struct suspect *x = a, *y = b;
	const struct instance *p = &sorting->instance.v[x->instance];
	const struct instance *q = &sorting->instance.v[y->instance];
	int c = span_cmp(p->name[FLEET_COMPONENT], q->name[FLEET_COMPONENT]);

	if (c != 0)
		return c;
	if (x->severity < y->severity || x->severity > y->severity)
		return x->severity > y->severity ? -1 : 1;
	return x->instance < y->instance ? -1 : x->instance > y->instance;
}

static double
hours_left(const struct instance *it, const struct growth *g)
{
	if (!(it->limit > 0) || !g->open)
		return NAN;
	return fmax(0, it->limit - g->usage) / g->rate;
}

/* Time as windows: n of them of p->width from `first`. */
struct grid {
	int64_t first;
	size_t n;
	size_t period, phase;	/* of a day, in windows; of the first window */
	double record;		/* hours */
	double *u;		/* scratch, n */
};

/* One instance before the court: its windows [at, at + n) of the grid. */
struct trial {
	const struct instance *instance;
	double *u;
	size_t at, n;
	struct growth_context context;
	struct growth growth;
};

/* Older samples are not looked at; one of the year 1700 is a mistake. */
#define RECORD (62 * WHEN_DAY)

/* Fewer peers say little of a common rhythm, or of what is usual. */
enum { PEERS = 5, CROWD = 12 };
/* What the least moving third does is healthy: most may leak. */
static const double HEALTHY = 0.35;
static const double BIRTH = 3, WARMING = 72, GROWN = 48;	/* hours */

static const double CLOSER = 0.9;

/*
 * One instance is CERTAIN if it rose by a quarter, for a day, after a day that
 * was flat, and by 1.5 times what its peers swing by with bursts and saw-teeth
 * left in: one tooth of a saw seen once is no leak.  Four days need neither: no
 * cache fills and no collector waits for so long.
 */
static const double CERTAIN_GAIN = 0.25, CERTAIN_HOURS = 24, CERTAIN_FLAT = 24;
static const double CERTAIN_SWING = 1.5, CERTAIN_LONG = 96;
/*
 * With no certain instance a component is named if more than one host in six
 * leaks: of healthy fleets with long saw-teeth one in ten seems to.
 */
static const double ISOLATED = 80, ISOLATED_DOUBT = 6;

static void
open_trial(struct trial *t, const struct procdetect *p,
    const struct instance *it, const struct grid *d)
{
	size_t end = d->n;

	*t = (struct trial){ .instance = it };
	fleet_series(it, d->first, p->width, d->u, d->n);
	while (t->at < end && isnan(d->u[t->at]))
		t->at++;
	while (end > t->at && isnan(d->u[end - 1]))
		end--;
	t->n = end - t->at;
	t->u = mem_new(t->n + 1, sizeof(*t->u));
	memcpy(t->u, d->u + t->at, t->n * sizeof(*t->u));
	t->context = (struct growth_context){
		.width = when_seconds(p->width), .record = d->record,
		.age = it->start == WHEN_NEVER ? NAN :
		    (when_seconds(d->first + (int64_t)t->at * p->width) -
			when_seconds(it->start)) / 3600,
		.named = it->name[FLEET_PID].n > 0 || it->start != WHEN_NEVER,
	};
}

static void
remove_season(struct trial *t, size_t n, const struct grid *d)
{
	struct season season;

	season_init(&season, d->period);
	for (size_t i = 0; i < n; i++)
		season_see(&season, t[i].u, t[i].n, d->phase + t[i].at);
	season_learn(&season);
	for (size_t i = 0; i < n; i++)
		season_remove(&season, t[i].u, t[i].n, d->phase + t[i].at);
	season_free(&season);
}

static void
divide(const struct trial *t, const double *shape, size_t week, double *out)
{
	for (size_t j = 0; j < t->n; j++)
		out[j] = t->u[j] / exp(shape[(t->at + j) % week]);
}

/*
 * Whether most instances follow a ramp more closely without the shape.  Where
 * most leak it may hold some of the leak, and then they do not.
 */
static bool
is_rhythm(const struct trial *t, size_t n, const double *shape, size_t week)
{
	enum { ASKED = 40 };
	size_t closer = 0, asked = 0;

	for (size_t i = 0; i < n && asked < ASKED; i++) {
		double *without = mem_new(t[i].n + 1, sizeof(*without));
		struct ramp a, b;

		divide(&t[i], shape, week, without);
		if (t[i].n >= week / 2 && ramp_fit(t[i].u, t[i].n, &a) &&
		    ramp_fit(without, t[i].n, &b)) {
			asked++;
			closer += b.sd < CLOSER * a.sd ? 1 : 0;
		}
		free(without);
	}
	return 2 * closer > asked;
}

/*
 * What all instances of a component do at once, from the median of their steps
 * in log usage, is load: the rhythm of a week is learnt from it.  What it rises
 * besides, as one ramp, is left in: most of them may leak.
 */
static void
remove_week(struct trial *t, size_t n, const struct grid *d)
{
	double *common, *step, *shape;
	size_t week = 7 * d->period;
	double hours = t->context.width / 3600;

	if (n < PEERS || d->period == 0 || d->n < week * 5 / 4)
		return;
	common = mem_new(d->n, sizeof(*common));
	step = mem_new(n, sizeof(*step));
	shape = mem_new(week, sizeof(*shape));
	for (size_t w = 1; w < d->n; w++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++) {
			size_t j = w - t[i].at;

			if (w <= t[i].at || j >= t[i].n ||
			    t[i].context.age + (double)j * hours < GROWN)
				continue;
			step[k] = log(t[i].u[j] / t[i].u[j - 1]);
			k += isfinite(step[k]) ? 1 : 0;
		}
		common[w] = common[w - 1] +
		    (k < PEERS ? 0 : robust_median(step, k));
	}
	season_week(common, d->n, week, d->period / 2, shape);
	if (is_rhythm(t, n, shape, week))
		for (size_t i = 0; i < n; i++)
			divide(&t[i], shape, week, t[i].u);
	free(shape);
	free(step);
	free(common);
}

/* The usual wander of the running, or of those that start. */
static double
peers_wander(const struct trial *t, size_t n, bool starting, bool bursts,
    double *scratch)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		double age = t[i].context.age, width = t[i].context.width, w;
		size_t m = t[i].n;

		if (isnan(age) ? starting : starting != (age < BIRTH))
			continue;
		if (starting && (double)m * width > WARMING * 3600)
			m = (size_t)(WARMING * 3600 / width);
		w = growth_wander(t[i].u, m, width, bursts);
		if (!isnan(w))
			scratch[k++] = w;
	}
	return k < CROWD ? 0 : robust_quantile(scratch, k, HEALTHY);
}

static bool
same_host(const struct trial *a, const struct trial *b)
{
	return span_eq(a->instance->name[FLEET_NODE],
	    b->instance->name[FLEET_NODE]) &&
	    span_eq(a->instance->name[FLEET_CLUSTER],
	    b->instance->name[FLEET_CLUSTER]);
}

/* The trials of one host, from `from`. */
static size_t
host_end(const struct trial *t, size_t n, size_t from, bool *leaks)
{
	size_t to;

	*leaks = false;
	for (to = from; to < n && same_host(&t[from], &t[to]); to++)
		*leaks |= t[to].growth.reason == GROWTH_LEAK;
	return to;
}

/* Whether one instance is enough. */
static bool
is_certain(const struct trial *t)
{
	const struct growth *g = &t->growth;
	double hours = t->context.width / 3600;
	double lasted = (double)(g->to - g->from) * hours;

	return g->reason == GROWTH_LEAK && g->gain >= CERTAIN_GAIN * g->base &&
	    lasted >= CERTAIN_HOURS && (lasted >= CERTAIN_LONG ||
	    ((double)g->from * hours >= CERTAIN_FLAT &&
	    log1p(g->gain / g->base) >= CERTAIN_SWING * t->context.swing));
}

/*
 * Each instance is a test, and a component has hundreds.  A leak on one host in
 * ISOLATED or fewer is taken for chance; where no instance is certain by
 * itself, on one in ISOLATED_DOUBT.
 */
static bool
is_chance(const struct trial *t, size_t n)
{
	size_t hosts = 0, leaking = 0, certain = 0;
	bool leaks;

	for (size_t from = 0, to; from < n; from = to) {
		to = host_end(t, n, from, &leaks);
		hosts++;
		leaking += leaks ? 1 : 0;
	}
	for (size_t i = 0; i < n; i++)
		certain += is_certain(&t[i]) ? 1 : 0;
	return (double)leaking * (certain > 0 ? ISOLATED : ISOLATED_DOUBT) <=
	    (double)hosts;
}

/*
 * A leak that restarts reset shows in young processes, which alone could as well
 * be warming up.  Where another of the same host leaks, they are judged again
 * without that doubt.  Trials are in order of host.
 */
static void
judge_again(const struct procdetect *p, struct trial *t, size_t n)
{
	bool leaks;

	if (is_chance(t, n)) {
		for (size_t i = 0; i < n; i++)
			if (t[i].growth.reason == GROWTH_LEAK &&
			    !is_certain(&t[i]))
				t[i].growth.reason = GROWTH_ALONE;
		return;
	}
	for (size_t from = 0, to; from < n; from = to) {
		to = host_end(t, n, from, &leaks);
		for (size_t i = from; leaks && i < to; i++) {
			t[i].context.recurs = true;
			if (t[i].growth.reason != GROWTH_LEAK)
				growth_find(t[i].u, t[i].n, &t[i].context,
				    p->limit, &t[i].growth);
		}
	}
}

static void
report(struct procdetect *p, const struct fleet *f, const struct trial *t,
    const struct grid *d)
{
	const struct growth *g = &t->growth;
	struct suspect s = { .growth = *g,
		.instance = (size_t)(t->instance - f->instance.v) };

	if (g->reason != GROWTH_LEAK && !p->all)
		return;
	s.leak_start = d->first + (int64_t)(t->at + g->from) * p->width;
	s.leak_end = d->first + (int64_t)(t->at + g->to + 1) * p->width;
	if (s.leak_end > f->last)
		s.leak_end = f->last;
	s.severity = g->base > 0 ? 100 * g->gain / g->base * g->r2 : 0;
	s.exhaust = hours_left(t->instance, g);
	vec_push(&p->suspect, s);
}

/* The instances [from, to) of one component. */
static void
judge_component(struct procdetect *p, const struct fleet *f, size_t from,
    size_t to, const struct grid *d)
{
	size_t n = to - from;
	struct trial *t = mem_new(n, sizeof(*t));
	double *scratch = mem_new(n, sizeof(*scratch)), wander, warmup, swing;

	for (size_t i = 0; i < n; i++)
		open_trial(&t[i], p, &f->instance.v[from + i], d);
	remove_season(t, n, d);
	remove_week(t, n, d);
	wander = peers_wander(t, n, false, false, scratch);
	swing = peers_wander(t, n, false, true, scratch);
	warmup = peers_wander(t, n, true, false, scratch);
	for (size_t i = 0; i < n; i++) {
		t[i].context.wander = wander;
		t[i].context.warmup = warmup;
		t[i].context.swing = swing;
		growth_find(t[i].u, t[i].n, &t[i].context, p->limit,
		    &t[i].growth);
	}
	judge_again(p, t, n);
	for (size_t i = 0; i < n; i++) {
		report(p, f, &t[i], d);
		free(t[i].u);
	}
	free(scratch);
	free(t);
}

static size_t
component_end(const struct fleet *f, size_t from)
{
	size_t to = from;

	while (to < f->instance.n && f->instance.v[to].component ==
	    f->instance.v[from].component)
		to++;
	return to;
}

void
procdetect_run(struct procdetect *p, const struct fleet *f)
{
	struct grid d = { 0 };
	int64_t first = f->first;

	if (f->last < f->first)
		return;
	if (p->width == 0)
		p->width = fleet_width(f);
	if (f->last > INT64_MIN + RECORD && f->last - RECORD > first)
		first = f->last - RECORD;
	d.first = when_floor(first, p->width);
	d.n = (size_t)((f->last - d.first) / p->width) + 1;
	if (p->width <= WHEN_DAY / 4 && WHEN_DAY % p->width == 0 &&
	    f->last - first >= SEASON_LEAST * WHEN_DAY)
		d.period = (size_t)(WHEN_DAY / p->width);
	if (d.period > 0)
		d.phase = (size_t)((d.first - when_floor(d.first, WHEN_DAY)) /
		    p->width);
	d.record = when_seconds(f->last - first) / 3600;
	d.u = mem_new(d.n, sizeof(*d.u));
	for (size_t from = 0, to; from < f->instance.n; from = to) {
		to = component_end(f, from);
		if (p->wanted == NULL || intern_find(p->wanted,
		    f->instance.v[from].name[FLEET_COMPONENT]) != INTERN_NONE)
			judge_component(p, f, from, to, &d);
	}
	free(d.u);
	sorting = f;
	if (p->suspect.n > 0)
		qsort(p->suspect.v, p->suspect.n, sizeof(*p->suspect.v),
		    by_severity);
}

void
procdetect_free(struct procdetect *p)
{
	for (size_t i = 0; i < p->common.n; i++)
		buf_free(&p->common.v[i]);
	vec_free(&p->common);
	vec_free(&p->suspect);
}

struct span
procdetect_common(const struct procdetect *p, uint32_t component)
{
	return component < p->common.n ? buf_view(&p->common.v[component]) :
	    (struct span){ "", 0 };
}

/* Counts of one value among the leaking and the other instances. */
struct tally {
	size_t leaking, others;
};

/* Instances of [from, to) are one component; `leaks` is by instance. */
static void
compare(const struct fleet *f, size_t from, size_t to, const bool *leaks,
    size_t a, const char *name, struct buf *out)
{
	struct tally *tally = mem_new(f->text.n + 1, sizeof(*tally)), all = { 0 };

	for (size_t i = from; i < to; i++) {
		uint32_t v = f->instance.v[i].attribute[a];

		*(leaks[i] ? &all.leaking : &all.others) += 1;
		if (v != INTERN_NONE)
			*(leaks[i] ? &tally[v].leaking : &tally[v].others) += 1;
	}
	for (size_t v = 0; v < f->text.n; v++) {
		if (tally[v].leaking == 0 || all.others == 0 ||
		    (double)tally[v].leaking < SHARE * (double)all.leaking ||
		    (double)tally[v].others > OTHERS * (double)all.others)
			continue;
		if (out->n > 0)
			buf_char(out, ',');
		buf_str(out, name);
		buf_char(out, '=');
		buf_span(out, f->text.key[v]);
	}
	free(tally);
}

void
procdetect_compare(struct procdetect *p, const struct fleet *f,
    char *const *attribute)
{
	bool *leaks = mem_new(f->instance.n + 1, sizeof(*leaks));

	for (size_t i = 0; i < p->suspect.n; i++)
		if (p->suspect.v[i].growth.reason == GROWTH_LEAK)
			leaks[p->suspect.v[i].instance] = true;
	for (size_t c = 0; c < f->component.n; c++)
		vec_push(&p->common, (struct buf){ 0 });
	for (size_t from = 0, to; from < f->instance.n; from = to) {
		uint32_t c = f->instance.v[from].component;
		bool any = false;

		to = component_end(f, from);
		for (size_t i = from; i < to; i++)
			any |= leaks[i];
		for (size_t a = 0; any && a < f->nattribute; a++)
			compare(f, from, to, leaks, a, attribute[a],
			    &p->common.v[c]);
	}
	free(leaks);
}
