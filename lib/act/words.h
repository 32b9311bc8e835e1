#ifndef RESIN_ACT_WORDS_H
#define RESIN_ACT_WORDS_H

#include <stddef.h>

#include "base/span.h"
#include "base/vec.h"

/*
 * words - one line of a rules file cut at its blanks.  A word in 'single' or
 * "double" quotes may hold blanks and '#'; nothing is an escape in either, so
 * that a regular expression is written as it is.  '#' at the start of a word
 * begins a comment.  Spans point into the line.
 */
struct words {
	VEC(struct span) list;
};

/* NULL, or a static reason with the offending text in *at. */
const char *words_split(struct words *, struct span line, struct span *at);
void words_free(struct words *);

#endif
