#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/when.h"
#include "leak/evidence.h"
#include "leak/procdetect.h"
#include "leak/rhythm.h"
#include "stat/season.h"

/*
 * An attribute's value is named when at least SHARE of the leaking instances
 * have it and at most OTHERS of the rest do.
 */
static const double SHARE = 0.8, OTHERS = 0.5;

static const struct fleet *sorting; /* of by_severity(); qsort has no room */

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

/* Older samples are not looked at; one of the year 1700 is a mistake. */
#define RECORD (62 * WHEN_DAY)

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

	for (size_t i = 0; i < n; i++)
		trial_open(&t[i], &f->instance.v[from + i], d);
	rhythm_remove(p->limit, t, n, d);
	evidence_judge(p->limit, t, n);
	for (size_t i = 0; i < n; i++) {
		report(p, f, &t[i], d);
		trial_free(&t[i]);
	}
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
	d.width = p->width;
	d.first = when_floor(first, p->width);
	d.n = (size_t)((f->last - d.first) / p->width) + 1;
	if (p->width <= WHEN_DAY / 4 && WHEN_DAY % p->width == 0 &&
	    (int64_t)d.n * p->width >= SEASON_LEAST * WHEN_DAY)
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
	struct tally *tally = mem_new(f->text.n + 1, sizeof(*tally)),
		     all = { 0 };

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
