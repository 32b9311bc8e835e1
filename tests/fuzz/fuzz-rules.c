/* A rules file of arbitrary bytes, and a row of arbitrary bytes against it. */
#include <stdlib.h>
#include <string.h>

#include "act/rules.h"
#include "act/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
use(const struct rules *r, const struct fields *row)
{
	struct buf b = { 0 };
	struct span at;
	size_t line;
	int64_t until;

	rules_allowed(r, SPAN("restart"), row, &line, &b);
	rules_blackout(r, 1609545600 * INT64_C(1000000000), row, &until);
	for (size_t i = 0; i < r->action.n; i++) {
		rules_action(r, r->action.v[i].name, row);
		for (size_t k = 0; k < r->action.v[i].argv.n; k++)
			template_fill(&b, r->action.v[i].argv.v[k], row, &at);
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data;
	const char *cut = n > 0 ? memchr(text, 0, n) : NULL;
	const size_t first = cut == NULL ? n : (size_t)(cut - text);
	const struct span rest = { text + first, n - first };
	const struct field fields[] = {
		{ SPAN("component"), rest }, { SPAN("node"), SPAN("n1") },
		{ SPAN("usage"), SPAN("12345") }, { SPAN("a"), rest },
	};
	const struct fields row = { fields, 4, NULL };
	struct rules r = { 0 };

	buf_add(&r.text, text, first);
	if (rules_parse(&r, "rules"))
		use(&r, &row);
	else
		rules_why(&r);
	rules_free(&r);
	return 0;
}
