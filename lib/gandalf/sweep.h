#ifndef GANDALF_SWEEP_H
#define GANDALF_SWEEP_H

#include "gandalf/events.h"
#include "gandalf/score.h"

/*
 * sweep - the events of all nodes into the tally, which scoring needs: stints,
 * votes and how far each signature is spread.  Uses the faults up.
 *
 * Deployments to a node before `since` take no part but end the stints before
 * them; WHEN_NEVER: all take part.  `all_spread` counts the spread of pairs
 * without votes too, which a partial must carry because another shard may have
 * the votes.
 */
void sweep_run(struct events *, const struct score_rule *, int64_t since,
    bool all_spread);

#endif
