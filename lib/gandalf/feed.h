#ifndef GANDALF_FEED_H
#define GANDALF_FEED_H

#include "gandalf/sweep.h"
#include "table/input.h"
#include "table/output.h"

/*
 * feed - rows of faults and of deployments into a sweep, and the recent faults
 * back into a table: the speed layer's memory from one minute to the next.
 *
 * Where counts are values (sweep.by_value) a row without `node` stands for its
 * `service`, else its `component`, else the whole.
 */
enum {
	FEED_TS, FEED_NODE, FEED_SERVICE, FEED_COMPONENT, FEED_CLUSTER,
	FEED_COMMON,
	FEED_SOURCE = FEED_COMMON, FEED_SIGNATURE, FEED_CUSTOMER, FEED_VALUE,
	FEED_WEIGHT, FEED_FAULT_COLUMNS,
	FEED_VERSION = FEED_COMMON, FEED_PIVOT, FEED_DEPLOY_COLUMNS
};

extern const struct input_column feed_fault_columns[FEED_FAULT_COLUMNS];
extern const struct input_column feed_deploy_columns[FEED_DEPLOY_COLUMNS];

/* Adds the current row unless input_bad(). */
void feed_fault(struct sweep *, struct input *);
void feed_deploy(struct sweep *, struct input *);

/* The newest time in faults and deployments; WHEN_NEVER if there is none. */
int64_t feed_newest(const struct sweep *);

/*
 * Writes the faults at `since` or later as feed_fault() reads them, sorted,
 * equal rows once.  Before sweep_run(), which uses the faults up.
 */
void feed_keep(struct sweep *, int64_t since, struct output *);

#endif
