#ifndef GANDALF_PLACE_H
#define GANDALF_PLACE_H

#include "base/buf.h"
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
	size_t value;		/* which of the form's values, from 1; 0: none */
	bool candidate;		/* this may be a variable */
	bool quoted;		/* this is all there is in quotes */
};

struct places {
	struct span form;
	VEC(struct place) of;
	struct buf hollow;	/* the form without its values */
};

/* Splits the form, which must outlive it; what was split before is forgotten. */
void places_split(struct places *, struct span form);
void places_free(struct places *);

/*
 * The name of a place, into `name`: that of a word is the same in all forms
 * that differ in it only, that of a value in all that differ in values only.
 */
struct span places_name(const struct places *, const struct place *,
    struct buf *name);

#endif
