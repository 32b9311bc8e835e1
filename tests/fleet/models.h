#ifndef RESIN_FLEET_MODELS_H
#define RESIN_FLEET_MODELS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * models - what the memory of a process does by itself, and what a leak adds.
 *
 * The evaluations draw the numbers below from ranges of their own and step
 * their processes hour by hour with what is here.  Shares and heights are of
 * the process's base unless said otherwise; times are hours.  A service whose
 * members are 0 but the base uses just that.
 *
 * There are two shapes of every rhythm, so that a detector fitted to one has
 * not seen the other: see the table in tests/eval/README.md.
 */
enum shape { SHAPE_TUNE, SHAPE_TEST };

struct service {
	enum shape shape;
	double noise, phi;		/* AR(1): its sd, its correlation */
	double daily, weekly, phase;	/* amplitudes; offset of the day */
	double warm, warm_hours;	/* share yet to fill at start */
	double saw, saw_hours;		/* a collector: height, period */
	double burst, burst_size;	/* starts an hour; height */
	double step;			/* what a new version adds for good */
	double demand;			/* growth a day */
};

/* One process of a service. */
struct load {
	double base;		/* bytes */
	double swing;		/* its share of the day's amplitude */
	double step_at;		/* the hour of its new version */
	double age;		/* since its start */
	double noise, saw_at, burst, burst_left;
};

/* A process begins, somewhere in its collector's cycle. */
void load_start(struct load *, const struct service *, uint64_t *random);

/* Bytes in use in that hour; the state moves on by an hour, age does not. */
double load_next(struct load *, const struct service *, double hour,
    uint64_t *random);

enum leak_kind { LEAK_STEADY, LEAK_STAIR, LEAK_SPIKE, LEAK_KINDS };
extern const char *const leak_names[LEAK_KINDS];

/* How a component leaks, on the hosts where it does. */
struct leak {
	enum leak_kind kind;
	double share;		/* of the hosts */
	double rate;		/* of the base, a day */
	double at, spread;	/* first hour, and within how many more */
	double every;		/* hours between two steps or jumps */
};

/* What a process has lost since it started. */
struct loss {
	double bytes, hours;	/* hours since the leak began */
	double next, last;	/* hours of the next and the last jump */
};

/*
 * Steady (60 %), stair (steps every 4 to 20 hours) or spikes (8 to 36); on 2 to
 * 80 % of the hosts, 5 to 100 % of the base a day.  It begins from a fourteenth
 * of the record, of `hours`, before it to as much before its end, in half of
 * them host after host within up to three fourteenths.  Steps and spikes come
 * closer together in a record of less than a week.
 */
void leak_draw(struct leak *, double hours, uint64_t *random);

/*
 * One more hour of a leak that loses `due` bytes an hour in the mean: steadily,
 * or all that is due every so many hours, or in jumps of 0.5 to 1.5 of their
 * due that come 0.4 to 1.6 of `every` apart.
 */
void leak_next(struct loss *, const struct leak *, double due,
    uint64_t *random);

#endif
