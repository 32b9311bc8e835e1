#ifndef RESIN_CANDIDATE_H
#define RESIN_CANDIDATE_H

#include <stddef.h>

#include "leak/pattern.h"

/*
 * candidate - on which of the suspects to take snapshots (RESIN section 5.2):
 * severe, growing clearly, and where it disturbs little.  The paper gives no
 * weights; here the places by each of the three are added.
 */
struct candidate {
	size_t group;		/* those of one component compete */
	size_t order;		/* of the input; the last tie-break */
	double severity;	/* higher first */
	double impact;		/* lower first; 0 where not known */
	struct pattern pattern;	/* higher r2 first */
	double places;		/* their sum */
	size_t rank;		/* 1-based, within the group */
};

/* Sorts by group, then rank. */
void candidate_rank(struct candidate *, size_t n);

#endif
