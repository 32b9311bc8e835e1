#ifndef GANDALF_STINT_H
#define GANDALF_STINT_H

#include "gandalf/events.h"

/*
 * stint - a release on a node, from its deployment there to the next deployment
 * of the same component; deploying the same version again goes on with it.
 */
struct stint {
	uint32_t node, rollout;
	int64_t start, end;	/* [start, end) */
};

struct stints {
	VEC(struct stint) of;	/* by node, rollout and start */
	size_t *first;		/* first[node] to first[node + 1]: its stints */
};

/*
 * Makes the stints of all deployments, and fills in what the tally says of
 * releases and rollouts: periods, nodes and clusters deployed to.  Those that
 * begin before `since` take no part but end those before them; WHEN_NEVER: all
 * take part.
 */
void stints_make(struct stints *, struct events *, int64_t since);
void stints_free(struct stints *);

#endif
