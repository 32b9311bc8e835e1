#ifndef PANO_SETTLE_H
#define PANO_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * settle - hysteresis: a new state is published after it was found `need` times
 * in a row, and how often the state has flipped between good and bad lately.
 */
#define SETTLE_FLIPS 32		/* counted at most; bounds the memory */

struct settled {
	uint8_t now, was;	/* published; 0 at first */
	uint8_t next;		/* found, not yet published */
	uint32_t streak;	/* times in a row */
	uint32_t nflip;
	int64_t since;		/* when `now` was published */
	int64_t *flip;		/* times, a ring; allocated at the first flip */
};

/* True when `found` becomes the published state. */
bool settle(struct settled *, uint8_t found, uint64_t need, int64_t clock);
void settle_flip(struct settled *, int64_t clock);
uint32_t settle_flips(const struct settled *, int64_t after);

#endif
