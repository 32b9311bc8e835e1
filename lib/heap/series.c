#include "heap/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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
		vec_push(&s->column, (struct series_column){ 0 });
		i = s->snap.n;
	}
	s->snap.v[i - 1].incomplete |= at.incomplete;
	return (uint32_t)(i - 1);
}

static void
column_free(struct series_column *c)
{
	vec_free(&c->cell);
	vec_free(&c->known);
}

static void
add_cell(struct series_column *c, uint32_t stack, struct series_cell cell)
{
	if (stack >= c->cell.n) {
		size_t more = stack + 1 - c->cell.n;

		vec_room(&c->cell, more);
		vec_room(&c->known, more);
		memset(c->cell.v + c->cell.n, 0, more * sizeof(cell));
		memset(c->known.v + c->known.n, 0, more * sizeof(bool));
		c->cell.n = c->known.n = stack + 1;
	}
	c->cell.v[stack].bytes += cell.bytes;
	c->cell.v[stack].milli += cell.milli;
	c->cell.v[stack].var += cell.var; /* whole numbers: any order will do */
	c->known.v[stack] = true;
}

void
series_add(struct series *s, struct series_snap at, uint32_t stack,
    struct series_cell cell, uint64_t addr)
{
	uint32_t snap = snap_of(s, at);

	add_cell(&s->column.v[snap], stack, cell);
	if (addr != 0)
		vec_push(&s->alloc, (struct series_alloc){ addr, cell.bytes,
		    stack, snap });
	if (cell.bytes > 0 && (s->least == 0 || cell.bytes < s->least))
		s->least = cell.bytes;
}

struct by_time {
	struct series_snap snap;
	struct series_column column;
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

/* Snapshots in order of time; what they have follows. */
static void
sort_snaps(struct series *s)
{
	size_t n = s->snap.n, i;
	struct by_time *by = mem_new(n, sizeof(*by));
	uint32_t *now = mem_new(n, sizeof(*now));

	for (i = 0; i < n; i++)
		by[i] = (struct by_time){ s->snap.v[i], s->column.v[i],
			(uint32_t)i };
	qsort(by, n, sizeof(*by), earlier);
	for (i = 0; i < n; i++) {
		now[by[i].was] = (uint32_t)i;
		s->snap.v[i] = by[i].snap;
		s->column.v[i] = by[i].column;
	}
	for (i = 0; i < s->alloc.n; i++)
		s->alloc.v[i].snap = now[s->alloc.v[i].snap];
	free(by);
	free(now);
}

/*
 * What the stacks of snapshot j are known to have lost in snapshot k, in bytes.
 */
static double
lost(const struct series *s, size_t j, size_t k)
{
	const struct series_column *a = &s->column.v[j], *b = &s->column.v[k];
	double less = 0;

	for (size_t i = 0; i < a->cell.n; i++) {
		bool known = i < b->cell.n && b->known.v[i];
		uint64_t was = a->cell.v[i].bytes,
			 is = known ? b->cell.v[i].bytes : 0;

		if (known || !s->snap.v[k].incomplete)
			less += was > is ? (double)(was - is) : 0;
	}
	return less;
}

static double
level(const struct series_column *c)
{
	double bytes = 0;

	for (size_t i = 0; i < c->cell.n; i++)
		bytes += (double)c->cell.v[i].bytes;
	return bytes;
}

/*
 * The process' end: the heap falls until the last snapshot, in a quarter of
 * them at most, and half of it goes, three times as much as ever before from
 * one to the next.  How many snapshots that is.
 */
#define END_PART 4
#define END_GONE 0.5
#define END_TIMES 3

static size_t
end_of(const struct series *s)
{
	const struct series_column *c = s->column.v;
	size_t n = s->snap.n, from = n - 1, k;
	double gone;

	if (n < 3 || s->keep_end)
		return 0;
	while (from > 0 && (n - from < 2 || (n - from) * END_PART <= n) &&
	    level(&c[from - 1]) > level(&c[from]))
		from--;
	gone = lost(s, from, n - 1);
	if (gone == 0 || gone < END_GONE * level(&c[from]))
		return 0;
	for (k = 1; k <= from; k++)
		if (END_TIMES * lost(s, k - 1, k) > gone)
			return 0;
	return n - 1 - from;
}

static void
drop_end(struct series *s)
{
	size_t kept = 0, i;

	for (s->ended = end_of(s), i = 0; i < s->ended; i++)
		column_free(&s->column.v[--s->column.n]);
	s->snap.n -= s->ended;
	for (i = 0; i < s->alloc.n; i++)
		if (s->alloc.v[i].snap < s->snap.n)
			s->alloc.v[kept++] = s->alloc.v[i];
	s->alloc.n = kept;
}

static void
sort_stacks(struct series *s)
{
	s->n = s->stacks.one.n;
	s->order = mem_new(s->n, sizeof(*s->order));
	s->place = mem_new(s->n, sizeof(*s->place));
	stacks_sort(&s->stacks, s->order);
	for (size_t i = 0; i < s->n; i++)
		s->place[s->order[i]] = (uint32_t)i;
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

/* The columns as rows, one a stack. */
static void
fill(struct series *s)
{
	size_t i, k, n = s->snap.n;
	bool *known = mem_new(s->n * n, sizeof(*known)), any = false;

	s->cell = mem_new(s->n * n, sizeof(*s->cell));
	for (k = 0; k < n; k++) {
		struct series_column *c = &s->column.v[k];

		for (i = 0; i < c->cell.n; i++) {
			s->cell[s->place[i] * n + k] = c->cell.v[i];
			known[s->place[i] * n + k] = c->known.v[i];
		}
		column_free(c);
		any |= s->snap.v[k].incomplete;
	}
	for (i = 0; any && i < s->n; i++)
		bridge(s, s->cell + i * n, known + i * n);
	free(known);
}

static int
by_address(const void *a, const void *b)
{
	const struct series_alloc *x = a, *y = b;

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
follow(struct series *s)
{
	const struct series_alloc *all = s->alloc.v;
	size_t i, end, n = s->snap.n;

	if (s->alloc.n == 0)
		return;
	qsort(s->alloc.v, s->alloc.n, sizeof(*all), by_address);
	s->life = mem_new(s->n, sizeof(*s->life));
	for (i = 0; i < s->alloc.n; i = end) {
		struct series_life *life = &s->life[s->place[all[i].stack]];

		for (end = i + 1; end < s->alloc.n &&
		    all[end].addr == all[i].addr &&
		    all[end].stack == all[i].stack &&
		    all[end].snap <= all[end - 1].snap + 1; end++)
			;
		if (all[i].snap == 0 || all[i].snap + 1 >= n)
			continue;
		life->born += all[i].bytes;
		if (all[end - 1].snap + 1 == n)
			life->kept += all[i].bytes;
	}
	vec_free(&s->alloc);
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
	return (double)s->least >= LEAST ? (double)s->least : 0;
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
	sort_snaps(s);
	drop_end(s);
	sort_stacks(s);
	fill(s);
	follow(s);
	if (!s->has_var) {
		s->rate = sampling_rate(s);
		work_out_var(s);
	}
}

void
series_free(struct series *s)
{
	for (size_t i = 0; i < s->column.n; i++)
		column_free(&s->column.v[i]);
	vec_free(&s->column);
	vec_free(&s->snap);
	vec_free(&s->alloc);
	stacks_free(&s->stacks);
	free(s->order);
	free(s->place);
	free(s->cell);
	free(s->life);
}

struct span
series_stack(const struct series *s, size_t i, struct buf *b)
{
	b->n = 0;
	stacks_text(&s->stacks, s->order[i], b);
	return buf_view(b);
}

size_t
series_find(const struct series *s, struct span stack)
{
	uint32_t id = stacks_find(&s->stacks, stack);

	return id == STACKS_NONE ? SIZE_MAX : s->place[id];
}
