#ifndef GANDALF_RANK_H
#define GANDALF_RANK_H

#include "gandalf/tally.h"

/*
 * rank - a tally into verdicts: one for every rollout and signature with a vote
 * and one, without signature, for every rollout without any.
 *
 * Releases are ranked for each signature on the counts of all their pivots
 * (Gandalf section 4.3: blame(e) = argmax over c).  Those below the spatial
 * threshold, without a positive score, or of a signature with weight 0 are not
 * ranked but stay, with the reason.
 */
enum rank_reason {
	RANK_BLAMED,
	RANK_TIE,	/* first with others of exactly the same score */
	RANK_RUNNER_UP,
	RANK_SPATIAL,	/* dropped: SS below the threshold */
	RANK_TEMPORAL,	/* dropped: ST not positive */
	RANK_WEIGHT,	/* dropped: the signature's weight is 0 */
	RANK_QUIET,	/* no fault voted for it */
};

struct rank_verdict {
	uint32_t rollout, signature;	/* signature: INTERN_NONE when quiet */
	uint64_t votes[SCORE_WINDOWS], within, veto;	/* of the cell */
	uint64_t hit, seen;		/* N_f and N_df of the release */
	int64_t first, last;
	double temporal, spatial, decay, weight;
	double score;			/* temporal * decay * weight, this pivot */
	double total;			/* the same of the whole release */
	uint64_t clusters, customers;
	uint64_t rank;			/* from 1; 0: not ranked */
	enum rank_reason reason;
};

struct rank {
	VEC(struct rank_verdict) verdict;	/* in the order of output */
};

/* Counts are divided by `unit` (1, or 1e6 for values) before they are scored. */
void rank_run(struct rank *, const struct tally *, const struct score_rule *,
    double unit, int64_t now);
void rank_free(struct rank *);

#endif
