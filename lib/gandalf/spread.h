#ifndef GANDALF_SPREAD_H
#define GANDALF_SPREAD_H

#include "gandalf/events.h"
#include "gandalf/score.h"

/*
 * spread - N_df of the spatial score: for every (release, signature) in the
 * tally's `spread`, how many nodes of the whole fleet had the signature between
 * the release's first deployment and its last plus the largest finite window.
 *
 * Takes the faults sorted by node, signature and time, and uses them up: their
 * `value` becomes the time of the same node's fault before.  A node is in a
 * period [from, to] exactly once as a fault in it whose predecessor is before
 * `from`, so a count of nodes is a count of points in a quadrant: sorted by
 * predecessor, summed in a Fenwick tree over time.  O((faults + pairs) log).
 */
void spread_count(struct events *, const struct score_rule *);

#endif
