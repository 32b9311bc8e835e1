#ifndef RESIN_FINGERPRINT_H
#define RESIN_FINGERPRINT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * fingerprint - what a process ran as when its heap was recorded (RESIN,
 * section 5.4): cluster, operating system's version, service, its version, and
 * the day.  Empty is not known; date in ns, WHEN_NEVER is not known.
 */
enum { FP_CLUSTER, FP_OS, FP_SERVICE, FP_VERSION, FP_FIELDS };

struct fingerprint {
	struct span field[FP_FIELDS];
	int64_t date;
};

/*
 * How far a reference is from what is asked for, and why, appended to `why`:
 * 0 is the same; what is not asked for costs nothing.  A different service is
 * INFINITY: its stacks mean nothing.  Versions of software and of the system
 * cost 8 and 4, and half of that for each leading part that agrees (of parts
 * between points, dashes and the like), the cluster 2, a month 1 and never more
 * than 4.
 */
double fingerprint_distance(const struct fingerprint *asked,
    const struct fingerprint *reference, struct buf *why);

#endif
