#ifndef GANDALF_PLACE_H
#define GANDALF_PLACE_H

#include <stdint.h>

#include "base/span.h"
#include "base/vec.h"

/*
 * place - where in a masked form (gandalf/mask.h) a variable may stand: at a
 * word, or at the value of key=value, whole, be it a quoted text of two words,
 * something in brackets or nothing at all.
 */
struct place {
	struct span text;	/* of one token, or of a value's, in the form */
	struct span before;	/* the last token that is no blank */
	size_t value;		/* which of the form's, from 1; 0: none */
	bool candidate;		/* this may be a variable */
	bool quoted;		/* this is all there is in quotes */
};

/*
 * The name of a place, all but certainly its own: that of a word is the same in
 * all forms that differ in it only, that of a value in all that differ in
 * values only.
 */
struct place_name {
	uint64_t a, b;
};

struct places {
	VEC(struct place) of;
	struct place_name whole, hollow;	/* all; all but values */
};

/* Splits the form, which must outlive it; an earlier one is forgotten. */
void places_split(struct places *, struct span form);
struct place_name places_name(const struct places *, size_t place);
void places_free(struct places *);

int place_name_cmp(struct place_name, struct place_name);

#endif
