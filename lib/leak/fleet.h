#ifndef RESIN_FLEET_H
#define RESIN_FLEET_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * fleet - the telemetry of some components, by process instance.
 *
 * An instance is (component, cluster, node, pid, start); where pid or start are
 * not reported, (component, cluster, node) is one.  Rows may come in any order.
 * Spans given to fleet_find() are copied.  Memory: 16 bytes a sample.
 */
struct sample {
	int64_t ts;
	double usage;		/* bytes */
};

struct instance {
	uint32_t component;	/* in fleet.component */
	struct span name[4];	/* component cluster node pid; empty: none */
	int64_t start;		/* WHEN_NEVER: not reported */
	double limit;		/* bytes, the last one reported; 0: none */
	uint32_t *attribute;	/* fleet.nattribute values, in fleet.text */
	VEC(struct sample) sample;
};

struct fleet {
	struct intern component;
	struct intern key, text;
	size_t nattribute;
	VEC(struct instance) instance;
	int64_t first, last;	/* oldest and newest ts; last < first: none */
	size_t recent;		/* the instance of the row before */
	struct buf scratch;
};

enum { FLEET_COMPONENT, FLEET_CLUSTER, FLEET_NODE, FLEET_PID, FLEET_NAMES };
#define FLEET_UNKNOWN SIZE_MAX

void fleet_init(struct fleet *, size_t nattribute);
void fleet_free(struct fleet *);

/* The instance of that name: its number.  The first adds it if it is new. */
size_t fleet_find(struct fleet *, const struct span name[4], int64_t start);
size_t fleet_known(struct fleet *, const struct span name[4], int64_t start);
void fleet_sample(struct fleet *, size_t instance, int64_t ts, double usage);
void fleet_attribute(struct fleet *, size_t instance, size_t i, struct span);

/*
 * The width of a window when none is given: an hour, as in RESIN section 4.2;
 * where that would leave fewer than 120 windows, the widest of a list of round
 * widths that gives them, but never finer than the samples are.
 */
int64_t fleet_width(const struct fleet *);

/*
 * Sorts instances by name and samples by time.  To be called once after the
 * last sample; numbers of instances change.
 */
void fleet_sort(struct fleet *);
void fleet_order(struct fleet *);	/* samples only: numbers stay */

/*
 * One value a window: the median of its samples (an extreme one does not move
 * it), NaN where there is none.  out has `n` windows of `width` from `first`.
 */
void fleet_series(const struct instance *, int64_t first, int64_t width,
    double *out, size_t n);

#endif
