#ifndef RESIN_ACT_RULES_H
#define RESIN_ACT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "act/cond.h"
#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * rules - a rules file, see resin-rules(5): who may be acted on, by what, when,
 * and how much at once.  Read whole or refused whole.  Spans point into the
 * text, which belongs to the struct.  Times and durations are in nanoseconds.
 */
struct rule_allow {
	bool deny;
	struct span action;	/* "any" only with deny */
	struct conds conds;
	size_t line;
};

enum how { HOW_RUN, HOW_UNIT, HOW_SIGNAL };

struct rule_action {
	struct span name;
	struct conds conds;
	enum how how;
	VEC(struct span) argv;	/* RUN: templates; UNIT: one template */
	int signal;
	int64_t timeout;
	int64_t cooldown; /* until the same target may be acted on again */
	int64_t verify;		/* until memory must have fallen; 0: never */
	double fall;		/* by this part of what leaked, 0..1 */
	bool each; /* acts on one process, not on all of a service */
	size_t line;
};

/* Kernel memory that a process is known to hold. */
struct rule_owner {
	struct span name;
	struct conds conds;
	size_t line;
};

struct rule_blackout {
	bool weekly;
	unsigned days;		/* weekly: bit 0 is Monday */
	int64_t from, to;	/* of the day, or of time; to is not in it */
	struct conds conds;
	size_t line;
};

struct rule_limit {
	bool percent;
	double most;		/* nodes, or % of the group's nodes */
	int64_t window;		/* 0: at once */
	struct span by;		/* empty: all together */
	struct conds conds;
	size_t line;
};

struct rules {
	VEC(struct rule_allow) allow; /* the first that fits decides */
	VEC(struct rule_action) action;		/* likewise, of one name */
	VEC(struct rule_owner) owner;
	VEC(struct rule_blackout) blackout;
	VEC(struct rule_limit) limit;
	VEC(struct conds) kernel;
	struct span stopfile;			/* empty: none */
	bool block;		/* reading: below an action line */
	struct buf text;
	struct buf why;
};

/* False: rules_why() is "FILE:LINE: reason: 'text'". */
bool rules_read(struct rules *, const char *path);
/* The same for what is in r->text already; `path` is for messages. */
bool rules_parse(struct rules *, const char *path);
const char *rules_why(struct rules *);
void rules_free(struct rules *);

/* The first block of that name which this row meets for certain, or NULL. */
const struct rule_action *rules_action(const struct rules *, struct span name,
    const struct fields *);

/*
 * The allowlist: the first line for this action that decides, in *line.  Allow
 * must be certain; deny need only be possible.  If the answer is no, *why says
 * which lines came near.
 */
bool rules_allowed(const struct rules *, struct span action,
    const struct fields *, size_t *line, struct buf *why);

/* "unknown: vms = 0", or "not: component ~ ^web"; nothing for no condition. */
void rules_say(struct buf *, enum truth, const struct cond *which);

/* Is it one of the ladder's own, not a team's? */
bool rules_builtin(struct span action);

/* The blackout at `when` for this row, or NULL; *until is its end. */
const struct rule_blackout *rules_blackout(const struct rules *, int64_t when,
    const struct fields *, int64_t *until);

#endif
