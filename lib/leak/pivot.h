#ifndef RESIN_PIVOT_H
#define RESIN_PIVOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "leak/growth.h"

/*
 * pivot - which components leak, from counts of nodes by size bucket (RESIN
 * section 4.3.1).  nodes(b, t) is the number of nodes with usage >= b in window
 * t; a count that is not there is that of the next higher edge, or 0.  The
 * count of the lowest edge is the number of nodes that reported.
 *
 * Rows of the same group, bucket and window add up.  A group is a component and
 * the values of further attributes.
 */
struct pivot_count {
	uint32_t window, edge;	/* numbers of interned values */
	double nodes;
};

struct pivot_group {
	VEC(struct pivot_count) count;
};

struct alert {
	uint32_t group;
	uint64_t bucket;	/* the largest abnormal one, bytes */
	int64_t start, end;	/* first and last abnormal window */
	double nodes;		/* in it at the end */
	double mean, sd;	/* of its count before */
	double severity;
};

struct pivot {
	/*
	 * Only growth that looks like a leak in the counts alone; else, in a
	 * record long enough, any that stands out of the noise.
	 */
	bool strict;
	uint64_t least_size;	/* no alert on a smaller bucket, bytes */
	double least_severity;
	struct intern name;	/* of groups: component, TAB, attributes */
	struct intern window, edge;	/* of the 8 bytes of a value */
	size_t fresh;			/* windows that old rows do not touch */
	VEC(struct pivot_group) group;
	VEC(struct alert) alert;
};

void pivot_add(struct pivot *, struct span group, int64_t ts, uint64_t bucket,
    uint64_t nodes);

/*
 * State between runs: the counts themselves.  Those of an earlier run are added
 * after the new ones, and a window that is new replaces the one of old, so that
 * a run repeated changes nothing.  pivot_fresh() ends the new ones.
 */
void pivot_fresh(struct pivot *);

/*
 * The counts of the windows from `oldest` on, by group, window and bucket, for
 * whoever writes them.
 */
typedef void pivot_row(void *, struct span group, int64_t ts, uint64_t bucket,
    uint64_t nodes);
void pivot_each(const struct pivot *, int64_t oldest, pivot_row *, void *);
int64_t pivot_last(const struct pivot *);	/* window; INT64_MIN: none */

/* Alerts by severity, higher first, then by name. */
void pivot_run(struct pivot *);
void pivot_free(struct pivot *);

#endif
