/*
 * Rules of arbitrary bytes on lines of arbitrary bytes: the input is the rules,
 * a NUL, and lines.
 */
#include <string.h>

#include "pano/logrules.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data, *nul, *end = text + n, *nl;
	struct logrules r = { 0 };
	struct buf why = { 0 };
	struct event e;

	if (n == 0 || (nul = memchr(text, '\0', n)) == NULL)
		return 0;
	if (logrules_parse(&r, "rules", (struct span){ text,
	    (size_t)(nul - text) }, &why))
		for (text = nul + 1; text < end; text = nl + 1) {
			struct span line;

			nl = memchr(text, '\n', (size_t)(end - text));
			nl = nl != NULL ? nl : end;
			line = (struct span){ text, (size_t)(nl - text) };
			logrules_head(&r, line);
			logrules_apply(&r, line, SPAN("more"), &e);
		}
	logrules_free(&r);
	buf_free(&why);
	return 0;
}
