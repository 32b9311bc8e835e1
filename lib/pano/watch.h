#ifndef PANO_WATCH_H
#define PANO_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "pano/ring.h"
#include "table/output.h"

/*
 * watch - the reading end of a ring: its reports become rows of observations,
 *	ts observer subject context status score detail
 * and requests that have waited too long for an answer become `pending` rows
 * with their original time.
 */
struct watch {
	struct ring *ring;
	const char *observer;
	struct output *out;		/* a row a write */
	struct intern address;		/* that have a name: */
	VEC(char *) name;		/* name[number of address], owned */
	bool gone;			/* whoever read our output */
	uint64_t stuck_at;		/* the position that does not move, */
	int64_t stuck_since;		/* and since when (ns); 0: none */
};

/* A new ring in anonymous memory, and the path by which others map it. */
struct ring *watch_ring(int *fd);	/* NULL: errno */

/* Requests that have this among their first RING_ASKED bytes, in any case, are
 * never late.  False: too many, too long or empty. */
bool watch_wait(struct ring *, const char *text);

/* Everything at hand.  `last`: the programs are gone, leave nothing behind. */
void watch_drain(struct watch *, int64_t now, bool last);
/* Pending requests; connections of processes that are gone are freed. */
void watch_pending(struct watch *, int64_t now);
void watch_free(struct watch *);

#endif
