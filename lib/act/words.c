#include "act/words.h"

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The word in quotes at `p`; returns what follows it, NULL: no end. */
static const char *
quoted(const char *p, const char *end, struct span *word)
{
	const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));

	if (close == NULL)
		return NULL;
	*word = (struct span){ p + 1, (size_t)(close - p - 1) };
	return close + 1;
}

static const char *
plain(const char *p, const char *end, struct span *word)
{
	const char *from = p;

	while (p < end && !blank(*p))
		p++;
	*word = (struct span){ from, (size_t)(p - from) };
	return p;
}

const char *
words_split(struct words *w, struct span line, struct span *at)
{
	const char *p = line.s, *end = line.s + line.n, *from;
	struct span word;

	w->list.n = 0;
	for (;;) {
		while (p < end && blank(*p))
			p++;
		if (p == end || *p == '#')
			return NULL;
		from = p;
		*at = (struct span){ from, (size_t)(end - from) };
		if (*p != '\'' && *p != '"')
			p = plain(p, end, &word);
		else if ((p = quoted(p, end, &word)) == NULL)
			return "quote without its end";
		else if (p < end && !blank(*p))
			return "no blank after the quote";
		vec_push(&w->list, word);
	}
}

void
words_free(struct words *w)
{
	vec_free(&w->list);
}
