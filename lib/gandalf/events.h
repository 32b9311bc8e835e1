#ifndef GANDALF_EVENTS_H
#define GANDALF_EVENTS_H

#include "gandalf/tally.h"

/*
 * events - the faults and deployments of each node, before anything is counted.
 * Names and what is known of a signature go into the tally at once.
 *
 * With `by_value` a fault counts for its value, in millionths so that sums are
 * exact in any order; for services that have no nodes.
 *
 * Order of rows does not matter.  Memory: 32 bytes a fault, twice while
 * sorting, and each name once.
 */
struct event_fault {
	int64_t ts;
	int64_t value;		/* millionths */
	uint32_t node, signature;
	uint32_t customer;	/* name, or INTERN_NONE */
};

struct event_deploy {
	int64_t ts;
	uint32_t node, rollout;
};

struct events {
	struct tally tally;
	bool by_value, by_pivot;
	struct intern node;
	VEC(uint32_t) cluster;	/* of each node: name, or INTERN_NONE */
	VEC(struct event_fault) fault;
	VEC(struct event_deploy) deploy;
};

/* Text that is empty means not given; spans are copied. */
struct event_row {
	int64_t ts;
	struct span node, cluster;
	struct span source, signature, customer;	/* of a fault */
	double value, weight;	/* weight < 0: not given */
	struct span component, version, pivot;		/* of a deployment */
};

void events_fault(struct events *, const struct event_row *);
void events_deploy(struct events *, const struct event_row *);

/* Sorts the faults by node, signature and time. */
void events_by_node(struct events *);

/*
 * Sorts them by signature alone, stable.  Returns where each begins, and where
 * the last ends; to be freed.
 */
size_t *events_by_signature(struct events *);
void events_free(struct events *);

/* What the tally's counts are of: nodes, or millionths. */
static inline double
events_unit(const struct events *e)
{
	return e->by_value ? 1e6 : 1;
}

#endif
