#ifndef GANDALF_SIGNATURE_H
#define GANDALF_SIGNATURE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/vec.h"

/*
 * signature - masked messages into signatures, by what the messages among them
 * have in common (after Drain, He et al. 2017, but from all forms at once
 * instead of one after the other).
 *
 * Forms that differ in one word only, at one place, are one signature if so
 * many words were seen there that the place must be a variable: how many
 * depends on the place and on the words (see place_limit()).  This is repeated
 * for the signatures so found.  The result is a function of the set of forms:
 * order and split of the input do not matter, and forms with their counts are
 * all that a partial needs.
 */
enum { SIGNATURE_ROUNDS = 3 };

struct signatures {
	struct intern form;
	VEC(uint64_t) count;			/* of each form */
	struct intern place[SIGNATURE_ROUNDS];	/* variable ones */
	size_t rounds;
};

/* A masked form (gandalf/mask.h), `count` times. */
void signature_add(struct signatures *, struct span form, uint64_t count);

/* Finds what is variable; after all signature_add(). */
void signature_learn(struct signatures *);

/* The signature of a form, also of one not added: its tokens, into `out`. */
void signature_of(const struct signatures *, struct span form,
    struct buf *out);
void signature_free(struct signatures *);

#endif
