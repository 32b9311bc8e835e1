#include <string.h>

#include "act/line.h"
#include "base/num.h"

/* A NUL-terminated copy for the option parsers; too long fails in them all. */
static const char *
short_text(char out[64], struct span s)
{
	size_t n = s.n < 63 ? s.n : 63;

	memcpy(out, s.s, n);
	out[n] = '\0';
	return s.n < 64 ? out : "?";
}

const char *
line_duration(struct line *l, size_t i, int64_t *ns)
{
	char text[64];

	*l->at = l->word[i];
	return num_duration(short_text(text, l->word[i]), ns);
}

const char *
line_optional_if(struct line *l, size_t i, struct conds *conds)
{
	if (i >= l->n)
		return NULL;
	*l->at = l->word[i];
	if (!span_is(l->word[i], "if"))
		return "expected 'if'";
	return conds_parse(conds, l->word + i + 1, l->n - i - 1, l->at);
}
