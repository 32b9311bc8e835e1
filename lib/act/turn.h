#ifndef RESIN_ACT_TURN_H
#define RESIN_ACT_TURN_H

#include <signal.h>
#include <stdbool.h>

#include "act/actuate.h"
#include "act/verify.h"
#include "table/output.h"

/*
 * turn - the three parts of one run of resin-act, in this order, with a row of
 * output about each action touched: ts node target action outcome reason
 * command.  False: the ledger failed; nothing more may be done.
 */

/* What a killed instance left. */
bool turn_recover(struct actuator *, struct output *);

/* The verdicts that can be given now. */
bool turn_judge(struct actuator *, const struct verify *, struct output *);

/*
 * The plan: stops first, since they free the places of what was under way.  No
 * action is begun after *end is set.  *did: anything was done, or would be.
 */
bool turn_obey(struct actuator *, struct orders *, struct output *,
    const volatile sig_atomic_t *end, bool *did);

#endif
