#ifndef RESIN_CANDIDATE_H
#define RESIN_CANDIDATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "heap/trace.h"
#include "table/input.h"

/*
 * candidate - a process to take snapshots of, from a row as resin-pattern(1)
 * writes it.  All zero is an empty one.
 */
enum {
	CANDIDATE_COMPONENT, CANDIDATE_NODE, CANDIDATE_PID, CANDIDATE_START,
	CANDIDATE_CLUSTER, CANDIDATE_COMPLETE, CANDIDATE_COLUMNS
};
extern const struct input_column candidate_columns[CANDIDATE_COLUMNS];

struct candidate {
	struct trace_entry entry;	/* its names are kept below */
	bool over;		/* there is enough growth: no more snapshots */
	struct buf component, node, cluster;
};

/*
 * The row at hand; good until the next.  False: it is bad, another machine's
 * than `node`, or has no process.
 */
bool candidate_take(struct input *, const char *node, struct candidate *);
void candidate_free(struct candidate *);

#endif
