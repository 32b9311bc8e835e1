#ifndef GANDALF_SURGE_H
#define GANDALF_SURGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"

/*
 * surge - per signature and scope, on how many nodes it was seen each hour, and
 * which hours are far from what the hours and weeks before lead one to expect
 * (Gandalf section 4.2).  A node counts once an hour however often it fails.
 */
struct surge_key {
	uint32_t source, signature, scope;	/* name */
	int64_t first, last;			/* fault */
};

struct surge_hour {
	uint32_t key;
	int64_t hour;		/* since the epoch */
	uint64_t nodes;
};

struct surge {
	struct intern name, key_table, seen, hour_table;
	VEC(struct surge_key) key;
	VEC(struct surge_hour) hour;
};

struct surge_rule {
	double sigma;		/* deviations beyond which it is an anomaly */
	double least;		/* nodes */
	int64_t known;		/* ns: unseen for so long is new */
	int64_t history;	/* ns of hours before that are learned from */
};

struct surge_point {
	uint32_t key;
	int64_t hour;
	double nodes, forecast, deviation;
	bool fresh;		/* the first in `known`, in a feed so long */
	bool anomaly;
};

void surge_add(struct surge *, int64_t ts, struct span source,
    struct span signature, struct span scope, struct span node);

/* Adds a partial's row: so many distinct nodes more in that hour. */
void surge_merge(struct surge *, int64_t hour, struct span source,
    struct span signature, struct span scope, uint64_t nodes);

/*
 * Sorts, then calls `each` for every hour with a node and every anomaly, by
 * source, signature, scope and time; hours without any are zeros.  `until` is
 * the last hour to look at, and `from` the first of the feed.
 */
void surge_run(struct surge *, const struct surge_rule *, int64_t from,
    int64_t until, void (*each)(void *, const struct surge_point *), void *);
void surge_sort(struct surge *);
void surge_free(struct surge *);

#endif
