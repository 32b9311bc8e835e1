#ifndef GANDALF_DECISION_H
#define GANDALF_DECISION_H

#include "gandalf/gate.h"
#include "gandalf/history.h"
#include "table/output.h"

/*
 * decision - what the gate says of every rollout, beside what it said before:
 * the record `decision`, in the order of the cases.
 */
struct decision {
	struct judgement judgement;
	struct history_entry past;	/* with this one entered */
	int64_t ts;
};

struct decisions {
	struct history history;		/* of the runs before, if any */
	VEC(struct decision) decision;	/* one a case */
	enum outcome worst;		/* no data if there is no case */
};

/* `now` is when they are made; WHEN_NEVER: the newest fault. */
void decisions_make(struct decisions *, const struct gate *,
    const struct cases *, int64_t now);
void decisions_write(const struct decisions *, const struct cases *,
    struct output *);
void decisions_free(struct decisions *);

#endif
