#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/when.h"
#include "leak/pivot.h"
#include "stat/robust.h"
#include "stat/season.h"

/*
 * The sizes followed through time: those of the 1st, 2nd, 4th largest node, and
 * those at these shares of the fleet.  A leak on few hosts moves the first
 * ones, one on many the others; a growing fleet moves none.
 */
static const double FOLLOWED[] = { 0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.35,
	0.5, 0.7, 0.85 };
static const double FIRST[] = { 1, 2, 4 };
enum {
	NFIRST = sizeof(FIRST) / sizeof(FIRST[0]),
	NFOLLOWED = sizeof(FOLLOWED) / sizeof(FOLLOWED[0]),
};

enum { HOLES = 4 };
#define YEAR (366 * WHEN_DAY)
static const double SIGMAS = 3;		/* RESIN section 4.3.1 */

/*
 * One group's counts: nodes[edge * nwindow + window], NaN where none reported.
 */
struct table {
	const uint64_t *edge;	/* ascending */
	int64_t *window;	/* ascending */
	size_t nedge, nwindow;
	double *nodes;
	double *size;		/* scratch, nwindow each */
	double *scratch;
};

static struct span
bytes_of(const void *v)
{
	return (struct span){ v, 8 };
}

void
pivot_add(struct pivot *p, struct span group, int64_t ts, uint64_t bucket,
    uint64_t nodes)
{
	struct pivot_count c = { intern_id(&p->window, bytes_of(&ts)),
		intern_id(&p->edge, bytes_of(&bucket)), (double)nodes };
	uint32_t g;

	if (c.window < p->fresh)
		return;
	g = intern_id(&p->name, group);
	if (g == p->group.n)
		vec_push(&p->group, (struct pivot_group){ 0 });
	vec_push(&p->group.v[g].count, c);
}

void
pivot_free(struct pivot *p)
{
	for (size_t i = 0; i < p->group.n; i++)
		vec_free(&p->group.v[i].count);
	vec_free(&p->group);
	vec_free(&p->alert);
	intern_free(&p->name);
	intern_free(&p->window);
	intern_free(&p->edge);
}

static int
by_edge(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* rank[id] = place of the interned value in ascending order; `out` gets it. */
static uint32_t *
rank_values(const struct intern *in, int (*order)(const void *, const void *),
    void *out)
{
	uint32_t *rank = mem_new(in->n + 1, sizeof(*rank));
	unsigned char *v = out;

	for (size_t i = 0; i < in->n; i++)
		memcpy(v + 8 * i, in->key[i].s, 8);
	qsort(v, in->n, 8, order);
	for (size_t i = 0; i < in->n; i++) {
		const unsigned char *at = bsearch(in->key[i].s, v, in->n, 8,
		    order);

		rank[i] = (uint32_t)((size_t)(at - v) / 8);
	}
	return rank;
}

static void
fill(struct table *t, const struct pivot_group *g, const uint32_t *window,
    const uint32_t *edge)
{
	for (size_t i = 0; i < t->nedge * t->nwindow; i++)
		t->nodes[i] = NAN;
	for (size_t i = 0; i < g->count.n; i++) {
		const struct pivot_count *c = &g->count.v[i];
		double *at;

		at = &t->nodes[edge[c->edge] * t->nwindow + window[c->window]];
		*at = isnan(*at) ? c->nodes : *at + c->nodes;
	}
	for (size_t w = 0; w < t->nwindow; w++) {
		double above = 0, *v = t->nodes + w;
		bool any = false;

		for (size_t e = 0; e < t->nedge; e++)
			any |= !isnan(v[e * t->nwindow]);
		for (size_t e = t->nedge; any && e-- > 0;) {
			double *at = &v[e * t->nwindow];

			if (isnan(*at) || *at < above)
				*at = above;
			above = *at;
		}
	}
}

/*
 * The size that k nodes reach in window w, interpolated between edges in the
 * logarithm; NaN where fewer reported.
 */
static double
size_of(const struct table *t, size_t w, double k)
{
	const double *v = t->nodes + w;
	size_t e = t->nedge;
	double here, next, part;

	while (e > 0 && !(v[(e - 1) * t->nwindow] >= k))
		e--;
	if (e == 0)
		return NAN;
	e--;
	if (e + 1 == t->nedge || t->edge[e] == 0)
		return (double)t->edge[e];
	here = v[e * t->nwindow];
	next = v[(e + 1) * t->nwindow];
	part = (here - k + 0.5) / (here - next);
	return (double)t->edge[e] *
	    pow((double)t->edge[e + 1] / (double)t->edge[e], part);
}

/* The count of edge e as a share of the fleet, times its usual size. */
static double
normal_count(const struct table *t, size_t e, size_t w, double usual)
{
	double all = t->nodes[w];

	return all > 0 ? t->nodes[e * t->nwindow + w] / all * usual : NAN;
}

/*
 * The standard deviation of a count is never taken as less than that of a
 * binomial one with half a node more: a count that stood at 0 or at all for ten
 * days has a sample sd of 0 and would alert on one node.
 */
static double
sd_floor(double mean, double usual)
{
	double p = (mean + 0.5) / (usual + 1);

	return sqrt(usual * p * (1 - fmin(p, 1)));
}

/* The alert of one edge, if its count left what it was before `from`. */
static bool
try_edge(const struct table *t, size_t e, size_t from, double usual,
    struct alert *a)
{
	size_t k = 0, last = t->nwindow;
	double sum = 0, sq = 0, need;

	for (size_t w = 0; w < from; w++) {
		double c = normal_count(t, e, w, usual);

		if (isnan(c))
			continue;
		sum += c;
		sq += c * c;
		k++;
	}
	if (k == 0)
		return false;
	a->mean = sum / (double)k;
	a->sd = sqrt(fmax(0, sq / (double)k - a->mean * a->mean));
	a->sd = fmax(a->sd, sd_floor(a->mean, usual));
	need = fmin(a->mean + SIGMAS * a->sd, usual - 0.5);
	need = fmax(need, a->mean + 0.5);
	for (size_t w = from; w < t->nwindow; w++) {
		double c = normal_count(t, e, w, usual);

		if (isnan(c))
			continue;
		if (c <= need) {
			last = t->nwindow;
			continue;
		}
		if (last == t->nwindow)
			a->start = t->window[w];
		last = w;
		a->end = t->window[w];
		a->nodes = t->nodes[e * t->nwindow + w];
	}
	a->bucket = t->edge[e];
	return last < t->nwindow;
}

/*
 * Severity: how many sd the count of the bucket is above its mean, times the
 * growth of the size that was followed, in factors of two.
 */
static bool
make_alert(const struct table *t, const struct growth *g, double k,
    struct alert *a)
{
	double usual, top = 1.05 * (g->base + g->gain);
	size_t from = g->from > 0 ? g->from : t->nwindow / 4;
	size_t e;

	usual = robust_middle(t->nodes, t->nwindow, t->scratch);
	for (e = t->nedge; e-- > 1;)
		if ((double)t->edge[e] <= top && try_edge(t, e, from, usual, a))
			break;
	if (e == 0 || e > t->nedge) {	/* too few nodes for three sd */
		for (e = t->nedge - 1; e > 1 && (double)t->edge[e] > top; e--)
			continue;
		a->bucket = t->edge[e];
		a->start = t->window[from];
		a->end = t->window[g->to];
		a->mean = 0;
		a->sd = sd_floor(0, usual);
		a->nodes = k;
	}
	a->severity = (a->nodes - a->mean) / a->sd *
	    log2(1 + g->gain / g->base);
	return true;
}

/* The rhythm of a day, of windows without a gap that divide it. */
static void
remove_day(const struct table *t, double width)
{
	size_t period = (size_t)(86400 / width + 0.5);
	struct season season;

	if (width * (double)period > 86401 || width * (double)period < 86399 ||
	    t->nwindow < SEASON_LEAST * period)
		return;
	season_init(&season, period);
	season_see(&season, t->size, t->nwindow, 0);
	season_learn(&season);
	season_remove(&season, t->size, t->nwindow, 0);
	season_free(&season);
}

/* Keeps in *best the alert of the k largest nodes' size, if more severe. */
static void
follow(const struct pivot *p, const struct table *t, double first, double share,
    struct alert *best)
{
	double width, hours, k = first;
	struct growth_limits limit;
	struct growth g;
	struct alert a = *best;
	bool strict;

	for (size_t w = 0; w < t->nwindow; w++) {
		if (share > 0)
			k = ceil(share * t->nodes[w]);
		t->size[w] = size_of(t, w, fmax(k, 1));
	}
	hours = when_seconds(t->window[t->nwindow - 1]) / 3600 -
	    when_seconds(t->window[0]) / 3600;
	width = hours * 3600 / (double)(t->nwindow - 1);
	remove_day(t, width);
	strict = p->strict || hours < growth_defaults.history;
	limit = strict ? growth_defaults : growth_gate;
	/* A rollout that restarts all ends a leak, but was one. */
	limit.drop = strict ? 0 : growth_defaults.drop;
	growth_find(t->size, t->nwindow, &(struct growth_context){
	    .width = width, .record = hours, .age = NAN, .named = strict },
	    &limit, &g);
	if (g.reason != GROWTH_LEAK)
		return;
	make_alert(t, &g, fmax(k, 1), &a);
	if (a.bucket >= p->least_size && a.severity >= p->least_severity &&
	    (a.bucket > best->bucket || (a.bucket == best->bucket &&
	    a.severity > best->severity)))
		*best = a;
}

static void
judge(struct pivot *p, const struct table *t, uint32_t group)
{
	struct alert best = { .group = group };

	for (size_t i = 0; i < NFIRST; i++)
		follow(p, t, FIRST[i], 0, &best);
	for (size_t i = 0; i < NFOLLOWED; i++)
		follow(p, t, 0, FOLLOWED[i], &best);
	if (best.bucket > 0)
		vec_push(&p->alert, best);
}

static const struct pivot *sorting;	/* of by_severity() */

static int
by_severity(const void *a, const void *b)
{
	const struct alert *x = a, *y = b;

	if (x->severity < y->severity || x->severity > y->severity)
		return x->severity > y->severity ? -1 : 1;
	return span_cmp(sorting->name.key[x->group],
	    sorting->name.key[y->group]);
}

/*
 * Puts the windows that are there on a grid of the least distance of two, so
 * that those that are missing have a place too.  A grid that would be mostly
 * holes is none.
 */
static void
make_grid(struct table *t, const struct intern *window, uint32_t *rank)
{
	int64_t width = INT64_MAX, *w = t->window, first = w[0], ts;
	size_t n;

	if ((double)w[t->nwindow - 1] - (double)first > (double)YEAR)
		return;
	for (size_t i = 1; i < t->nwindow; i++)
		if (w[i] - w[i - 1] < width)
			width = w[i] - w[i - 1];
	n = (size_t)((w[t->nwindow - 1] - first) / width) + 1;
	if (n > HOLES * t->nwindow)
		return;
	for (size_t i = 0; i < window->n; i++) {
		memcpy(&ts, window->key[i].s, sizeof(ts));
		rank[i] = (uint32_t)((ts - first) / width);
	}
	t->nwindow = n;
	t->window = mem_resize(t->window, n + 1, sizeof(*t->window));
	for (size_t i = 0; i < n; i++)
		t->window[i] = first + (int64_t)i * width;
}

void
pivot_run(struct pivot *p)
{
	struct table t = { .nedge = p->edge.n, .nwindow = p->window.n };
	uint64_t *edge = mem_new(t.nedge + 1, sizeof(*edge));
	uint32_t *erank = rank_values(&p->edge, by_edge, edge), *wrank;

	t.edge = edge;
	t.window = mem_new(t.nwindow + 1, sizeof(*t.window));
	wrank = rank_values(&p->window, by_time, t.window);
	if (t.nwindow > 1)
		make_grid(&t, &p->window, wrank);
	t.nodes = mem_new(t.nedge * t.nwindow + 1, sizeof(*t.nodes));
	t.size = mem_new(t.nwindow + 1, sizeof(*t.size));
	t.scratch = mem_new(t.nwindow + 1, sizeof(*t.scratch));
	for (uint32_t g = 0; t.nwindow > 1 && g < p->group.n; g++) {
		fill(&t, &p->group.v[g], wrank, erank);
		judge(p, &t, g);
	}
	sorting = p;
	if (p->alert.n > 0)
		qsort(p->alert.v, p->alert.n, sizeof(*p->alert.v), by_severity);
	free(t.nodes);
	free(t.size);
	free(t.scratch);
	free(erank);
	free(wrank);
	free(edge);
	free(t.window);
}
