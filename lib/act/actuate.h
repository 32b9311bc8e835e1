#ifndef RESIN_ACT_ACTUATE_H
#define RESIN_ACT_ACTUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "act/census.h"
#include "act/command.h"
#include "act/ledger.h"
#include "act/order.h"
#include "act/rules.h"

/*
 * actuate - one action record at a time: may it be done, now, here; and if so,
 * the intent to the ledger, the deed, the outcome to the ledger.
 */
struct actuator {
	const struct rules *rules;
	const struct nodes *nodes; /* the rules may ask for their state */
	const struct census *census;
	struct ledger *ledger;
	struct entries *past; /* what the ledger holds, and what is added */
	struct span here;     /* the node that unit and signal act on */
	struct span stopfile; /* besides that of the rules; empty: none */
	int64_t now;	      /* WHEN_NEVER: the clock */
	int64_t max_age;      /* of a plan */
	bool execute;
};

/* False: the ledger failed, ledger_why(); nothing was begun after that. */
bool actuate(struct actuator *, struct order *, struct doing *);
/* A stop row. */
bool actuate_stop(struct actuator *, struct order *, struct doing *);
/* An intent without outcome: what a killed instance left. */
bool actuate_recover(struct actuator *, struct entry *, struct doing *);

int64_t actuator_now(const struct actuator *);

#endif
