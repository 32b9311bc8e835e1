#ifndef RESIN_GROWTH_H
#define RESIN_GROWTH_H

#include <stddef.h>

/*
 * growth - how one stack's live bytes went over the snapshots, and how sure
 * that is.
 *
 * The shape is flat, then a rise from snapshot `from` to snapshot `to`, then
 * flat: so a leak that began late or ended early is measured over the snapshots
 * in which it leaked, and is not taken for a fill that levels off.
 */
enum growth_class {
	GROWTH_FLAT,		/* no growth from the first to the last */
	GROWTH_STEADY,		/* rises all through the window */
	GROWTH_STAIR,		/* rises more than once, flat between */
	GROWTH_STEP,		/* one rise, flat before and after */
	GROWTH_SATURATING,	/* rises ever less */
	GROWTH_SAWTOOTH,	/* gives back much of what it takes */
	GROWTH_SPIKE,		/* up once and down again */
};

const char *growth_name(enum growth_class);

/* One stack's series.  x in [0, 1], ascending; bytes and objects; no NaN. */
struct growth_input {
	const double *x, *bytes, *count;
	size_t n;		/* snapshots, 2 or more */
	double var;		/* of one value of bytes, from sampling */
};

struct growth {
	enum growth_class class;
	size_t from, to;	/* the window of growth, snapshots */
	double gain;		/* bytes, by least squares; within the range */
	double up, down;	/* sums of rises and of falls, bytes */
	size_t nup;		/* rises */
	double late;		/* share of the gain in the window's 2nd half */
	double level;		/* mean bytes */
	double objects;		/* mean objects */
	double sd;		/* of the values about the shape, bytes */
	double df;		/* of sd */
	double sxx;		/* sum of squares of x about its mean */
	double wander;		/* variance of the gain as a random walk */
	double lumps;		/* variance of the gain, were it by chance */
	double sampled;		/* the part of lumps that sampling makes */
};

void growth_measure(const struct growth_input *, struct growth *);

#endif
