#ifndef RESIN_DUMP_TIMES_H
#define RESIN_DUMP_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/when.h"

/*
 * dump_times - when the snapshots of one call were taken.  A dump's own time,
 * or its file's.  A copy, an archive or a checkout gives files times that say
 * nothing, and a file of several dumps has but one: then the snapshots are
 * taken to be an interval apart, in the order given.
 */
struct dump_times {
	int64_t start;		/* WHEN_NEVER: the dumps' own times */
	int64_t interval;	/* ns between snapshots where nothing tells */
	int64_t even;		/* files' times say nothing; else WHEN_NEVER */
	int64_t newest;		/* time of the last snapshot */
	uint64_t n;		/* snapshots so far */
};

/* The dumps' own times, or their files', half an hour apart for want of any. */
#define DUMP_TIMES { WHEN_NEVER, 1800 * WHEN_SECOND, WHEN_NEVER, 0, 0 }

/*
 * Before the first is read: do the files' times tell when the snapshots were
 * taken?  False: they are less than a second apart, as after a copy, and the
 * snapshots of formats without a time are put an interval apart.
 */
bool dump_times_tell(struct dump_times *, char **path, size_t n);

/*
 * The time of the next snapshot, whose own is `ts` or WHEN_NEVER, in a file of
 * `mtime`.  *late: it would not be later than the one before.
 */
int64_t dump_times_next(struct dump_times *, int64_t ts, int64_t mtime,
    bool *late);

#endif
