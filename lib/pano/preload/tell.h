#ifndef PANO_TELL_H
#define PANO_TELL_H

#include <stdint.h>
#include <time.h>

#include "pano/ring.h"

/*
 * tell - reports into the ring.  Healthy is said once in a while for each
 * (subject, context), anything else at once.
 */

/* After bad news, so many successes are said one by one: a judge that looks
 * back over five needs three to believe them. */
enum { TELL_AFTER_BAD = 3 };

void tell(const char *subject, enum pano_context, enum pano_evidence, int error,
    int64_t waited);
void tell_healthy(struct ring_conn *, enum pano_context);
/* `waited`: ns that a request had no answer, 0: none had been made. */
void tell_unhealthy(struct ring_conn *, enum pano_context, int error,
    int64_t waited);
/* What is healthy again is to be said at once, and `times` in all. */
void tell_again(struct ring_conn *, enum pano_context, uint64_t times);

int64_t tell_clock(clockid_t);	/* ns */

#endif
