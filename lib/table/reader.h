#ifndef RESIN_READER_H
#define RESIN_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"
#include "table/source.h"

/*
 * reader - the rows of one table, many at a time.
 *
 * A run is consecutive rows of exactly `ncol` fields.  The index of delimiters
 * that the scanner makes is the table itself: field k of row r ends before
 * base[end[r * ncol + k]] and begins after the delimiter before it, which for
 * the first field of the first row is end[-1].  Nothing is copied or moved, and
 * a column nobody asks for is never looked at.
 *
 * What is not exactly a row (ragged, NUL, no newline at the end) interrupts the
 * run: reader_run() returns READER_BAD with the text and the reason, and goes
 * on behind it when called again.
 */
struct run {
	const char *base;
	const uint32_t *end;	/* end[-1] is readable */
	size_t nrow, ncol;
	size_t line;		/* of the first row, 1-based */
	const size_t *lines;	/* or of each, where rows span lines (CSV) */
};

static inline struct span
run_field(const struct run *run, size_t row, size_t col)
{
	const uint32_t *e = run->end + row * run->ncol + col;
	uint32_t from = e[-1] + 1;

	return (struct span){ run->base + from, *e - from };
}

static inline size_t
run_line(const struct run *run, size_t row)
{
	return run->lines != NULL ? run->lines[row] : run->line + row;
}

enum reader_result {
	READER_END,	/* no more */
	READER_RUN,	/* one row at least */
	READER_BAD,	/* bad_text, bad_why, line; may be called again */
	READER_FAIL,	/* why; final */
};

struct csv;

struct reader {
	struct source source;
	bool crlf;		/* the last field of a row may end in CR */
	struct csv *csv;	/* the border to libcsv; NULL: TSV */

	char *block;		/* SOURCE_PAD readable bytes before and after */
	size_t cap;
	size_t from;		/* first byte not yet given out */
	size_t to;		/* behind the last complete row */
	size_t have;		/* behind the last byte read */
	uint32_t *index;	/* delimiters of [from, to); index[0] a sentinel */
	size_t nindex, index_cap;
	size_t at;		/* the next delimiter to give out */
	bool plain;		/* the rest of the index is rows of ncol fields */

	struct buf header_text;
	VEC(struct span) header;	/* names as in the file, after a BOM */
	size_t line;		/* of the row at `from`, 1-based */
	size_t bad_line;
	struct span bad_text;
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
void reader_close(struct reader *);

#endif
