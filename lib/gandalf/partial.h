#ifndef GANDALF_PARTIAL_H
#define GANDALF_PARTIAL_H

#include <stdbool.h>

#include "gandalf/tally.h"
#include "table/input.h"
#include "table/output.h"

/*
 * partial - a tally as a table, sorted, and back.  Adding is associative and
 * commutative, and a partial merged alone is itself byte for byte.
 *
 * Every shard is given all the deployments and its own nodes' faults: periods
 * and numbers of nodes deployed are then equal in all partials, and one that
 * differs is refused, as are counts made under another rule.
 */
enum {
	PARTIAL_RECORD, PARTIAL_COMPONENT, PARTIAL_VERSION, PARTIAL_PIVOT,
	PARTIAL_SOURCE, PARTIAL_SIGNATURE, PARTIAL_MEMBER, PARTIAL_FIRST,
	PARTIAL_LAST, PARTIAL_COUNT, PARTIAL_WEIGHT, PARTIAL_WITHIN,
	PARTIAL_VETO, PARTIAL_HIT, PARTIAL_SUM,
	PARTIAL_VOTES = PARTIAL_SUM + SUMS,
	PARTIAL_COLUMNS = PARTIAL_VOTES + SCORE_WINDOWS
};

struct partial {
	const struct score_rule *rule;
	bool by_value;
	struct input_column column[PARTIAL_COLUMNS];
	size_t ncolumn;
	char votes[SCORE_WINDOWS][32];		/* names of the columns */
	char terms[256];	/* all of the rule that counting depends on */
};

/* Not to be moved afterwards: `column` points into it. */
void partial_init(struct partial *, const struct score_rule *, bool by_value);

/* Adds the current row; a bad one is marked by input_fault(). */
void partial_add(const struct partial *, struct tally *, struct input *);

void partial_write(const struct partial *, const struct tally *,
    struct output *);

#endif
