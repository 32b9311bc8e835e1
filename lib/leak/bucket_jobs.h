#ifndef RESIN_BUCKET_JOBS_H
#define RESIN_BUCKET_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "leak/bucket.h"
#include "leak/bucket_write.h"
#include "table/input.h"

/*
 * jobs - one file counted by several threads, to the same bytes.  The file is
 * cut where a window begins, which is found by bisection since time ascends;
 * each thread takes the next part, and the parts' rows are written in order.
 *
 * Nothing rests on that order: where a part turns out not to follow the one
 * before, or has a bad row, or the file cannot be cut, the threads stop, and
 * what they have written is the beginning of what one thread writes.
 */
struct bucket_jobs {
	const struct input_options *input;
	char *file;
	const struct input_column *want;	/* as bucket_read() has them */
	size_t nwant;
	const struct bucket_options *bucket;	/* lateness 0 */
	const struct bucket_writer *writer;
	unsigned threads;
};

/*
 * True: all is counted and written.  False: the windows up to *written are
 * (WHEN_NEVER: none), the rest and any message is for one thread to find.
 */
bool bucket_jobs(const struct bucket_jobs *, int64_t *written);

#endif
