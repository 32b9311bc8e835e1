#ifndef RESIN_ACT_LIMIT_H
#define RESIN_ACT_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "act/census.h"
#include "act/ledger.h"
#include "act/rules.h"
#include "base/buf.h"

/*
 * limit - the blast radius and the patience, judged on what the ledger holds.
 * Each returns true and says why if the action must wait.
 */

/* Would one node more be too many for any limit of the rules? */
bool limit_reached(const struct rules *, const struct entries *,
    const struct census *, const struct entry *, const struct fields *,
    int64_t now, struct buf *why);

/*
 * The same target: not while the last action on it is unverified, and no action
 * that helped again before its cool-down is over, nor one that did not help.
 */
bool limit_target(const struct entries *, const struct entry *,
    int64_t cooldown, int64_t now, struct buf *why);

/* The last three verdicts on this action for this component: none helped. */
bool limit_vain(const struct entries *, const struct entry *, int64_t now,
    struct buf *why);

/* How often we did this to that target since `from`. */
uint64_t limit_recent(const struct entries *, const struct entry *,
    int64_t from);

#endif
