#ifndef RESIN_TRIAL_H
#define RESIN_TRIAL_H

#include "leak/fleet.h"
#include "leak/growth.h"

/*
 * trial - the instances of one component as series of windows, with what is
 * known of each besides, and the verdict.
 */

/* Time as windows: n of them of `width` from `first`. */
struct grid {
	int64_t first, width;
	size_t n;
	size_t period, phase;	/* of a day, in windows; of the first window */
	double record;		/* hours */
	double *u;		/* scratch, n */
};

/* One instance: its windows [at, at + n) of the grid. */
struct trial {
	const struct instance *instance;
	double *u;
	size_t at, n;
	double warmup;		/* of wander_up() after its start, or NaN */
	struct growth_context context;
	struct growth growth;	/* the verdict */
};

void trial_open(struct trial *, const struct instance *, const struct grid *);
void trial_free(struct trial *);

/* Hours that one window of it lasts. */
double trial_hours(const struct trial *);

/* Where the trials of the host of t[from] end; they are in order of host. */
size_t trial_host_end(const struct trial *t, size_t n, size_t from);

#endif
