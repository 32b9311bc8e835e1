#ifndef RESIN_BUCKET_PAIRS_H
#define RESIN_BUCKET_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * pairs - for each (group, node) of one window the highest bucket seen, or the
 * sum of the usage.  A slot is one word, so a pair costs 8 bytes over the load
 * factor and one cache miss, which pairs_raise() starts for a whole batch
 * before it needs the first:
 *
 *	group 28 bits | node 28 bits | level + 1, 8 bits	0 is a free slot
 *
 * Ids are at most PAIRS_ID_MAX, levels at most 254.  The hash is seeded, for
 * whoever sends the names also chooses which pairs meet.
 */
#define PAIRS_ID_MAX ((UINT32_C(1) << 28) - 1)

struct pairs {
	uint64_t *slot;		/* at the start of a cache line of `memory` */
	void *memory;
	uint64_t *sum;		/* of the slot's usage; NULL: levels only */
	size_t cap;		/* a power of two, or 0 */
	size_t n;
	unsigned shift;		/* 64 - log2(cap) */
	uint64_t seed;		/* odd */
	bool summing;
};

#define PAIRS_BATCH 512

/*
 * Both take up to PAIRS_BATCH pairs: group[i], node[i] and their level, or the
 * usage to add (sums stop at UINT64_MAX).
 */
void pairs_raise(struct pairs *, const uint32_t *group, const uint32_t *node,
    const uint8_t *level, size_t n);
void pairs_sum(struct pairs *, const uint32_t *group, const uint32_t *node,
    const uint64_t *usage, size_t n);

static inline uint32_t
pairs_group(uint64_t slot)
{
	return (uint32_t)(slot >> 36);
}

void pairs_clear(struct pairs *); /* empties, keeps memory that was of use */
void pairs_free(struct pairs *);

#endif
