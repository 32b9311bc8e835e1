#ifndef RESIN_ACT_ACTUATE_H
#define RESIN_ACT_ACTUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "act/census.h"
#include "act/ledger.h"
#include "act/record.h"
#include "act/rules.h"
#include "base/intern.h"
#include "table/input.h"

/*
 * actuate - one action record at a time: may it be done, now, here; and if so,
 * the intent to the ledger, the deed, the outcome to the ledger.
 */
struct actuator {
	const struct rules *rules;
	const struct nodes *nodes;	/* the rules may ask for their state */
	const struct census *census;
	struct ledger *ledger;
	struct entries *past;	/* what the ledger holds, and what is added */
	struct span here;	/* the node that unit and signal act on */
	struct span stopfile;	/* besides that of the rules; empty: none */
	int64_t now;		/* WHEN_NEVER: the clock */
	int64_t max_age;	/* of a plan */
	bool execute;
};

/*
 * Columns of an action record.  The others are fields for the rules as well.
 */
enum {
	ORDER_TS, ORDER_NODE, ORDER_TARGET, ORDER_ACTION, ORDER_LEAK,
	ORDER_COMPONENT, ORDER_CLUSTER, ORDER_SERVICE, ORDER_PID, ORDER_START,
	ORDER_USAGE, ORDER_GROWTH, ORDER_NCOL,
};
extern const struct input_column order_columns[ORDER_NCOL];

/* Read whole before anything is done: half a plan is none. */
struct order {
	struct entry entry;
	struct field *field;
	size_t nfield;
};
struct orders {
	VEC(struct order) list;
	struct intern bytes;
};
void orders_add(struct orders *, struct input *);
void orders_free(struct orders *);

/* What became of it. */
struct doing {
	const char *outcome;	/* would done failed timeout refused held
				 * already interrupted stopped */
	struct buf reason;
	struct buf command;	/* as a shell would take it, for people */
};

/* False: the ledger failed, ledger_why(); nothing was begun after that. */
bool actuate(struct actuator *, struct order *, struct doing *);
/* A stop row. */
bool actuate_stop(struct actuator *, struct order *, struct doing *);
/* An intent without outcome: what a killed instance left. */
bool actuate_recover(struct actuator *, struct entry *, struct doing *);
void doing_free(struct doing *);

int64_t actuator_now(const struct actuator *);

#endif
