#ifndef RESIN_PRIOR_H
#define RESIN_PRIOR_H

#include <stddef.h>

#include "heap/growth.h"

/*
 * prior - how much the stacks of this process waver, by their objects.
 *
 * Six or eight snapshots are too few to know one stack's own noise; thousands
 * of stacks with about as many objects know it together.  This is the moderated
 * t of Smyth (2004): a variance for each bin, and how many degrees of freedom
 * it is worth, which is many where its stacks are alike in their noise and few
 * where they are not.
 */
#define PRIOR_BINS 32		/* factors of four: 1, 4, 16, ... objects */

struct prior {
	struct prior_bin {
		double relative;	/* sd / level; 0: nothing is known */
		double df;
	} bin[PRIOR_BINS];
};

void prior_learn(struct prior *, const struct growth *, size_t n);

/* The variance of a stack's values and its df, prior and own together. */
double prior_moderate(const struct prior *, const struct growth *, double *df);

#endif
