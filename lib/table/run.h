#ifndef RESIN_RUN_H
#define RESIN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * run - consecutive rows of exactly `ncol` fields.  The index of delimiters
 * that the scanner makes is the table itself: field k of row r ends before
 * base[end[r * ncol + k]] and begins after the delimiter before it, which for
 * the first field of the first row is end[-1].  Nothing is copied or moved, and
 * a column nobody asks for is never looked at.  Behind each field RUN_PAD bytes
 * are readable.
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

/* A line or a row without the LFs and CRs that end it. */
struct span run_without_end(const char *s, size_t n);

#endif
