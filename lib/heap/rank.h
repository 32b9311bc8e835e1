#ifndef RESIN_RANK_H
#define RESIN_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"
#include "heap/growth.h"
#include "heap/series.h"

/*
 * rank - which stacks leak, most certain and greatest first.
 *
 * A stack's score is the growth in bytes that is left when what a reference
 * grows by, and what chance explains, are taken off.  It is listed when that is
 * above the threshold.  Rows stand in tiers: shapes of a leak (steady, stair),
 * then those that are more likely something else, then those that cannot be the
 * process' leak; in a tier by score.
 */
enum rank_pattern { RANK_ANY, RANK_IS_STEADY, RANK_IS_STAIR, RANK_IS_SPIKE };

struct rank_options {
	double growth;		/* of the process, bytes; 0: not known */
	enum rank_pattern pattern;
	double threshold;	/* bytes of score */
	bool all;		/* every stack that grew, whatever its score */
};

struct rank_row {
	size_t stack;		/* of the series */
	struct growth g;
	uint64_t before, after;	/* bytes in the first and last snapshot */
	double growth;		/* after - before, bytes */
	double objects;		/* the same in objects */
	double reference;	/* growth in references, to scale; NaN: none */
	double noise;		/* growth that chance may explain */
	double survival;	/* of what was allocated meanwhile; NaN */
	double score;
	double share;		/* of the process' growth, or of the heap's */
	int tier;
	bool too_large;		/* beyond RESIN's bound on the leak's size */
	double total;		/* score of the finding's rows together */
	size_t finding;		/* 1-based: rows in lockstep are one finding */
	bool recursion;		/* so are those that recursion makes many */
	size_t members;		/* rows of the finding */
	size_t common;		/* outermost frames that they all have */
};

struct ranking {
	VEC(struct rank_row) row;	/* in order */
	size_t findings;
	double heap;		/* growth of all stacks together, bytes */
	double explained;	/* growth of the rows in the first tier */
	size_t nreference;
};

void rank_stacks(const struct series *, const struct series *reference,
    size_t nreference, const struct rank_options *, struct ranking *);
void rank_free(struct ranking *);

/* One line, why the row stands where it stands; appended. */
void rank_reason(const struct series *, const struct ranking *,
    const struct rank_row *, struct buf *);

#endif
