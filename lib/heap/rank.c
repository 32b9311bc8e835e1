#include "heap/rank.h"

#include <math.h>

#include "heap/axis.h"
#include "heap/lockstep.h"
#include "heap/prior.h"
#include "stat/student.h"

/* One false row in twenty runs, all stacks of a run taken together. */
#define ALPHA 0.05

/*
 * Whole objects that come and go: one-sided 5 %, three one way and none back.
 */
#define OBJECTS 1.6449

/* Two healthy hosts' growth may differ so much without anything being wrong. */
#define ALIKE 1.25

/* RESIN, section 5.5: estimate_leak is twice the growth of the process. */
#define ESTIMATE 2

struct work {
	const struct series *s;
	const struct rank_options *o;
	struct growth *g;	/* of each stack */
	double *reference;	/* growth in references; NaN where none given */
	double *reference_var;
	double *x, *bytes, *count;
};

static void
values(const struct series *s, size_t i, double *bytes, double *count,
    double *var)
{
	const struct series_cell *c = series_cells(s, i);
	size_t n = s->snap.n, k;

	*var = 0;
	for (k = 0; k < n; k++) {
		bytes[k] = (double)c[k].bytes;
		count[k] = (double)c[k].milli / 1000;
		*var += (double)c[k].var / (double)n;
	}
}

static void
measure(const struct series *s, size_t i, const double *x, double *bytes,
    double *count, struct growth *g)
{
	struct growth_input in = { x, bytes, count, s->snap.n, 0 };

	values(s, i, bytes, count, &in.var);
	growth_measure(&in, g);
}

/*
 * How much longer this trace is than the reference: by time or by snapshots,
 * whichever gives the reference more growth.
 */
static double
scale_of(const struct series *s, const struct series *ref, bool timed)
{
	size_t n = s->snap.n - 1, m = ref->snap.n - 1;
	double by_snap = (double)n / (double)m, by_time = 0;

	if (timed)
		by_time = (double)(s->snap.v[n].ts - s->snap.v[0].ts) /
		    (double)(ref->snap.v[m].ts - ref->snap.v[0].ts);
	return fmax(by_snap, by_time);
}

/* The greatest growth of each stack in any of the references. */
static void
refer(struct work *w, const struct series *ref, bool timed)
{
	double *x, *bytes, *count, scale;
	struct buf stack = { 0 };
	struct growth g;
	size_t i, at;

	if (ref->snap.n < 2)
		return;		/* one snapshot has a level but no growth */
	x = mem_new(3 * ref->snap.n, sizeof(*x));
	bytes = x + ref->snap.n;
	count = bytes + ref->snap.n;
	timed &= axis_of(ref, x);
	scale = scale_of(w->s, ref, timed);
	for (i = 0; i < w->s->n; i++) {
		if (w->g[i].gain <= 0)
			continue;
		at = series_find(ref, series_stack(w->s, i, &stack));
		if (at == SIZE_MAX)
			continue;
		measure(ref, at, x, bytes, count, &g);
		if (scale * g.gain > w->reference[i])
			w->reference[i] = scale * g.gain;
		if (g.sxx > 0)
			w->reference_var[i] = fmax(w->reference_var[i],
			    scale * scale * (g.sd * g.sd / g.sxx + g.wander));
	}
	buf_free(&stack);
	free(x);
}

/* The growth that chance explains, for one stack in `tests`. */
static double
noise_of(const struct work *w, size_t i, const struct prior *prior,
    size_t tests)
{
	const struct growth *g = &w->g[i];
	double df, var = prior_moderate(prior, g, &df),
	       p = ALPHA / (double)tests, q = student_upper(p, df),
	       z = normal_upper(p);

	return sqrt(q * q * (var / g->sxx + w->reference_var[i]) +
	    z * z * g->sampled + OBJECTS * OBJECTS * (g->lumps - g->sampled));
}

/* What leaks is never freed: survival 1.  What turns over is nearer to 0. */
static double
survival(const struct series *s, size_t i)
{
	if (s->life == NULL || s->life[i].born == 0)
		return NAN;
	return (double)s->life[i].kept / (double)s->life[i].born;
}

static int
tier_of(const struct rank_row *r, const struct rank_options *o, size_t nsnap)
{
	bool jump = r->g.class == GROWTH_STEP || r->g.class == GROWTH_SPIKE;

	if (r->too_large)
		return 2;
	if (r->g.class == GROWTH_STEADY || r->g.class == GROWTH_STAIR)
		return 0;
	if (jump && (o->pattern == RANK_IS_SPIKE || nsnap < 4))
		return 0;
	return 1;
}

static void
judge(struct work *w, size_t i, const struct prior *prior, size_t tests,
    struct rank_row *r)
{
	size_t n = w->s->snap.n;
	double var, healthy;

	values(w->s, i, w->bytes, w->count, &var);
	*r = (struct rank_row){ .stack = i, .g = w->g[i] };
	r->before = (uint64_t)w->bytes[0];
	r->after = (uint64_t)w->bytes[n - 1];
	r->growth = w->bytes[n - 1] - w->bytes[0];
	r->objects = w->count[n - 1] - w->count[0];
	r->reference = w->reference[i];
	r->noise = noise_of(w, i, prior, tests);
	healthy = isnan(r->reference) ? 0 : ALIKE * fmax(r->reference, 0);
	r->survival = survival(w->s, i);
	r->score = fmax(0, w->g[i].gain - healthy - r->noise) *
	    (isnan(r->survival) ? 1 : r->survival);
	r->too_large = w->o->growth > 0 && w->o->pattern != RANK_IS_SPIKE &&
	    r->growth > ESTIMATE * w->o->growth;
	r->tier = tier_of(r, w->o, n);
}

/*
 * What is listed: a leak's shape, with a score.  A step, a fill that levels off
 * or a saw-tooth is what every healthy program has; --all shows them.
 */
static bool
listed(const struct rank_row *r, const struct rank_options *o)
{
	if (o->all)
		return r->growth > 0;
	return r->score > o->threshold && (r->tier == 0 || r->too_large);
}

static int
order(const void *a, const void *b)
{
	const struct rank_row *x = a, *y = b;

	if (x->tier != y->tier)
		return x->tier < y->tier ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->growth != y->growth)
		return x->growth > y->growth ? -1 : 1;
	return (x->stack > y->stack) - (x->stack < y->stack);
}

static void
collect(struct work *w, struct ranking *out)
{
	struct prior prior;
	struct rank_row r;
	size_t i, tests = 1;

	prior_learn(&prior, w->g, w->s->n);
	for (i = 0; i < w->s->n; i++)
		tests += w->g[i].up + w->g[i].down > 0;
	for (i = 0; i < w->s->n; i++) {
		if (w->g[i].gain <= 0 && !w->o->all)
			continue;
		judge(w, i, &prior, tests, &r);
		if (listed(&r, w->o))
			vec_push(&out->row, r);
	}
}

static double
heap_growth(const struct series *s, double *bytes, double *count)
{
	double sum = 0, var;
	size_t i;

	for (i = 0; i < s->n; i++) {
		values(s, i, bytes, count, &var);
		sum += bytes[s->snap.n - 1] - bytes[0];
	}
	return sum;
}

static void
shares(struct ranking *out, const struct rank_options *o)
{
	double whole = o->growth > 0 ? o->growth : out->heap;
	size_t i;

	for (i = 0; i < out->row.n; i++) {
		struct rank_row *r = &out->row.v[i];

		r->share = whole > 0 ? r->growth / whole : NAN;
		out->explained += r->tier == 0 ? r->growth : 0;
	}
}

void
rank_stacks(const struct series *s, const struct series *reference,
    size_t nreference, const struct rank_options *o, struct ranking *out)
{
	struct work w = { s, o, NULL, NULL, NULL, NULL, NULL, NULL };
	size_t i, n = s->snap.n;
	bool timed;

	*out = (struct ranking){ .nreference = nreference };
	if (n < 2 || s->n == 0)
		return;
	w.g = mem_new(s->n, sizeof(*w.g));
	w.reference = mem_new(2 * s->n, sizeof(*w.reference));
	w.reference_var = w.reference + s->n;
	w.x = mem_new(3 * n, sizeof(*w.x));
	w.bytes = w.x + n;
	w.count = w.bytes + n;
	timed = axis_of(s, w.x);
	for (i = 0; i < s->n; i++) {
		measure(s, i, w.x, w.bytes, w.count, &w.g[i]);
		w.reference[i] = nreference > 0 ? 0 : NAN;
	}
	for (i = 0; i < nreference; i++)
		refer(&w, &reference[i], timed);
	out->heap = heap_growth(s, w.bytes, w.count);
	collect(&w, out);
	if (out->row.n > 1)
		qsort(out->row.v, out->row.n, sizeof(*out->row.v), order);
	lockstep_group(s, out);
	shares(out, o);
	free(w.g);
	free(w.reference);
	free(w.x);
}

void
rank_free(struct ranking *r)
{
	vec_free(&r->row);
}
