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
		pairs_sum(b->now, group, node, b->usage, b->n);
	else {
		for (size_t i = 0; i < b->n; i++)
			level[i] = (uint8_t)edges_level(b->options.edges,
			    b->usage[i]);
		pairs_raise(b->now, group, node, level, b->n);
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

/*
 * The pairs' levels, group by group, at from[group] up to from[group + 1]: a
 * counting sort without a branch on whether a slot is taken, which nobody could
 * predict.  What a free slot says goes to level[p->n], a byte to spare.
 */
static void
scatter_levels(const struct bucket *b, const struct pairs *p, size_t *from,
    uint8_t *level)
{
	const struct edges *edges = b->options.edges;
	size_t total = 0;

	for (size_t i = 0; i < p->cap; i++)
		from[pairs_group(p->slot[i])] += p->slot[i] != 0;
	for (size_t g = 0; g <= b->groups.n; g++) {
		size_t count = from[g];

		from[g] = total;
		total += count;
	}
	for (size_t i = 0; i < p->cap; i++) {
		size_t *to = &from[pairs_group(p->slot[i])];
		bool taken = p->slot[i] != 0;

		level[taken ? *to : p->n] = p->sum == NULL ?
		    (uint8_t)(p->slot[i] - 1) :
		    (uint8_t)edges_level(edges, p->sum[i]);
		*to += taken;
	}
	memmove(from + 1, from, b->groups.n * sizeof(*from));
	from[0] = 0;
}

static void
put_window(struct bucket *b, int64_t start, const struct pairs *p)
{
	size_t nlevel = b->options.edges->n;
	size_t *from = mem_new(b->groups.n + 1, sizeof(*from));
	uint8_t *level = mem_new(p->n + 1, 1);
	uint64_t nodes[EDGES_MAX];

	order_update(&b->order, &b->groups);
	scatter_levels(b, p, from, level);
	for (size_t i = 0; i < b->order.id.n; i++) {
		uint32_t g = b->order.id.v[i];

		if (from[g] == from[g + 1])
			continue;
		memset(nodes, 0, nlevel * sizeof(*nodes));
		for (size_t k = from[g]; k < from[g + 1]; k++)
			nodes[level[k]]++;
		for (size_t l = nlevel - 1; l > 0; l--)
			nodes[l - 1] += nodes[l];
		b->put(b->arg, start, b->groups.key[g], nodes);
	}
	free(level);
	free(from);
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
}

static bool
close_oldest(struct bucket *b)
{
	struct window w;
	struct pairs *p;

	if (!windows_close(&b->windows, &w))
		return false;
	p = w.data;
	put_window(b, w.start, p);
	forget_names(b, p->n);
	if (b->spare.n == 0) {
		pairs_clear(p);
		vec_push(&b->spare, *p);
	} else
		pairs_free(p);
	free(p);
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
	if (w->data == NULL) {
		w->data = mem_new(1, sizeof(struct pairs));
		if (b->spare.n > 0)
			*(struct pairs *)w->data = b->spare.v[--b->spare.n];
	}
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

	while (windows_close(&b->windows, &w)) {
		pairs_free(w.data);
		free(w.data);
	}
	while (b->spare.n > 0)
		pairs_free(&b->spare.v[--b->spare.n]);
	vec_free(&b->spare);
	vec_free(&b->windows.open);
	order_free(&b->order);
	intern_free(&b->groups);
	intern_free(&b->nodes);
	buf_free(&b->joined);
}
