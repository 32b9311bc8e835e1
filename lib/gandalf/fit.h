#ifndef GANDALF_FIT_H
#define GANDALF_FIT_H

#include "base/intern.h"
#include "base/vec.h"

/*
 * fit - which signature a form fits that is none of its own: one with other
 * words in two places at once has no place in common with any that was seen,
 * and one name where all others were masked is one word.  What was learnt
 * (SEEN_LEARNT, gandalf/seen.h) fits any word, what was masked a name of
 * several parts.  All zero is empty.
 */
enum { FIT_LENGTHS = 256 };

struct fits {
	struct intern form;
	VEC(uint32_t) of_length[FIT_LENGTHS];	/* tokens; the last: or more */
};

/* Keeps the form if it has a variable, and as many other words. */
void fits_add(struct fits *, struct span form);

/* What `form` fits, with the fewest variables and then least; or `form`. */
struct span fits_find(const struct fits *, struct span form);
void fits_free(struct fits *);

#endif
