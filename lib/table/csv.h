#ifndef RESIN_CSV_H
#define RESIN_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * csv - the border where RFC 4180 comes in, through libcsv: quotes, doubled
 * quotes, line ends inside quotes, CRLF.  The reader brings it the rows that
 * are not plain (scan.h).  What libcsv does by default and must not do here
 * (trim blanks, let one open quote swallow the file, drop empty lines, end a
 * record at a bare CR) is switched off in one place.
 */
struct csv;

enum csv_result { CSV_ROW, CSV_MORE, CSV_BAD };

/* A row as a run has them: text[ends[i]] is behind field i, ends[-1] + 1 is
 * where the first begins; CSV_PAD bytes behind the text are readable.  Good
 * until the next call. */
enum { CSV_PAD = 64 };

struct csv_row {
	const char *text;
	const uint32_t *ends;
	size_t nfield;
	size_t used, lines;	/* bytes and LFs of the file, with its end */
	const char *why;	/* CSV_BAD: why it is no row */
};

struct csv *csv_new(void);
void csv_delete(struct csv *);

/*
 * The row that begins at s.  CSV_MORE: its end is not among the n bytes; come
 * again with the same ones and more behind them, or with `last` when there are
 * no more.  A row of the last call always ends.
 */
enum csv_result csv_parse_row(struct csv *, const char *s, size_t n, bool last,
    struct csv_row *);

#endif
