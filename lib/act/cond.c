#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "act/cond.h"
#include "base/num.h"

/*
 * Bounds on one match: names come from anywhere, and "(a+)+$" must not stop the
 * loop.  A hundred thousand steps are some milliseconds.
 */
#define MATCH_STEPS 100000
#define MATCH_DEPTH 1000
#define MATCH_HEAP_KIB 1024

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static const char *const op_names[] = {
	"~", "!~", "=", "!=", "<", "<=", ">", ">=",
};

const char *
cond_op_name(enum cond_op op)
{
	return op_names[op];
}

static void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	pcre2_match_data_free(p->data);
	pcre2_match_context_free(p->context);
	pcre2_code_free(p->code);
	free(p);
}

static const char *
pattern_parse(struct pattern **out, struct span text)
{
	static char why[200];
	const uint32_t bytes_only = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
	    PCRE2_NEVER_BACKSLASH_C;
	PCRE2_SIZE at = 0;
	PCRE2_UCHAR message[120];
	pcre2_code *code;
	int error;

	code = pcre2_compile((PCRE2_SPTR)text.s, text.n, bytes_only, &error,
	    &at, NULL);
	if (code == NULL) {
		pcre2_get_error_message(error, message, sizeof(message));
		snprintf(why, sizeof(why), "pattern: %s at %zu",
		    (const char *)message, at + 1);
		return why;
	}
	*out = mem_new(1, sizeof(**out));
	(*out)->code = code;
	(*out)->data = pcre2_match_data_create(1, NULL);
	(*out)->context = pcre2_match_context_create(NULL);
	if ((*out)->data == NULL || (*out)->context == NULL)
		return "pattern: out of memory";
	pcre2_set_match_limit((*out)->context, MATCH_STEPS);
	pcre2_set_depth_limit((*out)->context, MATCH_DEPTH);
	pcre2_set_heap_limit((*out)->context, MATCH_HEAP_KIB);
	return NULL;
}

static enum truth
pattern_test(const struct pattern *p, struct span subject)
{
	int r = pcre2_match(p->code, (PCRE2_SPTR)subject.s, subject.n, 0, 0,
	    p->data, p->context);

	if (r >= 0)
		return COND_YES;
	return r == PCRE2_ERROR_NOMATCH ? COND_NO : COND_UNKNOWN;
}

/* A number, or a size in the notation of the options: 2G. */
static const char *
number_parse(struct span text, double *out)
{
	char copy[64];
	uint64_t bytes;

	if (num_parse(text, out) == NULL)
		return NULL;
	if (text.n >= sizeof(copy))
		return "not a number";
	memcpy(copy, text.s, text.n);
	copy[text.n] = '\0';
	if (num_size(copy, &bytes) != NULL)
		return "not a number or a size";
	*out = (double)bytes;
	return NULL;
}

static bool
op_parse(struct span word, enum cond_op *op)
{
	for (size_t i = 0; i < sizeof(op_names) / sizeof(*op_names); i++)
		if (span_is(word, op_names[i])) {
			*op = (enum cond_op)i;
			return true;
		}
	return false;
}

/* One FIELD OP VALUE. */
static const char *
cond_parse(struct cond *c, const struct span *word, struct span *at)
{
	*c = (struct cond){ .field = word[0], .text = word[2] };
	*at = word[0];
	if (word[0].n == 0)
		return "empty field name";
	*at = word[1];
	if (!op_parse(word[1], &c->op))
		return "not one of ~ !~ = != < <= > >=";
	*at = word[2];
	if (c->op == COND_MATCH || c->op == COND_NOMATCH)
		return pattern_parse(&c->pattern, word[2]);
	if (c->op >= COND_LT)
		return number_parse(word[2], &c->number);
	return NULL;
}

const char *
conds_parse(struct conds *all, const struct span *word, size_t n,
    struct span *at)
{
	struct cond c;
	const char *why;

	for (size_t i = 0;; i += 4) {
		if (n - i < 3) {
			*at = n > 0 ? word[n - 1] : (struct span){ "", 0 };
			return "a condition is FIELD OP VALUE";
		}
		why = cond_parse(&c, word + i, at);
		vec_push(&all->list, c);
		if (why != NULL)
			return why;
		if (n - i == 3)
			return NULL;
		if (!span_is(word[i + 3], "and")) {
			*at = word[i + 3];
			return "expected 'and'";
		}
	}
}

static enum truth
number_test(const struct cond *c, struct span value)
{
	double v;
	bool met = false;

	if (num_parse(value, &v) != NULL)
		return COND_UNKNOWN;
	switch (c->op) {
	case COND_LT:
		met = v < c->number;
		break;
	case COND_LE:
		met = v <= c->number;
		break;
	case COND_GT:
		met = v > c->number;
		break;
	default:
		met = v >= c->number;
		break;
	}
	return met ? COND_YES : COND_NO;
}

static enum truth
negate(enum truth t)
{
	return (enum truth)(COND_YES - t);
}

static enum truth
cond_test(const struct cond *c, const struct fields *row)
{
	struct span value = fields_get(row, c->field);

	if (value.n == 0)
		return COND_UNKNOWN;
	switch (c->op) {
	case COND_MATCH:
		return pattern_test(c->pattern, value);
	case COND_NOMATCH:
		return negate(pattern_test(c->pattern, value));
	case COND_EQ:
		return span_eq(value, c->text) ? COND_YES : COND_NO;
	case COND_NE:
		return span_eq(value, c->text) ? COND_NO : COND_YES;
	default:
		return number_test(c, value);
	}
}

enum truth
conds_test(const struct conds *all, const struct fields *row,
    const struct cond **which)
{
	enum truth t = COND_YES, one;

	*which = NULL;
	for (size_t i = 0; i < all->list.n; i++) {
		one = cond_test(&all->list.v[i], row);
		if (one < t) {
			t = one;
			*which = &all->list.v[i];
		}
	}
	return t;
}

void
conds_free(struct conds *all)
{
	for (size_t i = 0; i < all->list.n; i++)
		pattern_free(all->list.v[i].pattern);
	vec_free(&all->list);
}
