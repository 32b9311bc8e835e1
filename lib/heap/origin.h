#ifndef RESIN_ORIGIN_H
#define RESIN_ORIGIN_H

#include <stdint.h>

#include "base/buf.h"
#include "heap/maps.h"

/*
 * origin - whose heap a dump is of.  A restart, a child or another program is
 * not to be compared with what went before as if it were one process.
 */
struct origin {
	char *first, *path;	/* the first process, and the file it is in */
	char *last;		/* that differed, and was said */
};

/*
 * "program[pid]@base", as far as known, appended: `program` is a path or a
 * command line, or empty, then the maps tell; a pid of 0 is not known.
 */
void origin_print(struct span program, uint64_t pid, const struct maps *,
    struct buf *out);

enum origin_news { ORIGIN_SAME, ORIGIN_OTHER_PROCESS, ORIGIN_OTHER_PROGRAM };
/* Of one process after another: each change is news once. */
enum origin_news origin_check(struct origin *, const char *process,
    const char *path);
void origin_free(struct origin *);

#endif
