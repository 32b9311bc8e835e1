#ifndef GANDALF_HISTORY_H
#define GANDALF_HISTORY_H

#include "gandalf/gate.h"
#include "gandalf/state.h"

/*
 * history - for each rollout the current decision and the gravest one ever
 * made, each with the time it was first made, from run to run.  A rollout that
 * comes good again still shows that it once was not.
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

/* From the file and back.  False: state->why. */
bool history_load(struct history *, struct state *);
bool history_save(const struct history *, struct state *);

/* Enters a decision made at `ts` and gives what now stands. */
struct history_entry history_enter(struct history *, struct span component,
    struct span version, struct span pivot, enum outcome, int64_t ts);

void history_free(struct history *);

#endif
