#include "heap/series.h"

#include <math.h>

#include "base/buf.h"
#include "heap/frames.h"

/* The snapshot of this time; rows of one come together as a rule. */
static uint32_t
snap_of(struct series *s, struct series_snap at)
{
	size_t i = s->snap.n;

	while (i > 0 && (s->snap.v[i - 1].ts != at.ts ||
	    s->snap.v[i - 1].ordinal != at.ordinal))
		i--;
	if (i == 0) {
		vec_push(&s->snap, at);
		i = s->snap.n;
	}
	s->snap.v[i - 1].incomplete |= at.incomplete;
	return (uint32_t)(i - 1);
}

void
series_add(struct series *s, struct series_snap at, struct span stack,
    struct series_cell cell, uint64_t addr)
{
	vec_push(&s->row, (struct series_row){ intern_id(&s->stack, stack),
	    snap_of(s, at), cell, addr });
}

struct by_time {
	struct series_snap snap;
	uint32_t was;
};

static int
earlier(const void *a, const void *b)
{
	const struct by_time *x = a, *y = b;

	if (x->snap.ts != y->snap.ts)
		return x->snap.ts < y->snap.ts ? -1 : 1;
	return (x->snap.ordinal > y->snap.ordinal) -
	    (x->snap.ordinal < y->snap.ordinal);
}

/* Snapshots in order of time; rows follow. */
static void
sort_snaps(struct series *s)
{
	size_t n = s->snap.n, i;
	struct by_time *by = mem_new(n, sizeof(*by));
	uint32_t *now = mem_new(n, sizeof(*now));

	for (i = 0; i < n; i++)
		by[i] = (struct by_time){ s->snap.v[i], (uint32_t)i };
	qsort(by, n, sizeof(*by), earlier);
	for (i = 0; i < n; i++) {
		now[by[i].was] = (uint32_t)i;
		s->snap.v[i] = by[i].snap;
	}
	for (i = 0; i < s->row.n; i++)
		s->row.v[i].snap = now[s->row.v[i].snap];
	free(by);
	free(now);
}

struct by_name {
	struct span name;
	uint32_t id;
};

static int
before(const void *a, const void *b)
{
	return frames_compare(((const struct by_name *)a)->name,
	    ((const struct by_name *)b)->name);
}

/* The stacks that are left, in order; place[id] = where each stands. */
static uint32_t *
order_stacks(struct series *s, const bool *left)
{
	struct by_name *by = mem_new(s->stack.n, sizeof(*by));
	uint32_t *place = mem_new(s->stack.n, sizeof(*place));
	size_t i;

	for (i = s->n = 0; i < s->stack.n; i++)
		if (left[i])
			by[s->n++] = (struct by_name){ s->stack.key[i],
				(uint32_t)i };
	qsort(by, s->n, sizeof(*by), before);
	s->order = mem_new(s->n, sizeof(*s->order));
	for (i = 0; i < s->n; i++) {
		s->order[i] = by[i].id;
		place[by[i].id] = (uint32_t)i;
	}
	free(by);
	return place;
}

/*
 * Collapses the distinct stacks; to[id] = the place of what is left of it.
 * What has no recursion, which is most, stands for itself.
 */
static uint32_t *
collapse(struct series *s)
{
	size_t given = s->stack.n, i;
	uint32_t *to = mem_new(given, sizeof(*to)), *place;
	bool *left = mem_new(2 * given, sizeof(*left));
	struct buf b = { 0 };

	for (i = 0; i < given; i++) {
		b.n = 0;
		frames_collapse(s->stack.key[i], &b);
		to[i] = b.n == s->stack.key[i].n ? (uint32_t)i :
		    intern_id(&s->stack, buf_view(&b));
		left[to[i]] = true;
	}
	buf_free(&b);
	place = order_stacks(s, left);
	for (i = 0; i < given; i++)
		to[i] = place[to[i]];
	free(place);
	free(left);
	return to;
}

static uint64_t
between(uint64_t a, uint64_t b, size_t i, size_t n)
{
	double f = (double)i / (double)n;

	return (uint64_t)((1 - f) * (double)a + f * (double)b + 0.5);
}

/* What an incomplete snapshot does not say of one stack. */
static void
bridge(struct series *s, struct series_cell *c, const bool *known)
{
	size_t n = s->snap.n, k, last = n, i, from;

	for (k = 0; k < n; k++) {
		if (!known[k] && s->snap.v[k].incomplete)
			continue;
		from = last == n ? 0 : last;
		for (i = last == n ? 0 : last + 1; i < k; i++) {
			const struct series_cell *a = &c[last == n ? k : last];

			c[i].bytes = between(a->bytes, c[k].bytes, i - from,
			    k - from);
			c[i].milli = between(a->milli, c[k].milli, i - from,
			    k - from);
			c[i].var = a->var;
		}
		last = k;
	}
	for (i = last == n ? n : last + 1; i < n; i++)
		c[i] = c[last];
}

static void
fill(struct series *s, const uint32_t *to)
{
	size_t i, n = s->snap.n;
	bool *known = mem_new(s->n * n, sizeof(*known)), any = false;
	struct series_cell *c;

	s->cell = mem_new(s->n * n, sizeof(*s->cell));
	for (i = 0; i < s->row.n; i++) {
		const struct series_row *r = &s->row.v[i];

		c = &s->cell[to[r->stack] * n + r->snap];
		c->bytes += r->cell.bytes;
		c->milli += r->cell.milli;
		c->var += r->cell.var; /* whole numbers: any order will do */
		known[c - s->cell] = true;
	}
	for (i = 0; i < n; i++)
		any |= s->snap.v[i].incomplete;
	for (i = 0; any && i < s->n; i++)
		bridge(s, s->cell + i * n, known + i * n);
	free(known);
}

static int
by_address(const void *a, const void *b)
{
	const struct series_row *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return (x->snap > y->snap) - (x->snap < y->snap);
}

/*
 * One allocation is an address with one stack in snapshots one after the
 * other.  An address that the same stack got again between two snapshots is
 * taken for one that was kept; nothing in the data tells.
 */
static void
follow(struct series *s, const uint32_t *to)
{
	VEC(struct series_row) all = { 0 };
	size_t i, end, n = s->snap.n;

	for (i = 0; i < s->row.n; i++)
		if (s->row.v[i].addr != 0) {
			vec_push(&all, s->row.v[i]);
			all.v[all.n - 1].stack = to[s->row.v[i].stack];
		}
	if (all.n > 0) {
		qsort(all.v, all.n, sizeof(*all.v), by_address);
		s->life = mem_new(s->n, sizeof(*s->life));
	}
	for (i = 0; i < all.n; i = end) {
		const struct series_row *r = &all.v[i];

		for (end = i + 1; end < all.n && all.v[end].addr == r->addr &&
		    all.v[end].stack == r->stack &&
		    all.v[end].snap <= all.v[end - 1].snap + 1; end++)
			;
		if (r->snap == 0 || r->snap + 1 >= n)
			continue;
		s->life[r->stack].born += r->cell.bytes;
		if (all.v[end - 1].snap + 1 == n)
			s->life[r->stack].kept += r->cell.bytes;
	}
	vec_free(&all);
}

/*
 * How the profiler sampled, from the data: an object of s bytes that is seen
 * with probability 1 - exp(-s/rate) stands for s / (1 - exp(-s/rate)) bytes,
 * which is never below `rate`.  So the smallest row of a sampled snapshot is at
 * least `rate`, and close to it where there are small objects at all; that of
 * an exact one is a small object.  LEAST tells the two apart: no real heap is
 * without a stack that has less than that.
 */
#define LEAST 512.0

static double
sampling_rate(const struct series *s)
{
	double least = INFINITY, b;
	size_t i;

	for (i = 0; i < s->row.n; i++) {
		b = (double)s->row.v[i].cell.bytes;
		if (b > 0 && b < least)
			least = b;
	}
	return least >= LEAST && least < INFINITY ? least : 0;
}

uint64_t
series_var(double var)
{
	return var >= 0x1p62 ? UINT64_C(1) << 62 : (uint64_t)(var + 0.5);
}

/* Var of the estimate of b bytes in objects of s: b s (1 - p) / p. */
static void
work_out_var(struct series *s)
{
	struct series_cell *c = s->cell, *end = c + s->n * s->snap.n;
	double p, size;

	for (; s->rate > 0 && c < end; c++) {
		if (c->milli == 0 || c->bytes == 0)
			continue;
		size = (double)c->bytes * 1000 / (double)c->milli;
		p = -expm1(-size / s->rate);
		c->var = series_var((double)c->bytes * size * (1 - p) / p);
	}
}

void
series_finish(struct series *s)
{
	uint32_t *to;

	sort_snaps(s);
	to = collapse(s);
	fill(s, to);
	follow(s, to);
	if (!s->has_var) {
		s->rate = sampling_rate(s);
		work_out_var(s);
	}
	free(to);
	vec_free(&s->row);
}

void
series_free(struct series *s)
{
	vec_free(&s->snap);
	vec_free(&s->row);
	intern_free(&s->stack);
	free(s->order);
	free(s->cell);
	free(s->life);
}

struct span
series_stack(const struct series *s, size_t i)
{
	return s->stack.key[s->order[i]];
}

size_t
series_find(const struct series *s, struct span stack)
{
	size_t low = 0, high = s->n, mid;
	int c;

	while (low < high) {
		mid = low + (high - low) / 2;
		c = frames_compare(series_stack(s, mid), stack);
		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return SIZE_MAX;
}
