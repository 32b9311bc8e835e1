#ifndef RESIN_ACT_COMMAND_H
#define RESIN_ACT_COMMAND_H

#include <stdbool.h>

#include "act/fields.h"
#include "act/ledger.h"
#include "act/rules.h"
#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * command - the deed itself: the rule's words filled in from the row, and what
 * became of it when it was done.  There is no shell: argv is for execvp(3).
 */
struct command {
	VEC(char *) argv; /* ends in NULL for HOW_RUN; none for HOW_SIGNAL */
};

/* What became of it. */
struct doing {
	const char *outcome; /* would done failed timeout refused held
			      * already interrupted stopped */
	struct buf reason;
	struct buf command; /* as a shell would take it, for people */
};

/* Sets the outcome; reason may be NULL.  False, to be returned. */
bool doing_end(struct doing *, const char *outcome, const char *reason);
void doing_free(struct doing *);

/* False: the outcome says why not; here is the node that this machine is. */
bool command_prepare(struct command *, const struct rule_action *,
    struct span here, const struct entry *, const struct fields *,
    struct doing *);
void command_perform(struct command *, const struct rule_action *,
    const struct entry *, struct doing *);
void command_free(struct command *);

#endif
