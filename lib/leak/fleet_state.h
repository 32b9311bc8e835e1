#ifndef RESIN_FLEET_STATE_H
#define RESIN_FLEET_STATE_H

#include "leak/fleet.h"

/*
 * The state of a fleet between runs is telemetry, resin-tsv(5): every sample of
 * the last `keep` nanoseconds, by instance and time.  It appears whole or not
 * at all.  A sample that is there twice is one, so that a run repeated over the
 * same input leaves the same bytes.
 */

/* Forgets what is older than that, and doubles.  The fleet is sorted. */
void fleet_keep(struct fleet *, int64_t keep);

/* -1: errno.  `attribute` are the names of the fleet's attributes. */
int fleet_write(const struct fleet *, const char *path, char *const *attribute);

#endif
