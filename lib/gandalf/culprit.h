#ifndef GANDALF_CULPRIT_H
#define GANDALF_CULPRIT_H

#include "gandalf/pairing.h"

/*
 * culprit - which of several concurrent changes made calls fail.  The first
 * comparison is the strongest:
 *
 *   control   new pods against old pods of the same service in the same
 *             minutes, less the same difference before the change.  A fault
 *             further down the call graph, or a bad day, hits both alike.
 *   own       the service after the change against itself before, less what
 *             the failing calls that it makes to other suspects explain: of
 *             several failing services in a chain the deepest is left.
 *   outgoing  the calls that it makes to another service, after the change
 *             against before, less what others' calls there have become worse.
 *   silent    answers that new pods, but not old ones, no longer give.
 *   latency   the logarithm of the ratio of the new pods' to the old ones'.
 *
 * Each is an effect with its standard error (contrast.h).
 */
struct culprit {
	struct contrast control, own, outgoing, latency, silent;
	double explained;	/* of own, by calls to other suspects */
	double failed[2][2];	/* [new][after], NaN: none */
	uint64_t worse, better;	/* minutes, new against old */
	uint64_t pods[2];	/* [new] */
	double score;
};

/* [i] of change[i]; to be freed.  Sorts the calls. */
struct culprit *culprit_judge(struct calls *);

#endif
