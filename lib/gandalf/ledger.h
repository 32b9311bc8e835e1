#ifndef GANDALF_LEDGER_H
#define GANDALF_LEDGER_H

#include "gandalf/policy.h"

/*
 * ledger - for each rollout the current decision and the gravest one ever made,
 * each with the time it was first made, from run to run.  A rollout that comes
 * good again still shows that it once was not.
 */
struct ledger_entry {
	enum outcome now, worst;
	int64_t now_since, worst_since;
};

struct ledger {
	struct intern name, key;
	VEC(uint32_t) names;		/* three an entry */
	VEC(struct ledger_entry) entry;
};

enum { LEDGER_COMPONENT, LEDGER_VERSION, LEDGER_PIVOT, LEDGER_DECISION,
	LEDGER_SINCE, LEDGER_WORST, LEDGER_WORST_SINCE, LEDGER_COLUMNS };
extern const struct input_column ledger_columns[LEDGER_COLUMNS];

void ledger_add(struct ledger *, struct input *);

/* Enters a decision made at `ts` and gives what now stands. */
struct ledger_entry ledger_enter(struct ledger *, struct span component,
    struct span version, struct span pivot, enum outcome, int64_t ts);

void ledger_write(const struct ledger *, struct output *);
void ledger_free(struct ledger *);

#endif
