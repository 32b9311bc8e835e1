#ifndef RESIN_BUCKET_CUT_H
#define RESIN_BUCKET_CUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * cut - where in a TSV file in the order of its windows a window begins.
 */
struct cut {
	int fd;
	size_t column;		/* of ts, from 0 */
	int64_t width;		/* of a window */
	off_t size;		/* of the file */
};

/*
 * The beginning of the first row behind `near` that is of a later window than
 * the row there, or the file's size.  -1: the file cannot be cut: a row longer
 * than a buffer, no time where one should be, an error of reading.
 */
off_t cut_behind(const struct cut *, off_t near);

#endif
