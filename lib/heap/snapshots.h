#ifndef RESIN_SNAPSHOTS_H
#define RESIN_SNAPSHOTS_H

#include <stdio.h>

#include "heap/series.h"
#include "table/input.h"

/*
 * snapshots - rows of snapshots, as resin-snap(1) writes them, into a series
 * and out of it.
 */
enum {
	SNAPSHOT_ORDINAL, SNAPSHOT_TS, SNAPSHOT_STACK, SNAPSHOT_BYTES,
	SNAPSHOT_COUNT, SNAPSHOT_SE, SNAPSHOT_COMPLETE, SNAPSHOT_ADDR,
	SNAPSHOT_REFERENCE, SNAPSHOT_COLUMNS
};
extern const struct input_column snapshot_columns[SNAPSHOT_COLUMNS];

/* Of bytes or objects: exact in a double, and more than any heap. */
#define SNAPSHOT_MOST 0x1p53

/* The row at hand, if its time is in [from, to] and it is not bad. */
void snapshots_take(struct input *, int64_t from, int64_t to, struct series *);

/* A finished series as rows with a header, stacks in order; appended. */
void snapshots_write(const struct series *, struct buf *, uint64_t *rows);

/*
 * Such rows to `fp`, with a column `reference` that is `id` throughout; the
 * header only if asked for.  Write errors stay in fp.
 */
void snapshots_copy(FILE *fp, struct span rows, int64_t id, bool header);

#endif
