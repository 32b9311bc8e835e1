#ifndef GANDALF_SEEN_H
#define GANDALF_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * seen - the words that were seen at one place of a form (gandalf/place.h), and
 * whether they are a variable's or a few constants.
 */
struct seen {
	size_t words, once;	/* distinct ones; those seen but once */
	size_t fixed, names, kinds, wild;	/* those of each sort */
	size_t index;
	bool value, quoted, whom;	/* of a key; in quotes; behind "for" */
	bool learnt;	/* variable in a round before, for some of the forms */
};

/* Stands for what was found to be variable; no token of a message. */
#define SEEN_LEARNT "<**>"

/* A word not seen there before, `count` times. */
void seen_word(struct seen *, struct span word, uint64_t count);
bool seen_is_name(struct span word);	/* of several parts, and no error */
bool seen_is_variable(const struct seen *);

#endif
