#ifndef RESIN_ACT_PAST_H
#define RESIN_ACT_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "act/record.h"

/*
 * past - what the earlier actions say of a leak.  A leak is (node, component),
 * and the process where several of one component leak on a node.
 */
enum past {
	PAST_NEVER,
	PAST_VAIN,	/* it failed, or did not help */
	PAST_PENDING,	/* it is not known yet */
	PAST_DONE,
};

/* Does the earlier action concern this suspect? */
bool past_same_leak(const struct deed *, const struct suspect *);
/* What came of one action, as far as this leak is concerned. */
enum past past_deed(const struct deed *, const struct suspect *, int64_t now);
/* The last word on one action on a target (empty: on any), and its deed. */
enum past past_action(const struct deeds *, const struct suspect *,
    struct span action, struct span target, int64_t now,
    const struct deed **last);
/* The latest thing done about this leak or to this target; NULL: nothing. */
const struct deed *past_latest(const struct deeds *, const struct suspect *,
    struct span target);
/*
 * Was this very process ended by us?  The detector goes on to see what it did
 * for as long as its telemetry lasts.
 */
bool past_ended(const struct deeds *, const struct suspect *);

#endif
