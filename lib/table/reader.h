#ifndef RESIN_READER_H
#define RESIN_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "table/csv.h"
#include "table/header.h"
#include "table/run.h"
#include "table/source.h"

/*
 * reader - the rows of one table, a run at a time (run.h).
 *
 * What is not exactly a row (ragged, NUL, no newline at the end) interrupts the
 * run: reader_run() returns READER_BAD with the text and the reason, and goes
 * on behind it when called again.
 *
 * CSV goes the same way as long as it is plain (scan.h); a row that is not is a
 * run of its own, as libcsv reads it.
 */
enum reader_result {
	READER_END,	/* no more */
	READER_RUN,	/* one row at least */
	READER_BAD,	/* bad_text, bad_why, line; may be called again */
	READER_FAIL,	/* why; final */
};

struct reader {
	struct source source;
	struct csv *csv;	/* NULL: TSV */
	size_t ncol;
	off_t begin;		/* of the first row in the file (plain TSV) */

	char *block;		/* RUN_PAD readable bytes behind `cap` */
	size_t cap;
	size_t from;		/* first byte not yet given out */
	size_t have;		/* behind the last byte read */
	bool ended;
	bool stuck;		/* no row is complete: read first */
	size_t piece;		/* bytes to scan at once */
	uint32_t *index; /* index[0] is a sentinel before the first row */
	size_t at, nindex, index_cap;	/* next delimiter, behind the last */
	size_t nline;		/* LFs in it */
	size_t odd;		/* the first byte the index is unsure of */
	bool quoted, tab;	/* in the piece that is indexed */
	bool plain;		/* what is left is rows of ncol fields */
	bool crlf;		/* in it there may be a CR before a LF */
	size_t line;		/* of the row at `from`, 1-based */

	struct header header;	/* without a BOM */
	struct span bad_text;	/* until the next call */
	size_t bad_line;
	char bad_why[64];
	char why[256];
};

/*
 * Opens and reads the header; with `nofield` > 0 there is none, and rows have
 * that many fields.  Returns READER_RUN, READER_END (no bytes at all) or
 * READER_FAIL.
 */
enum reader_result reader_open(struct reader *, const char *path, bool csv,
    size_t nofield);
enum reader_result reader_run(struct reader *, struct run *);
/*
 * Only the rows in bytes [from, to) of the file, each a row's beginning or the
 * file's end; called after reader_open().  Only plain TSV in a regular file can
 * be read so.  False: this cannot.
 */
bool reader_part(struct reader *, off_t from, off_t to);
void reader_close(struct reader *);

#endif
