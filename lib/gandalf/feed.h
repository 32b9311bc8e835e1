#ifndef GANDALF_FEED_H
#define GANDALF_FEED_H

#include "gandalf/events.h"
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
	FEED_WEIGHT, FEED_WHERE, FEED_FAULT_COLUMNS,
	FEED_VERSION = FEED_COMMON, FEED_PIVOT, FEED_DEPLOY_COLUMNS
};

extern const struct input_column feed_fault_columns[FEED_FAULT_COLUMNS];
extern const struct input_column feed_deploy_columns[FEED_DEPLOY_COLUMNS];

/*
 * Only rows of faults in which a column has one of some values: such as the
 * unhealthy among verdicts.
 */
struct feed_filter {
	char *column;		/* to be freed; NULL: all rows */
	const char *values;	/* "a,b" */
};

/* From "column=value,value".  NULL or a static reason. */
const char *feed_filter(struct feed_filter *, const char *text);
bool feed_passes(const struct feed_filter *, struct input *);

/* feed_fault_columns with the filter's; without one it asks for none. */
void feed_columns(struct input_column out[FEED_FAULT_COLUMNS],
    const struct feed_filter *);

/* Adds the current row unless input_bad(). */
void feed_fault(struct events *, struct input *);
void feed_deploy(struct events *, struct input *);

/* The newest time in faults and deployments; WHEN_NEVER if there is none. */
int64_t feed_newest(const struct events *);

/*
 * Writes the faults at `since` or later as feed_fault() reads them, sorted,
 * equal rows once.  Before sweep_run(), which uses the faults up.
 */
void feed_keep(struct events *, int64_t since, struct output *);

#endif
