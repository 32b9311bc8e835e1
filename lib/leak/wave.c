#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "leak/wander.h"
#include "leak/wave.h"
#include "stat/robust.h"

/* Fewer instances say little of what all share. */
enum { CROWD = 12, TURNS = 6, SMOOTH = 2 };
/*
 * The course is what more than 1 - SHARED of them do at least; a leak on fewer
 * does not enter it.
 */
static const double SHARED = 0.15;
static const double YOUNG = 24;		/* hours; they warm up */
/* Load that is divided out takes this much off what instances give back. */
static const double CLOSER = 0.9;
/* Hours: a process as old as that does not warm up any more. */
static const double GROWN = 48;
/*
 * A leak of the course is this much larger than what instances give back, and
 * than what the course rose before.
 */
static const double USUAL = 3, ROSE = 2;

struct panel {
	const struct trial *t;
	size_t n, windows, half;	/* a day is 2 half */
	double **log;			/* of the sizes; NaN: not asked */
	double *level;			/* by instance */
	double *course;			/* by window; NaN: too few */
	double *scratch;
	const struct growth_limits *limit;
	double record;			/* hours */
	double given;			/* what instances give back */
};

static void
open_panel(struct panel *p, const struct growth_limits *limit,
    const struct trial *t, size_t n, const struct grid *d)
{
	*p = (struct panel){ .t = t, .n = n, .windows = d->n,
		.half = d->period / 2,
		.limit = limit, .record = d->record };
	p->log = mem_new(n, sizeof(*p->log));
	p->level = mem_new(n, sizeof(*p->level));
	p->course = mem_new(d->n, sizeof(*p->course));
	p->scratch = mem_new(n > d->n ? n : d->n, sizeof(*p->scratch));
	for (size_t i = 0; i < n; i++) {
		p->log[i] = mem_new(t[i].n + 1, sizeof(**p->log));
		for (size_t j = 0; j < t[i].n; j++)
			p->log[i][j] = t[i].u[j] > 0 ? log(t[i].u[j]) : NAN;
	}
}

static void
close_panel(struct panel *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->log[i]);
	free(p->log);
	free(p->level);
	free(p->course);
	free(p->scratch);
}

static void
find_levels(struct panel *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const double *course = p->course + p->t[i].at;
		size_t k = 0;

		for (size_t j = 0; j < p->t[i].n; j++) {
			double v = p->log[i][j] - course[j];

			if (!isnan(v))
				p->scratch[k++] = v;
		}
		p->level[i] = robust_quantile(p->scratch, k, SHARED);
	}
}

/* What instances older than `age` are above their level in window w. */
static size_t
gather(struct panel *p, size_t w, double age)
{
	size_t k = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct trial *t = &p->t[i];
		size_t j = w - t->at;

		if (w < t->at || j >= t->n || isnan(p->log[i][j]) ||
		    t->context.age + (double)j * trial_hours(t) < age)
			continue;
		p->scratch[k++] = p->log[i][j] - p->level[i];
	}
	return k;
}

static void
find_course(struct panel *p)
{
	for (size_t w = 0; w < p->windows; w++) {
		size_t k = gather(p, w, YOUNG);

		if (k < CROWD)
			k = gather(p, w, 0);
		p->course[w] = k < CROWD ? NAN :
		    robust_quantile(p->scratch, k, SHARED);
	}
}

/* Whether enough instances go on from half a day before w to half one after. */
static bool
goes_on(const struct panel *p, size_t w)
{
	size_t k = 0;

	for (size_t i = 0; i < p->n && k < CROWD; i++) {
		const struct trial *t = &p->t[i];

		k += w >= t->at + p->half && w + p->half < t->at + t->n ? 1 : 0;
	}
	return k == CROWD;
}

/*
 * Where the stretch that begins at `from` ends: at the middle of a rollout that
 * few instances outlive, beyond which their levels say nothing of those before.
 */
static size_t
stretch_end(const struct panel *p, size_t from)
{
	size_t to = from + p->half, on;

	while (to + p->half < p->windows && goes_on(p, to))
		to++;
	if (to + p->half >= p->windows)
		return p->windows;
	for (on = to; on + p->half < p->windows && !goes_on(p, on);)
		on++;
	return on + p->half >= p->windows ? p->windows : (to + on + 1) / 2;
}

/* The most that the course rose in its first n windows. */
static double
rise(const double *load, size_t n)
{
	double low = INFINITY, most = 0;

	for (size_t i = 0; i < n; i++) {
		low = fmin(low, load[i]);
		most = fmax(most, load[i] - low);
	}
	return most;
}

/* Whether the course in [from, to) leaks as the size of a process would. */
static bool
leaks(const struct panel *p, size_t from, size_t to, const double *load)
{
	double *u = mem_new(to - from, sizeof(*u));
	struct growth g;

	for (size_t w = from; w < to; w++)
		u[w - from] = exp(load[w]);
	growth_find(u, to - from, &(struct growth_context){
	    .width = p->t->context.width, .record = p->record,
	    .age = GROWN, .named = true }, p->limit, &g);
	free(u);
	return g.reason == GROWTH_LEAK && g.open &&
	    log1p(g.gain / g.base) > USUAL * p->given &&
	    log1p(g.gain / g.base) > ROSE * rise(load + from, g.from);
}

/* The course in [from, to), gaps bridged, about its middle. */
static void
bridge(const struct panel *p, size_t from, size_t to, double *load)
{
	double last = NAN, middle;

	for (size_t w = from; w < to; w++) {
		size_t a = w > from + SMOOTH ? w - SMOOTH : from;
		size_t b = w + SMOOTH < to ? w + SMOOTH + 1 : to;

		load[w] = robust_middle(p->course + a, b - a, p->scratch);
	}
	middle = robust_middle(load + from, to - from, p->scratch);
	for (size_t w = to; w-- > from;) {
		last = isnan(load[w]) ? last : load[w];
		load[w] = last;
	}
	for (size_t w = from; w < to; w++) {
		last = isnan(load[w]) ? last : load[w];
		load[w] = isnan(last) ? 0 : last - middle;
	}
}

/* Of a course that leaks only what comes back is load. */
static void
keep_leak(size_t from, size_t to, double *load)
{
	double low = INFINITY;

	for (size_t w = to; w-- > from;) {
		low = fmin(low, load[w]);
		load[w] -= low;
	}
}

static void
find_load(struct panel *p, double *load)
{
	for (int turn = 0; turn < TURNS; turn++) {
		find_levels(p);
		find_course(p);
	}
	for (size_t from = 0, to; from < p->windows; from = to) {
		to = stretch_end(p, from);
		bridge(p, from, to, load);
		if (leaks(p, from, to, load))
			keep_leak(from, to, load);
	}
}

/* What the instances give back, by the time that they are seen. */
static double
given_back(const struct trial *t, size_t n)
{
	double sum = 0, weight = 0;

	for (size_t i = 0; i < n; i++) {
		double v = wander_down(t[i].u, t[i].n, t[i].context.width);

		if (isnan(v))
			continue;
		sum += v * (double)t[i].n;
		weight += (double)t[i].n;
	}
	return weight > 0 ? sum / weight : 0;
}

static void
divide(struct trial *t, size_t n, const double *load, double sign)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < t[i].n; j++)
			t[i].u[j] /= exp(sign * load[t[i].at + j]);
}

void
wave_remove(const struct growth_limits *limit, struct trial *t, size_t n,
    const struct grid *d)
{
	struct panel p;
	double *load;

	if (n < CROWD || d->period == 0 || d->n < 2 * d->period)
		return;
	open_panel(&p, limit, t, n, d);
	p.given = given_back(t, n);
	load = mem_new(d->n, sizeof(*load));
	find_load(&p, load);
	divide(t, n, load, 1);
	/* Not all shared it: those that did not now seem to fall. */
	if (given_back(t, n) > CLOSER * p.given)
		divide(t, n, load, -1);
	free(load);
	close_panel(&p);
}
