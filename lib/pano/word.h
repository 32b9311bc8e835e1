#ifndef PANO_WORD_H
#define PANO_WORD_H

#include "base/span.h"

static inline bool
word_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes blanks off both ends. */
static inline struct span
word_trim(struct span s)
{
	while (s.n > 0 && word_blank(s.s[0])) {
		s.s++;
		s.n--;
	}
	while (s.n > 0 && word_blank(s.s[s.n - 1]))
		s.n--;
	return s;
}

/* The first word of *rest, which becomes what follows it, trimmed. */
static inline struct span
word_next(struct span *rest)
{
	struct span s = word_trim(*rest), word = s;

	for (word.n = 0; word.n < s.n && !word_blank(s.s[word.n]);)
		word.n++;
	*rest = word_trim((struct span){ s.s + word.n, s.n - word.n });
	return word;
}

#endif
