#ifndef GANDALF_BLAME_H
#define GANDALF_BLAME_H

#include <stdbool.h>

#include "gandalf/suspect.h"

/*
 * blame - a tally into verdicts: one for every rollout and signature with a
 * vote, with what its release is as a suspect, and one, without signature, for
 * every rollout without any.
 */
struct blame_verdict {
	uint32_t rollout, signature;	/* signature: INTERN_NONE when quiet */
	uint64_t votes[SCORE_WINDOWS], within, veto;	/* of the cell */
	uint64_t hit, seen;		/* N_f and N_df of the release */
	int64_t first, last;
	double temporal, spatial, decay, weight;
	double score; /* temporal * decay * weight, this pivot */
	double total; /* what ranks: score of the release, times
		       * spatial and steadiness to their powers */
	double rival;			/* total / decay of the best other, as a
					 * share of this one's; NaN: none */
	double follow, chance;		/* of the release; score.h */
	double age_spread;		/* hours */
	double burst;
	uint64_t clusters, customers;
	uint64_t rank;			/* from 1; 0: not ranked */
	enum suspect_reason reason;
};

struct blame {
	VEC(struct blame_verdict) verdict;	/* in the order of output */
};

/*
 * Counts are divided by `unit` (1, or 1e6 for values) before they are scored.
 */
void blame_run(struct blame *, const struct tally *, const struct score_rule *,
    double unit, int64_t now);

/* Whether there is a rank 1. */
bool blame_found(const struct blame *);
void blame_free(struct blame *);

#endif
