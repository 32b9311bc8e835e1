#ifndef RESIN_BUCKET_MERGE_H
#define RESIN_BUCKET_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "leak/bucket_edges.h"
#include "table/input.h"

/*
 * merge - adds tables of resin-bucket that counted disjoint nodes.  The parts
 * are read side by side, each in its order (ts, component, attributes, bucket),
 * and one row is held of each; so parts of parts may be merged, in any
 * grouping, to the same bytes.
 *
 * A part out of order, a row twice in one part, a bucket that is no edge, and
 * parts with other edges, windows or attributes than the first are refused.
 */
struct merge_part {
	struct input in;
	struct buf key, last_key; /* component and attributes, NUL between */
	int64_t ts, last_ts;
	uint64_t bucket, last_bucket;
	uint64_t nodes;
	bool started;
};

struct merge {
	struct merge_part *part;
	size_t npart;
	size_t *heap, nheap;		/* parts with a row, the least first */
	struct buf edges_text, window_text;	/* of the first row */
	struct edges edges;
	struct buf sum_key;		/* of the row given out */
	struct merge_part *failed;
	const char *why;		/* of no row: static text */
};

enum { MERGE_TS, MERGE_COMPONENT, MERGE_BUCKET, MERGE_NODES, MERGE_WINDOW,
	MERGE_EDGES, MERGE_COLUMNS };
extern const struct input_column merge_columns[MERGE_COLUMNS];

/* `part` are npart opened inputs with input_carry() done; they stay the
 * caller's, to close.  False: trouble. */
bool merge_init(struct merge *, struct merge_part *part, size_t npart);

/* One row of the sum; its key is good until the next call. */
struct merge_row {
	int64_t ts;
	struct span key;
	uint64_t bucket, nodes;
};
bool merge_next(struct merge *, struct merge_row *);

/*
 * After false: NULL if all went well.  `part` is set to the input that can say
 * where, if one can: its input_why() holds the whole message.
 */
const char *merge_why(struct merge *, struct input **part);
void merge_free(struct merge *);

#endif
