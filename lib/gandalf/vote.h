#ifndef GANDALF_VOTE_H
#define GANDALF_VOTE_H

#include "gandalf/score.h"
#include "gandalf/stint.h"

/*
 * vote - what each fault says of the releases on its node (Gandalf section 4.3,
 * "ensemble voting"), into the tally's cells.
 *
 * Every fault votes for all the stints it falls in, one for each component, in
 * the windows its age fits; a fault in the veto window before a stint's start
 * is a veto against its release.  A node counts once for each (release,
 * signature, window), however often it fails; values add up instead.
 */

/* Of faults sorted by events_by_node(). */
void votes_count(struct events *, const struct stints *,
    const struct score_rule *);

#endif
