#ifndef GANDALF_RECENT_H
#define GANDALF_RECENT_H

#include "gandalf/events.h"
#include "gandalf/state.h"

/*
 * recent - the speed layer's memory: the faults of the runs before join those
 * of this one, and what deployments to come may need stays for the next.
 *
 * `now` may be WHEN_NEVER: the newest row.  Kept are faults of the last
 * `reach`. Before sweep_run(), which uses the faults up.  False: state->why.
 */
bool recent_join(struct state *, const char *path, struct events *, int64_t now,
    int64_t reach);

#endif
