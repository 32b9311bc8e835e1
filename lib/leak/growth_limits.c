#include <math.h>

#include "leak/growth.h"

const struct growth_limits growth_defaults = {
	/*
	 * What an operator would call a leak: a tenth of the base.  Below it
	 * caches and allocators wander by as much for days.
	 */
	.gain = 0.10,
	/*
	 * A record of less than a day cannot show how far a process wanders by
	 * itself: services on a JVM climb by 10 to 25 % in their first hours
	 * of load and stay there.  So more is asked the shorter the record is,
	 * in proportion, from a tenth at 60 hours to three tenths.
	 */
	.gain_short = 0.30,
	.history = 60,
	/*
	 * Demand grows by up to some percent a week; leaks by percents a day.
	 */
	.slow = 0.03,
	/*
	 * Five standard errors: the place of the rise is searched over some
	 * hundred pairs and a fleet has 10^5 processes, so three would fire.
	 */
	.z = 5,
	.lasts = 8,
	.lasts_share = 1.0 / 6,
	.jump = 0.70,
	/* Jumps of one leak differ by some factor of two from the usual. */
	.jump_least = 0.4,
	.jump_most = 2.5,
	/*
	 * A straight line has 1; an exponential approach watched for two of its
	 * time constants has 0.54, for three 0.36, for four 0.24.
	 */
	.late = 0.3,
	/*
	 * Caches fill in hours to a day or so.  A rise that begins in that time
	 * has to go on for two days, straighter than 1.5 time constants would
	 * look, 0.64.
	 */
	.young = 24,
	.young_lasts = 48,
	.young_share = 0.6,
	.young_late = 0.65,
	/* What grew to 2.5 times, and goes on, is more than a cache filling. */
	.young_climb = 0.9,
	/*
	 * Levels that fill up do so with time constants of an hour to two and
	 * a half days, from a quarter of their end or more.
	 */
	.fill_short = 1,
	.fill_long = 60,
	.fill_from = 0.25,
	.known = 0.5,
	/* A collector gives all of it back, noise reaches less than half. */
	.kept = 0.5,
	/*
	 * A process seen for less than two days before the rise has shown
	 * little of what it does by itself; its peers have.
	 */
	.memory = 48,
	.peers = 1.35,
	.peers_warm = 1.3,
	.closed = 36,
	.rest = 24,
	.rest_share = 0.35,
	.cut = 24,
	/* Restarts lose most of a leak; a collector's saw-tooth less. */
	.drop = 0.75,
};

const struct growth_limits growth_gate = {
	/*
	 * A leak on a few of 300 hosts of different sizes moves the
	 * largest sizes by a percent; these are quiet, being taken over
	 * the fleet.  What passes is judged by its processes.
	 */
	.gain = 0.005,
	.gain_short = 0.005,
	.z = 2.5,
	.jump = INFINITY,
	.late = -INFINITY,
	.young_late = -INFINITY,
	.known = -INFINITY,
	.kept = -INFINITY,
	.rest = INFINITY,
	.rest_share = 1,
};
