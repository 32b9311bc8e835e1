#ifndef GANDALF_PAIRING_H
#define GANDALF_PAIRING_H

#include "gandalf/calls.h"
#include "gandalf/contrast.h"

/*
 * pairing - the calls between one service and one other, minute by minute, and
 * what a change did to them: after its minute against before, and new pods
 * against old ones.  The minute that the change falls into is left out.
 */
struct pairing {
	const struct calls_cell *cell;
	size_t n;		/* 0: there were no such calls */
};

/* The one that begins at the cell `at`; of sorted calls. */
struct pairing pairing_at(const struct calls *, size_t at);
struct pairing pairing_find(const struct calls *, enum calls_side,
    uint32_t service, uint32_t peer);

/* Failure rate after minus before. */
struct contrast pairing_own(struct pairing, int64_t ts);

/* The same of the calls in `all` that are not in `part`. */
struct contrast pairing_rest(struct pairing all, struct pairing part,
    int64_t ts);

/* New minus old pods in the same minute, after minus before. */
enum pairing_what { PAIRING_FAILED, PAIRING_LATENCY, PAIRING_WHATS };
struct contrast pairing_control(struct pairing, int64_t ts, enum pairing_what);

/*
 * Share of answers that are missing: new minus old, after minus before.  Of
 * each, an answer a minute is due where the most in any minute before was one.
 */
struct contrast pairing_silence(struct pairing, int64_t ts);

/* Minutes after in which new pods fail more than old ones, and less. */
void pairing_count(struct pairing, int64_t ts, uint64_t *worse,
    uint64_t *better);

/* Mean failure rates [new][after]; NaN: no calls. */
void pairing_means(struct pairing, int64_t ts, double failed[2][2]);

/* How much more `y` fails for each failure of `x`, by minute: least squares. */
double pairing_slope(struct pairing y, struct pairing x);

#endif
