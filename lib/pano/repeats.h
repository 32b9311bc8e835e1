#ifndef PANO_REPEATS_H
#define PANO_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "pano/logrules.h"

/*
 * repeats - drops what was just said.  An observation is a repeat if another of
 * the same observer, subject, context, status and whole part of the score went
 * out less than `within` before, by event time; Panorama's log observer merges
 * so.  Memory is a time for each such combination.
 */
struct repeats {
	int64_t within;		/* ns, 0: keep all */
	struct intern what;
	VEC(int64_t) last;
	struct buf scratch;
};

bool repeats_keep(struct repeats *, const struct event *);
void repeats_free(struct repeats *);

#endif
