#ifndef RESIN_BUCKET_H
#define RESIN_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/span.h"
#include "base/vec.h"
#include "leak/bucket_dense.h"
#include "leak/bucket_edges.h"
#include "leak/bucket_pairs.h"
#include "leak/bucket_window.h"
#include "leak/order.h"

/*
 * bucket - RESIN's level 1 input (section 4.3.1): for each (window, group) the
 * number of distinct nodes in each size bucket and all higher ones, where a
 * group is a component and the attributes counted apart.
 *
 * A node stands in the bucket of its largest process of the group, "nodes with
 * a process of that key whose usage falls in that bucket"; with `sum`, in that
 * of all its processes together.
 *
 * Rows are gathered and worked on a batch at a time, in passes that each start
 * their cache misses together; so the spans given to bucket_add() must live
 * until bucket_flush().  Windows close as time goes on (leak/bucket_window.h)
 * and are handed to `put`, groups in the order of their bytes.  Memory: the
 * open windows' pairs and names, nothing of the closed ones.
 */
struct bucket_options {
	struct edges *edges;
	struct windows_options windows;
	bool sum;
};

/* nodes[level] for edges->n levels, cumulative: nodes[0] is all of them. */
typedef void bucket_put(void *arg, int64_t start, struct span group,
    const uint64_t *nodes);

/* The pairs of a window: of large groups, and all others. */
struct bucket_pairs {
	struct dense dense;
	struct pairs sparse;
};

struct bucket {
	struct bucket_options options;
	bucket_put *put;
	void *arg;

	struct intern groups, nodes;
	struct order order;		/* of the groups */
	struct windows windows;
	struct bucket_pairs *spare;	/* of a closed window, empty; or NULL */
	VEC(uint32_t) live;	/* nodes of each group in the last window */

	struct bucket_pairs *now;	/* the batch's window */
	int64_t from, to;		/* its bounds: [from, to) */
	size_t n;			/* rows in the batch */
	struct span group[PAIRS_BATCH], node[PAIRS_BATCH];
	uint64_t usage[PAIRS_BATCH];
	struct buf joined;		/* bytes of the groups, if joined */
	const char *why;
};

void bucket_init(struct bucket *, const struct bucket_options *, bucket_put *,
    void *arg);

const char *bucket_open_window(struct bucket *, int64_t ts);
void bucket_flush(struct bucket *);

/*
 * NULL, or why a row of that time cannot be counted any more.  Opens its window
 * and closes those that it ends.
 */
static inline const char *
bucket_time(struct bucket *b, int64_t ts)
{
	if (b->now != NULL && ts >= b->from && ts < b->to && !b->options.sum)
		return b->why;
	return bucket_open_window(b, ts);
}

/* A row of the time last given to bucket_time(). */
static inline void
bucket_add(struct bucket *b, struct span group, struct span node,
    uint64_t usage)
{
	b->group[b->n] = group;
	b->node[b->n] = node;
	b->usage[b->n] = usage;
	if (++b->n == PAIRS_BATCH)
		bucket_flush(b);
}

/*
 * Room for a whole batch: the caller fills the arrays group, node and usage of
 * an empty batch and says how many; all of one window, see bucket_holds().
 */
static inline bool
bucket_holds(const struct bucket *b, const int64_t *ts, size_t n)
{
	bool outside = b->n > 0 || b->now == NULL || b->options.sum;

	for (size_t i = 0; i < n; i++)
		outside |= (ts[i] < b->from) | (ts[i] >= b->to);
	return !outside;
}

/* The same, the group being `n` keys; joined by NUL as bucket_put gets them. */
void bucket_add_joined(struct bucket *, const struct span *key, size_t n,
    struct span node, uint64_t usage);

/* Closes what is open.  NULL, or why not everything could be counted. */
const char *bucket_end(struct bucket *);
void bucket_free(struct bucket *);

#endif
