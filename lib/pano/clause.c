#include "base/num.h"
#include "pano/clause.h"
#include "pano/word.h"

static const struct {
	const char *text;
	enum clause_op op;
} ops[] = {
	{ "==", CLAUSE_EQ }, { "!=", CLAUSE_NE }, { "~", CLAUSE_MATCH },
	{ "!~", CLAUSE_NOT_MATCH }, { "in", CLAUSE_IN }, { "<", CLAUSE_LT },
	{ "<=", CLAUSE_LE }, { ">", CLAUSE_GT }, { ">=", CLAUSE_GE },
};

static bool
fault(struct buf *why, const char *reason, struct span text)
{
	buf_printf(why, "%s: '%.*s'", reason, span_shown(text), text.s);
	return false;
}

bool
clause_pattern(struct clause *c, struct span pattern, size_t line,
    uint32_t field, struct values *fields, struct buf *why)
{
	char reason[128];
	size_t at;

	c->line = line;
	c->field = field;
	c->op = c->op == CLAUSE_NOT_MATCH ? c->op : CLAUSE_MATCH;
	c->pattern = pattern_compile(pattern, reason, &at);
	if (c->pattern == NULL) {
		buf_printf(why, "%s at %zu: '%.*s'", reason, at,
		    span_shown(pattern), pattern.s);
		return false;
	}
	for (size_t i = 0; pattern_group(c->pattern, i).n > 0; i++)
		vec_push(&c->group,
		    values_number(fields, pattern_group(c->pattern, i)));
	return true;
}

static bool
find_op(struct span word, enum clause_op *op)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (span_is(word, ops[i].text)) {
			*op = ops[i].op;
			return true;
		}
	return false;
}

bool
clause_parse(struct clause *c, struct span text, size_t line,
    struct values *fields, struct buf *why)
{
	struct span rest = text, field = word_next(&rest);
	struct span op = word_next(&rest);

	*c = (struct clause){ .line = line, .text = text, .value = rest };
	if (field.n == 0 || !find_op(op, &c->op))
		return fault(why, "not FIELD OPERATOR VALUE", text);
	c->field = values_number(fields, field);
	if (c->op == CLAUSE_MATCH || c->op == CLAUSE_NOT_MATCH)
		return clause_pattern(c, rest, line, c->field, fields, why);
	if (c->op >= CLAUSE_LT && num_parse(rest, &c->number) != NULL)
		return fault(why, "not a number", rest);
	return true;
}

static bool
in_set(struct span set, struct span value)
{
	struct span item;
	const char *bar;

	do {
		bar = memchr(set.s, '|', set.n);
		item = set;
		if (bar != NULL) {
			item.n = (size_t)(bar - set.s);
			set.n -= item.n + 1;
			set.s = bar + 1;
		}
		if (span_eq(item, value))
			return true;
	} while (bar != NULL);
	return false;
}

static bool
compare(const struct clause *c, struct span value)
{
	double v;

	if (num_parse(value, &v) != NULL)
		return false;
	switch (c->op) {
	case CLAUSE_LT:
		return v < c->number;
	case CLAUSE_LE:
		return v <= c->number;
	case CLAUSE_GT:
		return v > c->number;
	default:
		return v >= c->number;
	}
}

static enum pattern_result
match(const struct clause *c, struct values *fields)
{
	enum pattern_result r = pattern_match(c->pattern,
	    values_get(fields, c->field));
	struct span v;

	for (size_t i = 0; r == PATTERN_YES && i < c->group.n; i++)
		if (pattern_value(c->pattern, i, &v))
			values_set(fields, c->group.v[i], v);
	if (c->op == CLAUSE_NOT_MATCH && r != PATTERN_STOPPED)
		return r == PATTERN_YES ? PATTERN_NO : PATTERN_YES;
	return r;
}

enum pattern_result
clause_test(const struct clause *c, struct values *fields)
{
	struct span v = values_get(fields, c->field);

	switch (c->op) {
	case CLAUSE_EQ:
		return span_eq(v, c->value) ? PATTERN_YES : PATTERN_NO;
	case CLAUSE_NE:
		return span_eq(v, c->value) ? PATTERN_NO : PATTERN_YES;
	case CLAUSE_IN:
		return in_set(c->value, v) ? PATTERN_YES : PATTERN_NO;
	case CLAUSE_MATCH:
	case CLAUSE_NOT_MATCH:
		return match(c, fields);
	default:
		return compare(c, v) ? PATTERN_YES : PATTERN_NO;
	}
}

void
clause_free(struct clause *c)
{
	pattern_free(c->pattern);
	vec_free(&c->group);
	*c = (struct clause){ 0 };
}
