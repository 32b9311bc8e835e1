#ifndef RESIN_DUMP_SERIES_H
#define RESIN_DUMP_SERIES_H

#include <stdbool.h>

#include "base/vec.h"
#include "heap/dumps.h"
#include "heap/series.h"

/*
 * dump_series - heap dumps straight into a series: what resin-snap(1) would
 * write of them and snapshots_take() would read, without the text between.
 */
struct dump_series {
	struct dumps dumps;
	struct series *series;
	int64_t from, to;	/* snapshots of another time are left out */
	VEC(uint32_t) name;	/* the series' number of each of the dumps' */
	VEC(uint32_t) frame;	/* of the stack at hand */
	bool too_large;
};

/*
 * Is it a file, and a dump of a format that has a mark of its own?  A pipe is
 * not looked into, for what is read of it is gone.
 */
bool dump_series_is(const char *path);

/* All of them into a series that is empty.  False: dumps.why. */
bool dump_series_read(struct dump_series *, char **path, size_t n);
void dump_series_free(struct dump_series *);

#endif
