#ifndef RESIN_GROWTH_PART_H
#define RESIN_GROWTH_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "leak/growth.h"

/*
 * growth_part - one stretch of a series without a cut: its largest rise, and
 * whether that is a leak.  Inside leak/growth only.
 */
struct growth_part {
	const double *u;	/* flattened, n windows */
	const double *rough;	/* the same, bursts left in */
	size_t n;
	double hours;		/* of a window */
	double record, age;	/* of struct growth_context; age at u[0] */
	double wander, warmup;
	double jumps;		/* of struct growth_context */
	bool named, recurs;
	const struct growth_limits *limit;
	double *scratch;
};

/* The median of the present values of [from, to), NaN if there is none. */
double growth_middle(const struct growth_part *, size_t from, size_t to);

/* The largest rise and its verdict; with leaks, its onset and `fill`. */
void growth_rise(const struct growth_part *, struct growth *);

/*
 * The verdict on a rise that is given; sets open and, unless it is a stair of
 * several, jump.
 */
enum growth_reason growth_judge(const struct growth_part *, struct growth *,
    bool stair);

/* Whether it reaches what was not known before it. */
bool growth_is_new(const struct growth_part *, const struct growth *);

#endif
