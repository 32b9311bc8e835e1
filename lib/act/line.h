#ifndef RESIN_ACT_LINE_H
#define RESIN_ACT_LINE_H

#include "act/rules.h"

/*
 * line - a line of a rules file on its way into the rules, for the statements
 * (statement.c, bound.c) and the properties of actions (property.c).  Each
 * parser returns NULL, or a reason with the offending text in *at.
 */
struct line {
	struct rules *rules;
	const struct span *word;
	size_t n, number;
	struct span *at;
};

/* Word i as a duration. */
const char *line_duration(struct line *, size_t i, int64_t *ns);
/* "if CONDITIONS" from word i to the end of the line, or nothing. */
const char *line_optional_if(struct line *, size_t i, struct conds *);

/* How often, how much at once, and when not. */
const char *bound_blackout(struct line *);
const char *bound_limit(struct line *);
/* What is indented below an action. */
const char *property_parse(struct line *);

#endif
