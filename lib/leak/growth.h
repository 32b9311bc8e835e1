#ifndef RESIN_GROWTH_H
#define RESIN_GROWTH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * growth - is this series of memory sizes a leak, and since when?
 *
 * The series has one value a window of `width` seconds, NaN where nothing was
 * reported; the unit of the values is free.  It is cut where it falls for good
 * (a restart that was not reported), each part is fitted as flat, rise, flat
 * (stat/ramp.h), and the rise is a leak if none of the reasons below speaks
 * against it.  Every threshold stands in struct growth_limits.
 */
enum growth_reason {
	GROWTH_LEAK,
	GROWTH_SHORT,		/* too few windows to judge */
	GROWTH_NONE,		/* no rise */
	GROWTH_SMALL,		/* a rise too small for the length of record */
	GROWTH_SLOW,		/* as slow as demand grows */
	GROWTH_STEP,		/* one step, flat before and after */
	GROWTH_PLATEAU,		/* it came to rest: a cache that filled */
	GROWTH_YOUNG,		/* the process may still be warming up */
	GROWTH_KNOWN,		/* not above what was seen before the rise */
	GROWTH_NOISE,		/* not distinct from the noise */
	GROWTH_ALONE,		/* one in a large fleet: chance */
};

struct growth {
	enum growth_reason reason;
	size_t from, to;	/* windows; the rise */
	double base;		/* level before it */
	double usage;		/* level at the newest value, smoothed */
	double gain;		/* over the rise */
	double rate;		/* gain an hour */
	double z;		/* gain in standard errors */
	double r2;		/* of the fit */
	double sd;		/* noise about the fit */
	bool open;		/* it goes on at the end of the series */
	double jump;		/* largest rise at once, of gain */
	double fill; /* 2 log likelihood ratio to a level that fills */
};

struct growth_limits {
	double gain;		/* least gain, of the base */
	double gain_short;	/* the same for a record without history */
	double history;		/* hours: gain applies from this length on */
	double slow;		/* least rate, of the base a day */
	double z;		/* least gain in standard errors */
	double lasts;		/* hours: a rise shorter than this is a step */
	double lasts_share;	/* or this share of the record, if less */
	double jump;		/* a step: this share of the gain at once */
	double jump_least, jump_most;	/* to the component's usual one */
	double late;		/* slope of the second half to that of all */
	double young;		/* hours of age at which warming up has ended */
	double young_lasts;	/* hours that a rise must last from there */
	double young_share;	/* or this share of the record, if less */
	double young_late;	/* `late` of such a rise */
	double young_climb;	/* or its logarithm, no peers being known */
	double fill_short, fill_long;	/* hours: time constants of a fill */
	double fill_from;	/* level at its start, of that at its end */
	double known;		/* least gain above the past's high, of gain */
	double kept; /* least gain that stays after the rise, of gain */
	double memory;		/* hours of own past that make peers needless */
	double peers;		/* least gain to the wander of peers */
	double peers_warm;	/* and to their warmup */
	double closed;		/* hours an ended rise must have lasted */
	double rest;		/* hours of flat end that end a rise */
	double rest_share;	/* or this share of the series, if less */
	double cut;		/* hours of one that a restart ended */
	double drop;		/* a fall to below this of the level: a cut */
};

/* The defaults; each number's reason stands beside it in growth_limits.c. */
extern const struct growth_limits growth_defaults;

/*
 * Any rise that stands out of the noise, of whatever shape: for a first level
 * that must not miss what a second will judge.
 */
extern const struct growth_limits growth_gate;

/* What is known of a series besides its values. */
struct growth_context {
	double width;		/* of a window, seconds */
	double record;		/* hours of telemetry of the whole fleet */
	double age;		/* hours of the process at u[0]; NaN: unknown */
	bool named;		/* restarts are other series: a fall is none */
	/*
	 * How far peers climb within two days, as a natural logarithm, when
	 * they run (wander) and after they start (warmup); 0: not known.
	 */
	double wander, warmup;
	bool recurs;		/* another instance here leaks for certain */
	double jumps;		/* usual jump of its leaks, of the base; or 0 */
};

void growth_find(const double *u, size_t n, const struct growth_context *,
    const struct growth_limits *, struct growth *);

const char *growth_text(enum growth_reason);

#endif
