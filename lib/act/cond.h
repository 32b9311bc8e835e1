#ifndef RESIN_ACT_COND_H
#define RESIN_ACT_COND_H

#include <stddef.h>

#include "act/fields.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * cond - what a rule asks of a row: FIELD OP VALUE, joined by "and".
 *
 *	~ !~		a PCRE2 pattern, anywhere in the value, as bytes
 *	= !=		the same bytes
 *	< <= > >=	numbers; the rule's may end in K, M, G, T
 *		(powers of 1024)
 *
 * Truth has three values.  A field without a value, a value that is not a
 * number where one is compared, and a pattern that runs into its match limit
 * are UNKNOWN: an allow line must be certain, a deny line need not be.
 */
enum truth { COND_NO, COND_UNKNOWN, COND_YES };

enum cond_op {
	COND_MATCH, COND_NOMATCH, COND_EQ, COND_NE,
	COND_LT, COND_LE, COND_GT, COND_GE,
};

struct cond {
	struct span field, text;	/* as written */
	enum cond_op op;
	double number;
	struct pattern *pattern;	/* ~ and !~ */
};

struct conds {
	VEC(struct cond) list;
};

/*
 * Reads "FIELD OP VALUE and FIELD OP VALUE" from words.  NULL, or a reason with
 * the offending word in *at; the reason is good until the next call.
 */
const char *conds_parse(struct conds *, const struct span *word, size_t n,
    struct span *at);

/* No condition is met by every row.  *which is the one that decided. */
enum truth conds_test(const struct conds *, const struct fields *,
    const struct cond **which);

const char *cond_op_name(enum cond_op);
void conds_free(struct conds *);

#endif
