#ifndef PANO_POLICY_H
#define PANO_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "pano/record.h"
#include "pano/status.h"

/*
 * policy - from remarks to a vote, and from votes to a decision.
 *
 * PANORAMA is SimpleMajorityInference of the published code: the newest status
 * by arrival is the view's, the score looks back over at most two, most votes
 * win, a tie goes to the more severe.  LATEST is the newest observation of
 * all.  ANY is the worst within the look-back.  LOOK_BACK is ours: an observer
 * is content only if its newest word and most of its look-back are healthy; a
 * subject is healthy only if most observers are content.
 */
enum policy { POLICY_LOOK_BACK, POLICY_PANORAMA, POLICY_LATEST, POLICY_ANY };
enum expiry { EXPIRE_NONE, EXPIRE_ABSOLUTE, EXPIRE_RELATIVE };

/* By name: look-back, panorama, latest, any; none, absolute, relative. */
bool policy_parse(const char *, enum policy *);
bool expiry_parse(const char *, enum expiry *);

struct policy_options {
	enum policy policy;
	enum expiry expiry;
	int64_t ttl;		/* ns an observation counts for */
	int64_t pending;	/* ns after which no answer is a bad answer */
	uint64_t observers;	/* fewer have no say: inconclusive */
	uint64_t observations;	/* the same */
};

/* The vote of a track at time `clock`, and when time alone may change it. */
struct vote policy_vote(const struct policy_options *, const struct record *,
    uint32_t track, int64_t clock, int64_t *due);

/* The mean score behind the vote, NaN: none. */
double policy_score(const struct policy_options *, const struct record *,
    uint32_t track, int64_t clock);

/*
 * Healthy or bad, whichever the track said last, however long ago: a failure
 * detector speaks when it changes its mind, so its word stands.
 */
enum status policy_last_word(const struct record *, uint32_t track);

/* Why a decision is what it is. */
enum rule {
	RULE_NO_DATA,		/* no vote at all */
	RULE_FEW_OBSERVERS,
	RULE_FEW_OBSERVATIONS,
	RULE_HEALTHY,		/* more than half */
	RULE_BAD,		/* at least as many as healthy */
	RULE_PENDING,		/* none bad, healthy not more than half */
	RULE_SPLIT,		/* neither */
	RULE_NA,
	RULE_PLURALITY,
	RULE_TIE,
	RULE_WORST,
};
struct decision {
	enum status status;
	enum rule rule;
};
struct tally {
	uint32_t vote[STATUS_VOTES];
	uint64_t nremark;
};

struct decision policy_decide(const struct policy_options *,
    const struct tally *);
uint32_t tally_votes(const struct tally *);
uint32_t tally_bad(const struct tally *);

#endif
