#ifndef RESIN_LIVE_H
#define RESIN_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * live - the allocations alive in a log of calls of malloc and free: address
 * to size and site.  All zero is an empty one; address 0 is never in it.
 */
struct live_item {
	uint64_t addr, size;
	uint32_t site;
};

struct live {
	struct live_item *slot;	/* addr 0: free; to be looped over */
	size_t n, slots;	/* a power of two */
};

void live_add(struct live *, uint64_t addr, uint64_t size, uint32_t site);
/* False: not there, as when the log began later. */
bool live_remove(struct live *, uint64_t addr, struct live_item *);
void live_free(struct live *);

#endif
