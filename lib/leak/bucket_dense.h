#ifndef RESIN_BUCKET_DENSE_H
#define RESIN_BUCKET_DENSE_H

#include <stddef.h>
#include <stdint.h>

/*
 * dense - for each (group, node) of one window the highest bucket seen, as in
 * leak/bucket_pairs.h, of the groups that many of the nodes have: a row of one
 * byte a node, level + 1 or 0.  There is nothing to search or to compare, and
 * the rows of the largest groups, where most telemetry goes, stay in the cache.
 *
 * The groups are those that had a pair for each DENSE_BYTES nodes in the window
 * before, so that a pair costs no more than that.  Names that came later are
 * not held.
 */
#define DENSE_BYTES 32

struct dense {
	uint8_t *level;		/* nrow rows of `stride` nodes */
	uint32_t *row;		/* of each group, then of all later ones */
	size_t nrow, ngroup, stride;
	size_t level_cap, row_cap;
};

/* Empty rows for the window to come, all those of the last one having been
 * taken; live[group] is how many nodes each of `ngroup` groups
 * had, of `nnode`. */
void dense_choose(struct dense *, const uint32_t *live, size_t ngroup,
    size_t nnode);

/* Takes the pairs that it holds, at most PAIRS_BATCH.  The others move to the
 * front of the arrays; how many. */
size_t dense_raise(struct dense *, uint32_t *group, uint32_t *node,
    uint8_t *level, size_t n);

/* Adds the group's nodes at each of `nlevel` levels, at most 255, to
 * nodes[level], and empties its row. */
void dense_take(struct dense *, uint32_t group, uint64_t *nodes,
    size_t nlevel);

void dense_free(struct dense *);

#endif
