#ifndef PANO_STATUS_H
#define PANO_STATUS_H

#include <stdbool.h>

#include "base/span.h"

/*
 * status - what an observer says of a subject in a context.  The numbers are
 * those of Panorama's health.proto and are the order of severity.  NO_DATA and
 * INCONCLUSIVE are outcomes of judging, never observations.
 */
enum status {
	STATUS_NONE = 0,	/* INVALID in the protocol; here: no opinion */
	STATUS_NA,
	STATUS_HEALTHY,
	STATUS_PENDING,
	STATUS_MAYBE_UNHEALTHY,
	STATUS_UNHEALTHY,
	STATUS_DYING,
	STATUS_DEAD,
	STATUS_VOTES,		/* how many kinds of votes there are */
	STATUS_NO_DATA = STATUS_VOTES,
	STATUS_INCONCLUSIVE
};

/* Full names in any case, or n h p m u d dd.  STATUS_NONE: neither. */
enum status status_parse(struct span);
const char *status_name(enum status);	/* lower case; "" for none */

static inline bool
status_bad(enum status s)
{
	return s >= STATUS_MAYBE_UNHEALTHY && s <= STATUS_DEAD;
}

#endif
