#ifndef GANDALF_SIGNATURE_H
#define GANDALF_SIGNATURE_H

#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "gandalf/fit.h"
#include "gandalf/place.h"

/*
 * signature - masked messages into signatures, by what the messages among them
 * have in common (after Drain, He et al. 2017, but from all forms at once
 * instead of one after the other).
 *
 * Forms that differ in one word only, at one place, are one signature if what
 * was seen at that place is a variable's and not one of a few constants' (see
 * seen_is_variable()).  Values of key=value are compared whole, and between all
 * forms that differ in such values only.  Of several such places of a form that
 * with the most words goes first: with a name out of the way it shows whether
 * the word beside it is a state.  This is repeated for the signatures so found,
 * and in the end a form that fits one of several variables is of it.
 * The result is a function of the set of forms and their counts:
 * order and split of the input do not matter, and both are all that a partial
 * needs.
 */
enum { SIGNATURE_ROUNDS = 8 };

struct counted {
	struct intern form;
	VEC(uint64_t) count;	/* of each form */
};

struct variable {
	struct place_name name;
	size_t words;		/* seen there */
	size_t forms, beaten;	/* those with it; by a place of more words */
};

struct signatures {
	struct counted all;
	VEC(struct variable) place[SIGNATURE_ROUNDS];	/* by name */
	size_t rounds;
	struct fits fits;
	struct intern asked, text;	/* forms; what they came to */
	VEC(uint32_t) text_of;		/* each that was asked for */
};

/* A masked form (gandalf/mask.h), `count` times; its number. */
uint32_t signature_add(struct signatures *, struct span form, uint64_t count);

/* Finds what is variable; after all signature_add(). */
void signature_learn(struct signatures *);

/*
 * The signature of a form, also of one not added: a text that is good until
 * signature_free().
 */
struct span signature_of(struct signatures *, struct span form);
void signature_free(struct signatures *);

#endif
