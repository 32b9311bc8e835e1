#ifndef GANDALF_CALLS_H
#define GANDALF_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "table/input.h"
#include "table/output.h"

/*
 * calls - which of several concurrent changes made calls fail.
 *
 * Input is how well the pods of each service answered each caller, a row a pod
 * and minute.  A change is judged by failure rates (1 - success), and
 * the first comparison is the strongest:
 *
 *   control   new pods against old pods of the same service in the same
 *             minutes, less the same difference before the change.  A fault
 *             further down the call graph, or a bad day, hits both alike.
 *   own       the service after the change against itself before, less what
 *             the failures of the calls it makes explain: of several failing
 *             services in a chain the deepest is left.
 *   latency   the logarithm of the ratio of the new pods' to the old ones'.
 *
 *   silent    the share of minutes in which new pods, but not old ones, ceased
 *             to answer at all.
 *
 * The first three are effects times a confidence (contrast.h).  Counts of
 * `requests` weigh the rows if there are any.
 */
struct calls_cell {
	uint32_t service, caller;	/* name; CALLS_ALL: all callers */
	bool fresh;			/* of the new version */
	int64_t minute;
	double weight, failed;		/* sums */
	double timed, latency;		/* weight of rows with one; sum */
};

struct calls_change {
	uint32_t service, version;	/* name */
	int64_t ts;			/* first deployment */
};

struct calls_effect {
	double control, control_z;	/* failure rate, new minus old */
	double own, own_z, explained;
	double latency, latency_z;
	double silent;
	double failed[2][2];		/* [fresh][after], NaN: none */
	uint64_t worse, better;		/* minutes, new against old */
	uint64_t pods[2];
	double score;
};

struct calls_pod {
	uint32_t service;
	bool fresh;
};

struct calls {
	struct intern name, cell_key, pod_key;
	VEC(struct calls_cell) cell;
	VEC(struct calls_change) change;
	VEC(struct calls_pod) pod;
};

#define CALLS_ALL INTERN_NONE
#define CALLS_SIGNATURE "success"

enum { CALLS_TS, CALLS_CALLER, CALLS_CALLEE, CALLS_POD, CALLS_VERSION,
	CALLS_SUCCESS, CALLS_REQUESTS, CALLS_LATENCY, CALLS_COLUMNS };
extern const struct input_column calls_columns[CALLS_COLUMNS];

enum { CHANGE_TS, CHANGE_COMPONENT, CHANGE_VERSION, CHANGE_COLUMNS };
extern const struct input_column change_columns[CHANGE_COLUMNS];

/* All changes before the first call. */
void calls_add_change(struct calls *, struct input *);
void calls_add(struct calls *, struct input *);

/* effect[i] of change[i]; to be freed. */
struct calls_effect *calls_judge(struct calls *);

/* Ranks and writes the record `blame`.  Whether there is a rank 1. */
bool calls_write(const struct calls *, const struct calls_effect *,
    struct output *);
void calls_free(struct calls *);

#endif
