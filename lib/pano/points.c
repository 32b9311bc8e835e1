#include <string.h>

#include "pano/points.h"

static bool
begins(const char *s, const char *end, const char *word)
{
	size_t n = strlen(word);

	if (s == end || *s++ != '#')
		return false;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	return (size_t)(end - s) >= n && memcmp(s, word, n) == 0;
}

void
points_include(struct buf *text)
{
	static const char line[] = "#include <pano.h>\n";
	const char *end = text->s + text->n, *lf, *s;
	size_t at = 0;
	int depth = 0;

	if (memmem(text->s, text->n, "pano_", 5) == NULL ||
	    memmem(text->s, text->n, "pano.h", 6) != NULL)
		return;
	for (s = text->s; s < end; s = lf + 1) {
		if ((lf = memchr(s, '\n', (size_t)(end - s))) == NULL)
			break;
		depth += begins(s, lf, "if");
		depth -= begins(s, lf, "endif");
		if (depth == 0 && begins(s, lf, "include"))
			at = (size_t)(lf + 1 - text->s);
	}
	buf_room(text, sizeof(line));
	memmove(text->s + at + sizeof(line) - 1, text->s + at, text->n - at);
	memcpy(text->s + at, line, sizeof(line) - 1);
	text->n += sizeof(line) - 1;
}

void
points_list(struct output *out, const char *name, const struct buf *text)
{
	const char *s = text->s, *end = s + text->n, *lf, *at;
	size_t line = 1, n;

	for (; s < end; s = lf + 1, line++) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			lf = end;
		at = memmem(s, (size_t)(lf - s), "pano_", 5);
		if (at == NULL || begins(s, lf, "include"))
			continue;
		for (n = 5; at + n < lf && (at[n] == '_' ||
		    (at[n] >= 'a' && at[n] <= 'z')); n++)
			;
		while (s < lf && (*s == ' ' || *s == '\t'))
			s++;
		output_str(out, name);
		output_u64(out, line);
		output_text(out, (struct span){ at + 5, n - 5 });
		output_text(out, (struct span){ s, (size_t)(lf - s) });
		output_row(out);
	}
}
