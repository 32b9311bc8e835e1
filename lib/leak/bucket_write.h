#ifndef RESIN_BUCKET_WRITE_H
#define RESIN_BUCKET_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "leak/bucket_edges.h"
#include "table/output.h"

/*
 * bucket_write - the rows of resin-bucket: ts component bucket nodes, the
 * attributes counted apart, window (seconds) and edges (edges_text).  The last
 * two make a part complain when it is merged with one that was counted
 * otherwise.
 */
struct bucket_writer {
	struct output *out;
	const struct edges *edges;
	struct span window, edges_text;
	struct buf before, behind, lines;	/* its own, see below */
};

void bucket_writer_free(struct bucket_writer *);	/* what is its own */

/* attribute[i] of i < n, in the order of the group's keys. */
void bucket_write_header(struct output *, const struct span *attribute,
    size_t n);

/* One row; `group` is the component and the attributes, NUL between. */
void bucket_write_row(const struct bucket_writer *, int64_t ts,
    struct span group, uint64_t bucket, uint64_t nodes);

/* All rows of a group, a bucket_put of leak/bucket.h; `arg` is the writer. */
void bucket_write_group(void *arg, int64_t ts, struct span group,
    const uint64_t *nodes);

#endif
