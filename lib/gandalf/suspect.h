#ifndef GANDALF_SUSPECT_H
#define GANDALF_SUSPECT_H

#include "gandalf/tally.h"

/*
 * suspect - a release and a signature that voted for it, on the counts of all
 * its pivots, and which releases are ranked for each signature (Gandalf section
 * 4.3: blame(e) = argmax over c).  Those below the spatial threshold, without a
 * positive score, or of a signature with weight 0 are not ranked but stay, with
 * the reason.
 */
enum suspect_reason {
	SUSPECT_BLAMED,
	SUSPECT_TIE,	/* first with others of exactly the same score */
	SUSPECT_RUNNER_UP,
	SUSPECT_SPATIAL,	/* dropped: SS below the threshold */
	SUSPECT_FOLLOW,	/* dropped: faults do not follow the deployments */
	SUSPECT_TEMPORAL,	/* dropped: ST not positive */
	SUSPECT_WEIGHT,	/* dropped: the signature's weight is 0 */
	SUSPECT_QUIET,	/* no suspect: no fault voted for it */
};

struct suspect {
	uint32_t release, signature;
	uint64_t votes[SCORE_WINDOWS], veto, hit, seen;	/* N_f and N_df */
	double sum[SUMS];
	double score;	/* what ranks: temporal * decay * weight, times spatial
			 * and steadiness to their powers */
	double rival;	/* score / decay of the best other, as a share of this
			 * one's; NaN: none */
	double follow, chance, age_spread, burst;	/* score.h */
	uint64_t rank;	/* from 1; 0: not ranked */
	enum suspect_reason reason;
};

/* What counts are judged by. */
struct judge {
	const struct tally *t;
	const struct score_rule *rule;
	double unit;	/* counts are divided by it: 1, or 1e6 for values */
	int64_t now;
};

double judge_temporal(const struct judge *, const uint64_t votes[],
    uint64_t veto);
double judge_decay(const struct judge *, uint32_t release);

/* 1 if none was given. */
double judge_weight(const struct judge *, uint32_t signature);

struct suspects {
	struct suspect *of;	/* one for each tally_spread */
	uint32_t *of_cell;	/* the suspect of a cell, or INTERN_NONE */
};

/* Finds them and ranks them. */
void suspects_rank(struct suspects *, const struct judge *);
void suspects_free(struct suspects *);

#endif
