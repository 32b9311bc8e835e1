#ifndef RESIN_CSV_H
#define RESIN_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"
#include "table/source.h"

/*
 * csv - the border where RFC 4180 comes in, through libcsv: quotes, doubled
 * quotes, line ends inside quotes, CRLF.  Fields come out as a run does
 * (reader.h): bytes with one delimiter behind each, and where the delimiters
 * are.  What libcsv does by default and must not do here (trim blanks, let one
 * open quote swallow the file, drop empty lines, end a record at a bare CR) is
 * switched off in one place, csv_new().
 */
struct csv;

enum csv_result { CSV_END, CSV_ROWS, CSV_BAD, CSV_FAIL };

/* Rows parsed at once; ends[0] is a sentinel. */
struct csv_rows {
	struct buf text;
	VEC(uint32_t) ends;
	VEC(size_t) lines;	/* line[row], 1-based: where the row begins */
};

struct csv *csv_new(void);
void csv_delete(struct csv *);

/*
 * Rows of `ncol` fields, or one of any number when `ncol` is 0 (the header).
 * CSV_BAD: *text, *line and why[64] tell the row; CSV_FAIL: source->why.
 */
enum csv_result csv_read(struct csv *, struct source *, size_t ncol,
    struct csv_rows *, struct span *text, size_t *line, char why[64]);

#endif
