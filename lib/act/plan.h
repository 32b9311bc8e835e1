#ifndef RESIN_ACT_PLAN_H
#define RESIN_ACT_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "act/record.h"
#include "act/tree.h"
#include "act/undrain.h"
#include "base/vec.h"

/*
 * plan - the decisions about all suspects, in the order in which they matter
 * (paper, section 6): nodes with low-memory events, regions short of capacity,
 * nodes over their reservation, then the size of the leak, its rate, and the
 * predicted time to failure.
 *
 * One row an action: several processes of one service need one restart, several
 * leaks on a node one reboot; and a node is not rebooted in the run that does
 * something milder on it.
 */
enum tier { TIER_LOW_MEMORY, TIER_SHORT, TIER_RESERVE, TIER_LEAK };

struct plan_row {
	const struct suspect *suspect;
	struct step step;
	enum tier tier;
	double size, rate;	/* bytes, bytes an hour; 0: unknown */
	double hours;		/* until memory is full; INFINITY: unknown */
};

struct plan {
	VEC(struct plan_row) row;
	VEC(struct deed) stop;	/* targets no longer suspected */
	struct undrains back;	/* nodes that may hold guests again */
};

void plan_make(struct plan *, const struct tree *, const struct suspects *);
void plan_free(struct plan *);

#endif
