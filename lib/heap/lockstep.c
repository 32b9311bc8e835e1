#include "heap/lockstep.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "heap/kin.h"

/*
 * Only so many rows, and with the leaders of only so many findings, are
 * compared: beyond it nobody reads, and the work would grow with the square of
 * the rows.
 */
#define ROWS 4096
#define LEADERS 256

/* One stack may have up to so many objects for each of another's. */
#define RATIO_MAX 8

/* Two leaks of their own do not keep step as closely as this. */
#define SLACK 0.002

/*
 * How well a ratio must be known under sampling, in standard errors, for its
 * being whole to mean something: any number is near a whole one, but two leaks
 * of their own seldom have the same rate.
 */
#define KNOWN 0.04
#define KNOWN_ONE 0.2

/* What chi square a point may be above 1 before it tells shapes apart. */
#define MISFIT 3

/* What may be live under a finding's own frames that does not grow with it. */
#define OTHER 0.1

struct pair {
	const struct series *s;
	const struct rank_row *a, *b;	/* a has the more objects */
	double objects_a, objects_b;	/* growth over the window */
	double var_a, var_b;		/* of those */
};

struct groups {
	const struct series *s;
	struct ranking *r;
	double *other;		/* other[i]: level of stacks < i not listed */
	double *leak;		/* leak[i]: growth of stacks < i listed */
	uint32_t *kin;		/* of rows; heap/kin.h */
};

static double
milli(const struct series *s, size_t stack, size_t k)
{
	return (double)series_cells(s, stack)[k].milli / 1000;
}

/* Sampling variance of a number of objects, from that of its bytes. */
static double
object_var(const struct series *s, size_t stack, size_t k)
{
	const struct series_cell *c = &series_cells(s, stack)[k];
	double size;

	if (c->bytes == 0 || c->milli == 0)
		return 0;
	size = (double)c->bytes * 1000 / (double)c->milli;
	return (double)c->var / (size * size);
}

static double
grown(const struct series *s, const struct rank_row *r, double *var)
{
	size_t from = r->g.from, to = r->g.to;

	*var = fabs(object_var(s, r->stack, to) -
	    object_var(s, r->stack, from));
	return milli(s, r->stack, to) - milli(s, r->stack, from);
}

/*
 * Growth by the same each interval, as far as its errors tell: any two leaks
 * whose rates do not change look alike.
 */
static bool
same_always(const struct pair *p)
{
	size_t n = p->s->snap.n, k;
	double mean = p->objects_b / (double)(n - 1), chi = 0, d, v;

	for (k = 1; k < n; k++) {
		d = milli(p->s, p->b->stack, k) -
		    milli(p->s, p->b->stack, k - 1) - mean;
		v = p->var_b / (double)(n - 1) + 1 +
		    SLACK * SLACK * mean * mean;
		chi += d * d / v;
	}
	return chi <= MISFIT * (double)(n - 1);
}

/*
 * Interval by interval a is `ratio` times b, within what sampling adds: mean
 * square of the differences in units of their error, which is 1 if so and is
 * allowed MISFIT.  A count may be one off, for a snapshot that falls into a
 * request, and two in a thousand.
 */
static bool
same_shape(const struct pair *p, double ratio)
{
	size_t n = p->s->snap.n, k;
	double a, b, d, v, chi = 0, va = p->var_a / p->objects_a,
	       vb = p->var_b / p->objects_b;

	for (k = 1; k < n; k++) {
		a = milli(p->s, p->a->stack, k) -
		    milli(p->s, p->a->stack, k - 1);
		b = ratio * (milli(p->s, p->b->stack, k) -
		    milli(p->s, p->b->stack, k - 1));
		v = va * fabs(a) + ratio * vb * fabs(b);
		d = a - b;
		v += 1 + SLACK * SLACK * (a * a + ratio * ratio * b * b);
		/* What one of them shows of sampling, the other has too. */
		v += va + ratio * ratio * vb;
		chi += d * d / v;
	}
	return chi <= MISFIT * (double)(n - 1);
}

/* The ratio's error, from sampling. */
static double
ratio_sd(const struct pair *p)
{
	return p->objects_a / p->objects_b *
	    sqrt(p->var_a / (p->objects_a * p->objects_a) +
	    p->var_b / (p->objects_b * p->objects_b));
}

/* So many to one, a small whole number, and known well enough to say so. */
static bool
whole_ratio(const struct pair *p)
{
	double ratio = p->objects_a / p->objects_b, sd = ratio_sd(p),
	       whole = round(ratio);

	return whole >= 1 && whole <= RATIO_MAX &&
	    sd <= (whole > 1 ? KNOWN : KNOWN_ONE) &&
	    fabs(ratio - whole) <= 2.5 * sd + SLACK * ratio &&
	    same_shape(p, whole);
}

/* Where the stacks that begin with these frames begin and end. */
static size_t
bound(const struct series *s, const uint32_t *frame, size_t depth, bool end)
{
	size_t low = 0, high = s->n, mid;
	int c;

	while (low < high) {
		mid = low + (high - low) / 2;
		c = stacks_compare(&s->stacks, s->order[mid], frame, depth);
		if (c < 0 || (c == 0 && end))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * The frames in common lead to nothing else: what is under them is, but for
 * OTHER, what leaks.
 */
static bool
own_frames(const struct groups *g, const struct pair *p)
{
	const struct series *s = g->s;
	uint32_t a = s->order[p->a->stack], b = s->order[p->b->stack];
	size_t depth = stacks_common(&s->stacks, a, b), from, to;

	if (depth == 0)
		return false;
	from = bound(s, stacks_frames(&s->stacks, a), depth, false);
	to = bound(s, stacks_frames(&s->stacks, a), depth, true);
	/* What all stacks begin with tells nothing. */
	return to - from < s->n && g->other[to] - g->other[from] <=
	    OTHER * (g->leak[to] - g->leak[from]);
}

/*
 * Do they begin with a frame that not all stacks begin with?  Classes of
 * objects, which have no stacks, may all be.
 */
static bool
related(const struct groups *g, const struct pair *p)
{
	const struct stacks *st = &g->s->stacks;
	const uint32_t *order = g->s->order;
	uint32_t a = order[p->a->stack], b = order[p->b->stack];

	if (st->one.v[a].depth == 1 && st->one.v[b].depth == 1)
		return true;
	return stacks_common(st, a, b) >
	    stacks_common(st, order[0], order[g->s->n - 1]);
}

static bool
in_lockstep(const struct groups *g, const struct rank_row *a,
    const struct rank_row *b)
{
	struct pair p = { g->s, a, b, 0, 0, 0, 0 };

	p.objects_a = grown(g->s, a, &p.var_a);
	p.objects_b = grown(g->s, b, &p.var_b);
	if (p.objects_a < p.objects_b)
		p = (struct pair){ g->s, b, a, p.objects_b, p.objects_a,
			p.var_b, p.var_a };
	if (p.objects_b < 2)
		return false;
	if (own_frames(g, &p))
		return same_shape(&p, p.objects_a / p.objects_b);
	if (!whole_ratio(&p))
		return false;
	/* Exactly one for each is seldom chance; so many for each often is. */
	return (p.objects_a < 1.5 * p.objects_b && ratio_sd(&p) <= KNOWN) ||
	    related(g, &p) || !same_always(&p);
}

static void
sum_up(struct groups *g)
{
	const struct series *s = g->s;
	double *gain = mem_new(s->n, sizeof(*gain)), level;
	size_t i, k;

	for (i = 0; i < g->r->row.n; i++)
		gain[g->r->row.v[i].stack] = g->r->row.v[i].g.gain;
	g->other = mem_new(2 * (s->n + 1), sizeof(*g->other));
	g->leak = g->other + s->n + 1;
	for (i = 0; i < s->n; i++) {
		for (k = 0, level = 0; k < s->snap.n; k++)
			level += (double)series_cells(s, i)[k].bytes /
			    (double)s->snap.n;
		g->other[i + 1] = g->other[i] + (gain[i] > 0 ? 0 : level);
		g->leak[i + 1] = g->leak[i] + gain[i];
	}
	free(gain);
}

static int
by_finding(const void *a, const void *b)
{
	const struct rank_row *x = a, *y = b;

	if (x->tier != y->tier)
		return x->tier < y->tier ? -1 : 1;
	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	if (x->finding != y->finding)
		return x->finding < y->finding ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->stack > y->stack) - (x->stack < y->stack);
}

/* Findings by what their rows score together, numbered anew. */
static void
renumber(struct ranking *r)
{
	double *total = mem_new(r->findings + 1, sizeof(*total));
	size_t i, was = 0, now = 0;

	for (i = 0; i < r->row.n; i++)
		total[r->row.v[i].finding] += r->row.v[i].score;
	for (i = 0; i < r->row.n; i++)
		r->row.v[i].total = total[r->row.v[i].finding];
	if (r->row.n > 1)
		qsort(r->row.v, r->row.n, sizeof(*r->row.v), by_finding);
	for (i = 0; i < r->row.n; i++) {
		now += r->row.v[i].finding != was;
		was = r->row.v[i].finding;
		r->row.v[i].finding = now;
	}
	free(total);
}

/* How many rows each finding has, and the frames they begin with. */
static void
describe(const struct series *s, struct ranking *r)
{
	size_t i, k, n, common;
	bool recursion;

	for (i = 0; i < r->row.n; i += n) {
		uint32_t first = s->order[r->row.v[i].stack];

		recursion = r->row.v[i].recursion;

		common = s->stacks.one.v[first].depth;
		for (n = 1; i + n < r->row.n &&
		    r->row.v[i + n].finding == r->row.v[i].finding; n++) {
			size_t c = stacks_common(&s->stacks, first,
			    s->order[r->row.v[i + n].stack]);

			common = c < common ? c : common;
			recursion |= r->row.v[i + n].recursion;
		}
		for (k = i; k < i + n; k++) {
			r->row.v[k].members = n;
			r->row.v[k].common = common;
			r->row.v[k].recursion = recursion;
		}
	}
}

static size_t
compared(const struct ranking *r)
{
	return r->row.n < ROWS ? r->row.n : ROWS;
}

static void
find_kin(struct groups *g)
{
	size_t n = compared(g->r), i;
	uint32_t *id = mem_new(n, sizeof(*id));

	for (i = 0; i < n; i++)
		id[i] = g->s->order[g->r->row.v[i].stack];
	g->kin = mem_new(n, sizeof(*g->kin));
	kin_find(&g->s->stacks, id, n, g->kin);
	free(id);
}

/* Whose finding a row belongs to, of n rows; n: nobody's. */
static size_t
find_leader(const struct groups *g, const size_t *leader, size_t n, size_t i)
{
	const struct rank_row *row = g->r->row.v;
	size_t k;

	if (i >= ROWS || row[i].tier != 0)
		return n;
	for (k = 0; k < n; k++)
		if (row[leader[k]].tier == 0 &&
		    g->kin[i] == g->kin[leader[k]])
			return k;
	for (k = 0; k < n; k++)
		if (row[leader[k]].tier == 0 &&
		    in_lockstep(g, &row[leader[k]], &row[i]))
			return k;
	return n;
}

void
lockstep_group(const struct series *s, struct ranking *r)
{
	struct groups g = { s, r, NULL, NULL, NULL };
	size_t leader[LEADERS], n = 0, i, k;

	sum_up(&g);
	find_kin(&g);
	for (i = 0; i < r->row.n; i++) {
		struct rank_row *row = &r->row.v[i];

		if ((k = find_leader(&g, leader, n, i)) < n) {
			row->finding = r->row.v[leader[k]].finding;
			row->recursion = g.kin[i] == g.kin[leader[k]];
			continue;
		}
		row->finding = ++r->findings;
		if (n < LEADERS)
			leader[n++] = i;
	}
	renumber(r);
	describe(s, r);
	free(g.other);
	free(g.kin);
}
