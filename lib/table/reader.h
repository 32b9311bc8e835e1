#ifndef RESIN_READER_H
#define RESIN_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"
#include "table/csv.h"
#include "table/source.h"

/*
 * reader - the rows of one table, many at a time.
 *
 * A run is consecutive rows of exactly `ncol` fields.  The index of delimiters
 * that the scanner makes is the table itself: field k of row r ends before
 * base[end[r * ncol + k]] and begins after the delimiter before it, which for
 * the first field of the first row is end[-1].  Nothing is copied or moved, and
 * a column nobody asks for is never looked at.  Behind each field RUN_PAD bytes
 * are readable.
 *
 * What is not exactly a row (ragged, NUL, no newline at the end) interrupts the
 * run: reader_run() returns READER_BAD with the text and the reason, and goes
 * on behind it when called again.
 *
 * CSV goes the same way as long as it is plain (scan.h); a row that is not is a
 * run of its own, as libcsv reads it.
 */
enum { RUN_PAD = 64 };

struct run {
	const char *base;
	const uint32_t *end;	/* end[-1] is readable */
	size_t nrow, ncol;
	size_t line;		/* of the first row, 1-based */
	bool quoted;		/* fields may stand in quotes, plain ones */
	bool dirty;		/* fields may hold TAB or LF */
	bool crlf;		/* there may be a CR before a LF */
	struct span raw;	/* the file's text of the only row, or none */
};

static inline struct span
run_field(const struct run *run, size_t row, size_t col)
{
	const uint32_t *e = run->end + row * run->ncol + col;
	uint32_t from = e[-1] + 1, to = *e;

	/* A CR before the LF belongs to the end of the line. */
	if (col + 1 == run->ncol && to > from && run->base[to - 1] == '\r' &&
	    run->raw.s == NULL)
		to--;
	if (run->quoted && to > from && run->base[from] == '"') {
		from++;
		to--;
	}
	return (struct span){ run->base + from, to - from };
}

/* The row as it stands in the file, without the line's end. */
struct span run_text(const struct run *, size_t row);

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

	struct buf header_text;
	VEC(struct span) header; /* names, without a BOM; into header_text */
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
