#ifndef GANDALF_RULE_H
#define GANDALF_RULE_H

#include <stdbool.h>

#include "gandalf/score.h"

/*
 * rule - a struct score_rule from text, as options give it: by the names that
 * gandalf-blame's manual page gives them, in any order.
 */
struct rule {
	struct score_rule score;	/* complete after rule_finish() */
	double weight[SCORE_WINDOWS];
	size_t nweight;			/* 0: none were given */
	const char *weights;		/* as they were given */
	char why[128];			/* of rule_finish() */
};

/* All that no layer decides. */
extern const struct rule rule_default;

/* Whether there is such a member: "veto", "decay-end". */
bool rule_has(const char *name);

/* NULL or a static reason. */
const char *rule_set(struct rule *, const char *name, const char *arg);

/*
 * What was not set is the layer's.  NULL, or "'weights': why they do not fit".
 */
const char *rule_finish(struct rule *, const struct score_rule *layer);

#endif
