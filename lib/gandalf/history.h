#ifndef GANDALF_HISTORY_H
#define GANDALF_HISTORY_H

#include "gandalf/gate.h"

/*
 * history - for each rollout the current decision and the gravest one ever made,
 * each with the time it was first made, from run to run.  A rollout that comes
 * good again still shows that it once was not.
 */
struct history_entry {
	enum outcome now, worst;
	int64_t now_since, worst_since;
};

struct history {
	struct intern name, key;
	VEC(uint32_t) names;		/* three an entry */
	VEC(struct history_entry) entry;
};

enum { HISTORY_COMPONENT, HISTORY_VERSION, HISTORY_PIVOT, HISTORY_DECISION,
	HISTORY_SINCE, HISTORY_WORST, HISTORY_WORST_SINCE, HISTORY_COLUMNS };
extern const struct input_column history_columns[HISTORY_COLUMNS];

void history_add(struct history *, struct input *);

/* Enters a decision made at `ts` and gives what now stands. */
struct history_entry history_enter(struct history *, struct span component,
    struct span version, struct span pivot, enum outcome, int64_t ts);

void history_write(const struct history *, struct output *);
void history_free(struct history *);

#endif
