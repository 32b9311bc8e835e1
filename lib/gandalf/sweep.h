#ifndef GANDALF_SWEEP_H
#define GANDALF_SWEEP_H

#include "gandalf/tally.h"

/*
 * sweep - faults and deployments of each node, side by side in time, into a
 * tally (Gandalf section 4.3, "ensemble voting").
 *
 * A stint is a release on a node from its deployment to the next deployment of
 * the same component there; deploying the same version again goes on with it.
 * Every fault votes for all the stints it falls in, one for each component, in
 * the windows its age fits; a fault in the veto window before a stint's start
 * is a veto against its release.  A node counts once for each (release,
 * signature, window), however often it fails.
 *
 * With `by_value` the counts are sums of the faults' values instead, in
 * millionths so that sums are exact in any order; for services that have
 * no nodes.
 *
 * Order of rows does not matter.  Memory: 32 bytes a fault, twice while
 * sorting, and each name once.
 */
struct sweep_fault {
	int64_t ts;
	int64_t value;		/* millionths */
	uint32_t node, signature;
	uint32_t customer;	/* name, or INTERN_NONE */
};

struct sweep_deploy {
	int64_t ts;
	uint32_t node, rollout;
};

struct sweep {
	struct tally tally;
	bool by_value, by_pivot;
	struct intern node;
	VEC(uint32_t) cluster;	/* of each node: name, or INTERN_NONE */
	VEC(struct sweep_fault) fault;
	VEC(struct sweep_deploy) deploy;
};

/* Text that is empty means not given; spans are copied. */
struct sweep_row {
	int64_t ts;
	struct span node, cluster;
	struct span source, signature, customer;	/* of a fault */
	double value, weight;	/* weight < 0: not given */
	struct span component, version, pivot;		/* of a deployment */
};

void sweep_fault(struct sweep *, const struct sweep_row *);
void sweep_deploy(struct sweep *, const struct sweep_row *);

/*
 * Fills the tally.  Deployments to a node before `since` take no part but end
 * the stints before them; WHEN_NEVER: all take part.  `all_spread` counts the
 * spread of pairs without votes too, which a partial must carry because
 * another shard may have the votes.
 */
void sweep_run(struct sweep *, const struct score_rule *, int64_t since,
    bool all_spread);

/*
 * Sorts the faults by the id at `offset` in each, one of `nbin`, by counting;
 * stable.  Returns where each bin begins, and where the last ends; to be freed.
 */
size_t *sweep_bins(struct sweep *, size_t nbin, size_t offset);
void sweep_free(struct sweep *);

/* What the tally's counts are of: nodes, or millionths. */
static inline double
sweep_unit(const struct sweep *s)
{
	return s->by_value ? 1e6 : 1;
}

#endif
