#ifndef RESIN_PRIOR_H
#define RESIN_PRIOR_H

#include <stddef.h>

#include "heap/growth.h"

/*
 * prior - how much the stacks of this process waver, by their size.  Six or
 * eight snapshots are too few to know one stack's own noise; thousands of
 * stacks of like size know it together (moderated t of Smyth 2004, with a
 * trend by level).  Where there are fewer than LEAST stacks of a size nothing
 * is learnt, and the prior is 0.
 */
#define PRIOR_BINS 32		/* factors of four: 1, 4, 16, ... bytes */
#define PRIOR_DF 4.0		/* what it weighs beside a stack's own */

struct prior {
	double relative[PRIOR_BINS];	/* median of sd / level */
};

void prior_learn(struct prior *, const struct growth *, size_t n);
double prior_sd(const struct prior *, double level);

#endif
