#ifndef RESIN_PROCDETECT_H
#define RESIN_PROCDETECT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"
#include "leak/fleet.h"
#include "leak/growth.h"

/*
 * procdetect - which instances of a fleet leak (RESIN section 4.3.2; what was
 * built instead of its Algorithm 1 stands in resin-procdetect(1)).
 */
struct suspect {
	size_t instance;	/* of the fleet */
	struct growth growth;	/* in bytes; windows of the fleet's grid */
	int64_t leak_start, leak_end;
	double severity;
	double exhaust;		/* hours until the limit; NaN: not known */
};

struct procdetect {
	const struct growth_limits *limit;
	int64_t width;		/* of a window; 0: fleet_width() */
	const struct intern *wanted;	/* components to judge; NULL: all */
	bool all;		/* also those that do not leak, with reason */
	VEC(struct suspect) suspect;
	VEC(struct buf) common;	/* by component; see procdetect_common() */
};

/*
 * Judges every instance of a sorted fleet.  Suspects are in order of component,
 * severity (higher first), cluster, node, pid, start.
 */
void procdetect_run(struct procdetect *, const struct fleet *);
void procdetect_free(struct procdetect *);

/*
 * What the leaking instances of a component have in common and the others of it
 * have not: "name=value,name=value", or empty.
 */
struct span procdetect_common(const struct procdetect *, uint32_t component);
void procdetect_compare(struct procdetect *, const struct fleet *,
    char *const *attribute);

#endif
