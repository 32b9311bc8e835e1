#ifndef GANDALF_TALLY_H
#define GANDALF_TALLY_H

#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/vec.h"
#include "base/when.h"
#include "gandalf/score.h"

/*
 * tally - the evidence between rollouts and signatures, as exact counts: all
 * that scoring needs and all that a partial carries.  Counts of disjoint sets
 * of nodes add up; times combine by minimum and maximum.
 *
 * A release is (component, version), a rollout is a release in one pivot (the
 * empty one unless pivots are told apart), a signature is (source, text).
 * Everything is named by dense ids; the text is in `name`.
 */
struct tally_release {
	uint32_t component, version;	/* name */
	int64_t start, last;		/* first and newest deployment */
};

struct tally_rollout {
	uint32_t release, pivot;	/* pivot: name */
	int64_t start, last;
	uint64_t deployed, clusters;	/* distinct nodes, and their clusters */
};

struct tally_signature {
	uint32_t source, text;		/* name */
	double weight;			/* 0 to 100; the largest given */
	int64_t first;			/* earliest fault anywhere */
};

/* Counts are distinct nodes, or values in millionths (see events.h). */
struct tally_cell {
	uint32_t rollout, signature;
	uint64_t votes[SCORE_WINDOWS];
	uint64_t within;		/* in the largest finite window */
	uint64_t veto;
	uint64_t hit;			/* N_f: nodes, always */
	int64_t first, last;		/* votes; WHEN_NEVER if none */
	uint64_t sum[6];		/* by enum tally_sum */
};

/* Sums over the nodes that voted: whether faults follow deployments. */
enum tally_sum {
	SUM_N,
	SUM_X, SUM_Y,		/* minutes after the release's start: the */
	SUM_XX, SUM_XY, SUM_YY,	/* node's deployment, and its first vote */
	SUMS
};

/* N_df: nodes anywhere with the signature in the release's period. */
struct tally_spread {
	uint32_t release, signature;
	uint64_t seen;
};

/* A cluster or a customer of the voting faults of a cell. */
struct tally_member {
	uint32_t cell, name;
};

struct tally {
	struct intern name;
	struct intern release_key, rollout_key, signature_key, cell_key;
	struct intern spread_key, cluster_key, customer_key;
	VEC(struct tally_release) release;
	VEC(struct tally_rollout) rollout;
	VEC(struct tally_signature) signature;
	VEC(struct tally_cell) cell;
	VEC(struct tally_spread) spread;
	VEC(struct tally_member) cluster, customer;
	struct buf scratch;		/* a key in the making */
	uint64_t deployed, bystanders;	/* nodes with a deployment; others */
	int64_t oldest, newest;		/* fault in the input; WHEN_NEVER */
};

#define TALLY_NONE { .oldest = WHEN_NEVER, .newest = WHEN_NEVER }

void tally_free(struct tally *);

/* Each finds or adds, and gives the id. */
uint32_t tally_release(struct tally *, struct span component,
    struct span version);
uint32_t tally_rollout(struct tally *, uint32_t release, struct span pivot);
uint32_t tally_signature(struct tally *, struct span source, struct span text);
uint32_t tally_cell(struct tally *, uint32_t rollout, uint32_t signature);
uint32_t tally_spread(struct tally *, uint32_t release, uint32_t signature);
void tally_cluster(struct tally *, uint32_t cell, uint32_t name);
void tally_customer(struct tally *, uint32_t cell, uint32_t name);

/* Widens [*low, *high] to hold `t`; WHEN_NEVER is an empty interval. */
void tally_widen(int64_t *low, int64_t *high, int64_t t);

/* The newest time of any fault or deployment; WHEN_NEVER if there is none. */
int64_t tally_newest(const struct tally *);

/* The text of a name. */
static inline struct span
tally_text(const struct tally *t, uint32_t name)
{
	return t->name.key[name];
}

#endif
