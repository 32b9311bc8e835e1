#include "leak/bucket.h"

#include <stdlib.h>
#include <string.h>

/* Names kept beyond those of the last window, before starting afresh. */
#define NAMES_KEPT (1 << 16)
#define NAMES_FACTOR 4

void
bucket_init(struct bucket *b, const struct bucket_options *options,
    bucket_put *put, void *arg)
{
	*b = (struct bucket){
		.options = *options,
		.put = put,
		.arg = arg,
		.windows = { .options = options->windows,
		    .closed = WHEN_NEVER },
	};
}

/* The batch's pairs into its window. */
void
bucket_flush(struct bucket *b)
{
	uint32_t group[PAIRS_BATCH], node[PAIRS_BATCH];
	uint8_t level[PAIRS_BATCH];

	if (b->n == 0)
		return;
	intern_ids(&b->groups, b->group, group, b->n);
	intern_ids(&b->nodes, b->node, node, b->n);
	if (b->groups.n > PAIRS_ID_MAX || b->nodes.n > PAIRS_ID_MAX) {
		b->why = "too many components or nodes";
		b->n = 0;
	}
	if (b->options.sum)
		pairs_sum(&b->now->sparse, group, node, b->usage, b->n);
	else {
		for (size_t i = 0; i < b->n; i++)
			level[i] = (uint8_t)edges_level(b->options.edges,
			    b->usage[i]);
		b->n = dense_raise(&b->now->dense, group, node, level, b->n);
		pairs_raise(&b->now->sparse, group, node, level, b->n);
	}
	b->n = 0;
	b->joined.n = 0;
}

void
bucket_add_joined(struct bucket *b, const struct span *key, size_t n,
    struct span node, uint64_t usage)
{
	size_t size = n, from;

	for (size_t i = 0; i < n; i++)
		size += key[i].n;
	if (b->joined.n + size > b->joined.cap) {	/* it may move */
		bucket_flush(b);
		buf_room(&b->joined, size);
	}
	from = b->joined.n;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(&b->joined, '\0');
		buf_span(&b->joined, key[i]);
	}
	bucket_add(b, (struct span){ b->joined.s + from, b->joined.n - from },
	    node, usage);
}

/* The pairs, in no order, each with its level in the low byte.  Whether a slot
 * is taken nobody could predict: no branch, and a word to spare. */
static uint64_t *
gather(const struct bucket *b, const struct pairs *p)
{
	uint64_t *pair = mem_new(p->n + 1, sizeof(*pair));
	size_t n = 0;

	for (size_t i = 0; i < p->cap; i++) {
		bool taken = p->slot[i] != 0;

		pair[n] = p->sum == NULL ? p->slot[i] - 1 :
		    (p->slot[i] - 1) |
		    edges_level(b->options.edges, p->sum[i]);
		n += taken;
	}
	return pair;
}

/* The pairs' levels, group by group, at from[group] up to from[group + 1]. */
static void
sort_levels(const struct bucket *b, const struct pairs *p, size_t *from,
    uint8_t *level)
{
	uint64_t *pair = gather(b, p);
	size_t total = 0;

	for (size_t i = 0; i < p->n; i++)
		from[pairs_group(pair[i])]++;
	for (size_t g = 0; g <= b->groups.n; g++) {
		size_t count = from[g];

		from[g] = total;
		total += count;
	}
	for (size_t i = 0; i < p->n; i++)
		level[from[pairs_group(pair[i])]++] = (uint8_t)pair[i];
	memmove(from + 1, from, b->groups.n * sizeof(*from));
	from[0] = 0;
	free(pair);
}

/* Returns how many pairs the window had. */
static size_t
put_window(struct bucket *b, int64_t start, struct bucket_pairs *p)
{
	size_t nlevel = b->options.edges->n, live = 0;
	size_t *from = mem_new(b->groups.n + 1, sizeof(*from));
	uint8_t *level = mem_new(p->sparse.n, 1);
	uint64_t nodes[EDGES_MAX];

	order_update(&b->order, &b->groups);
	sort_levels(b, &p->sparse, from, level);
	vec_room(&b->live, b->groups.n);
	b->live.n = b->groups.n;
	for (size_t i = 0; i < b->order.id.n; i++) {
		uint32_t g = b->order.id.v[i];

		memset(nodes, 0, nlevel * sizeof(*nodes));
		dense_take(&p->dense, g, nodes, nlevel);
		for (size_t k = from[g]; k < from[g + 1]; k++)
			nodes[level[k]]++;
		for (size_t l = nlevel - 1; l > 0; l--)
			nodes[l - 1] += nodes[l];
		b->live.v[g] = (uint32_t)nodes[0];
		live += nodes[0];
		if (nodes[0] > 0)
			b->put(b->arg, start, b->groups.key[g], nodes);
	}
	free(level);
	free(from);
	return live;
}

static void
drop_pairs(struct bucket_pairs *p)
{
	if (p != NULL) {
		dense_free(&p->dense);
		pairs_free(&p->sparse);
	}
	free(p);
}

/* The pairs of a window to come. */
static struct bucket_pairs *
new_pairs(struct bucket *b)
{
	struct bucket_pairs *p = b->spare;

	b->spare = NULL;
	if (p == NULL)
		p = mem_new(1, sizeof(*p));
	if (!b->options.sum)
		dense_choose(&p->dense, b->live.v, b->live.n, b->nodes.n);
	return p;
}

/* A stream goes on for years: names that have gone are not kept for ever. */
static void
forget_names(struct bucket *b, size_t live)
{
	size_t keep = live * NAMES_FACTOR + NAMES_KEPT;

	if (b->windows.open.n > 0 ||
	    (b->groups.n <= keep && b->nodes.n <= keep))
		return;
	intern_free(&b->groups);
	intern_free(&b->nodes);
	order_free(&b->order);
	b->live.n = 0;
}

static bool
close_oldest(struct bucket *b)
{
	struct bucket_pairs *p;
	struct window w;

	if (!windows_close(&b->windows, &w))
		return false;
	p = w.data;
	forget_names(b, put_window(b, w.start, p));
	pairs_clear(&p->sparse);
	drop_pairs(b->spare);
	b->spare = p;
	return true;
}

const char *
bucket_open_window(struct bucket *b, int64_t ts)
{
	struct window *w;

	/* Two samples of a process are not two processes. */
	if (b->options.sum && when_floor(ts, b->options.windows.width) != ts)
		return "--sum needs the start of a window, see resin-rollup";
	if (b->now != NULL && ts >= b->from && ts < b->to)
		return b->why;
	bucket_flush(b);
	b->now = NULL;
	while (windows_due(&b->windows, ts))
		close_oldest(b);
	w = windows_at(&b->windows, ts);
	if (w == NULL)
		return "its window is closed: sort by ts, or see --lateness";
	if (w->data == NULL)
		w->data = new_pairs(b);
	b->now = w->data;
	b->from = w->start;
	if (__builtin_add_overflow(w->start, b->options.windows.width, &b->to))
		b->to = INT64_MAX;
	return b->why;
}

const char *
bucket_end(struct bucket *b)
{
	bucket_flush(b);
	b->now = NULL;
	while (b->why == NULL && close_oldest(b))
		;
	return b->why;
}

void
bucket_free(struct bucket *b)
{
	struct window w;

	while (windows_close(&b->windows, &w))
		drop_pairs(w.data);
	drop_pairs(b->spare);
	vec_free(&b->live);
	vec_free(&b->windows.open);
	order_free(&b->order);
	intern_free(&b->groups);
	intern_free(&b->nodes);
	buf_free(&b->joined);
}
