#ifndef GANDALF_CASE_H
#define GANDALF_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "table/input.h"

/*
 * case - what gandalf-decide knows of a rollout: the rows that gandalf-blame
 * wrote of one component, version and pivot, with their features.
 */
enum feature {
	FEATURE_RATE,		/* per cent of the nodes deployed to, above
				 * those that failed before */
	FEATURE_NODES,		/* impacted after minus before */
	FEATURE_CLUSTERS,
	FEATURE_PER_CLUSTER,	/* nodes a cluster */
	FEATURE_CUSTOMERS,
	FEATURE_SCORE,		/* temporal * decay * weight */
	FEATURE_SPATIAL,
	FEATURES
};
extern const char *const feature_name[FEATURES];

/* Nodes below which two rollouts are hardly told apart. */
enum { CASE_FEW = 40 };

/* The feature of that name, or FEATURES. */
enum feature feature_find(struct span name);

struct evidence {
	uint32_t source, signature;	/* name */
	bool blamed;		/* of rank 1, or as good */
	bool tie, contested;	/* others of nearly the same score */
	bool ranked;
	double votes, veto, score, hit;
	double chance;		/* of so much by chance; NaN: unknown */
	double burst;		/* score.h; NaN: unknown */
	double feature[FEATURES];
	int64_t since;		/* the signature's first fault */
	uint32_t whole;		/* of the release in all pivots: cases.whole */
};

/* A release, and what is blamed on it, over all its pivots. */
struct grelease {
	double deployed, clusters;
	uint64_t pivots;
};

struct gcase {
	uint32_t component, version, pivot;	/* name */
	double deployed, clusters;	/* nodes, clusters deployed to */
	uint32_t release;		/* cases.release */
	int64_t start, feed_start, feed_end;	/* WHEN_NEVER: unknown */
	VEC(struct evidence) evidence;
};

struct cases {
	struct intern name, key;
	VEC(struct gcase) gcase;
	VEC(struct grelease) release;
	VEC(struct evidence) whole;	/* of a release and signature: what was
					 * tested */
	struct intern release_key, whole_key;
};

enum {
	CASE_COMPONENT, CASE_VERSION, CASE_SIGNATURE, CASE_SCORE, CASE_VOTES,
	CASE_VETO, CASE_SPATIAL, CASE_RANK, CASE_REASON, CASE_SOURCE,
	CASE_PIVOT, CASE_DEPLOYED, CASE_DEPLOYED_CLUSTERS, CASE_CHANCE,
	CASE_BURST,
	CASE_RIVAL, CASE_HIT, CASE_CLUSTERS, CASE_CUSTOMERS, CASE_START,
	CASE_SINCE, CASE_FEED_START, CASE_FEED_END, CASE_COLUMNS
};
extern const struct input_column case_columns[CASE_COLUMNS];

/* Adds the current row unless input_bad(). */
void cases_add(struct cases *, struct input *);

/*
 * After the last row: sorts by component, version, pivot, each one's evidence
 * by its text, and adds up what the pivots of a release have in common.
 */
void cases_finish(struct cases *);
void cases_free(struct cases *);

/* The features as the discriminant sees them: counts by their logarithm. */
void feature_scale(const double feature[FEATURES], double x[FEATURES]);

#endif
