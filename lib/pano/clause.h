#ifndef PANO_CLAUSE_H
#define PANO_CLAUSE_H

#include "pano/values.h"
#include "pano/pattern.h"

/*
 * clause - one test of one field, `FIELD OP VALUE`.  The operators are == and
 * !=, ~ and !~ (a pattern anywhere in the value, whose named groups become
 * fields), in (one of a|b|c), and < <= > >= (numbers; no number, no match).  A
 * field without a value is empty.
 */
enum clause_op {
	CLAUSE_EQ, CLAUSE_NE, CLAUSE_MATCH, CLAUSE_NOT_MATCH, CLAUSE_IN,
	CLAUSE_LT, CLAUSE_LE, CLAUSE_GT, CLAUSE_GE,
};
struct clause {
	size_t line;		/* of the rules file */
	struct span text;	/* as written there */
	uint32_t field;
	enum clause_op op;
	struct span value;
	double number;
	struct pattern *pattern;
	VEC(uint32_t) group;	/* the fields of its named groups */
};

/* False: *why, "reason: 'text'". */
bool clause_parse(struct clause *, struct span text, size_t line,
    struct values *, struct buf *why);
/* A bare pattern over `field`, as after `line`. */
bool clause_pattern(struct clause *, struct span pattern, size_t line,
    uint32_t field, struct values *, struct buf *why);
enum pattern_result clause_test(const struct clause *, struct values *);
void clause_free(struct clause *);

#endif
