#ifndef RESIN_OUTPUT_H
#define RESIN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/when.h"
#include "base/whole.h"

/*
 * output - writes resin-tsv(5) to standard output or to a file that appears
 * whole.  Values are put one after the other and the row is closed:
 *
 *	output_header(&out, "ts", "component", NULL);
 *	output_time(&out, ts);
 *	output_text(&out, name);
 *	output_row(&out);
 *
 * Bytes that would break the row (TAB, LF, CR, NUL) become a blank, or are
 * escaped in the escaped dialect.  Write errors are sticky and are returned by
 * output_close().
 */
struct output {
	FILE *fp;
	struct whole whole;	/* in use for -o */
	bool escape, rfc3339, line_buffered;
	size_t nfield;		/* put so far in this row */
	struct buf row;		/* its bytes; to fp when it is closed */
	bool gather;		/* later: see output_gather() */
	size_t begun;		/* where in `row` the row begins */
	char *buffer;		/* of fp */
	int64_t when;		/* the last time put, as text */
	char when_text[WHEN_MAX];
	size_t when_n;		/* 0: none yet */
};

struct output_options {
	const char *path;	/* NULL: standard output */
	bool escape, rfc3339, line_buffered;
};

int output_open(struct output *, const struct output_options *); /* -1: errno */
void output_header(struct output *, ...) __attribute__((sentinel));
void output_text(struct output *, struct span);
void output_str(struct output *, const char *);
void output_u64(struct output *, uint64_t);
void output_i64(struct output *, int64_t);
void output_number(struct output *, double);	/* NaN: an empty field */
void output_time(struct output *, int64_t ns);	/* WHEN_NEVER: empty */
void output_none(struct output *);
void output_row(struct output *);

/*
 * For rows by the million that differ in little: output_take() takes what was
 * put since the row began, or since it was last called, into `to`;
 * output_lines() writes whole lines that were made of such parts, instead of
 * output_row().
 */
void output_take(struct output *, struct buf *to);
void output_lines(struct output *, const struct buf *lines);

/*
 * From output_gather() on closed rows stay in memory, some thousand bytes of
 * them, until output_release(): before the tool waits, fails or ends.
 */
void output_gather(struct output *);
void output_release(struct output *);

/* Flush, check, and for a file fsync and rename.  -1: errno. */
int output_close(struct output *);
void output_abort(struct output *);	/* the file does not appear */

#endif
