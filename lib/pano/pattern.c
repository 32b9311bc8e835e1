#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pano/pattern.h"

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	PCRE2_SPTR table; /* of names: two bytes of number, then the name */
	uint32_t nname, width;
	struct span text;	/* last matched */
};

struct pattern *
pattern_compile(struct span s, char why[128], size_t *at)
{
	struct pattern *p;
	int error;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)s.s, s.n,
	    PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF,
	    &error, at, NULL);

	if (code == NULL) {
		pcre2_get_error_message(error, (PCRE2_UCHAR *)why, 128);
		return NULL;
	}
	p = mem_new(1, sizeof(*p));
	p->code = code;
	p->data = pcre2_match_data_create_from_pattern(code, NULL);
	p->context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(p->context, PATTERN_MATCH_LIMIT);
	pcre2_set_depth_limit(p->context, PATTERN_DEPTH_LIMIT);
	pcre2_set_heap_limit(p->context, PATTERN_HEAP_LIMIT);
	if (pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0) {
		p->stack = pcre2_jit_stack_create(32 * 1024, PATTERN_JIT_STACK,
		    NULL);
		pcre2_jit_stack_assign(p->context, NULL, p->stack);
	}
	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &p->nname);
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &p->table);
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &p->width);
	return p;
}

enum pattern_result
pattern_match(struct pattern *p, struct span s)
{
	int r = pcre2_match(p->code, (PCRE2_SPTR)(s.n > 0 ? s.s : ""), s.n, 0,
	    0, p->data, p->context);

	p->text = s;
	if (r == PCRE2_ERROR_NOMATCH)
		return PATTERN_NO;
	return r < 0 ? PATTERN_STOPPED : PATTERN_YES;
}

struct span
pattern_group(const struct pattern *p, size_t i)
{
	if (i >= p->nname)
		return SPAN("");
	return span_of((const char *)p->table + i * p->width + 2);
}

bool
pattern_value(const struct pattern *p, size_t i, struct span *out)
{
	PCRE2_SPTR entry = p->table + i * p->width;
	size_t *offset = pcre2_get_ovector_pointer(p->data);
	size_t group = (size_t)entry[0] << 8 | entry[1];

	if (offset[2 * group] == PCRE2_UNSET)
		return false;
	*out = (struct span){ p->text.s + offset[2 * group],
		offset[2 * group + 1] - offset[2 * group] };
	return true;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	pcre2_code_free(p->code);
	pcre2_match_data_free(p->data);
	pcre2_match_context_free(p->context);
	pcre2_jit_stack_free(p->stack);
	free(p);
}
