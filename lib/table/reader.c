#include "table/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "table/scan.h"

/*
 * A block is what is read at once; a piece of it what is indexed at once, so
 * that its text and its index are still in the first cache when the rows are
 * looked at.  Behind an odd row pieces begin small: what was indexed there is
 * thrown away if another follows.
 */
enum { BLOCK = 256 * 1024, PIECE = 16 * 1024, PIECE_LEAST = 1024,
	ROW_LIMIT = 1 << 30 };

static enum reader_result
fail(struct reader *r, const char *why)
{
	snprintf(r->why, sizeof(r->why), "%s: %s", r->source.name, why);
	return READER_FAIL;
}

/* The bytes [from, to) of the block and the LF behind them are no row. */
static enum reader_result
bad_row(struct reader *r, size_t from, size_t to, size_t lines, const char *why)
{
	r->bad_text = run_without_end(r->block + from, to - from);
	r->bad_line = r->line;
	r->line += lines;
	snprintf(r->bad_why, sizeof(r->bad_why), "%s", why);
	return READER_BAD;
}

static enum reader_result
ragged(struct reader *r, size_t from, size_t to, size_t lines, size_t nfield)
{
	char why[64];

	snprintf(why, sizeof(why), "%zu field%s, not %zu", nfield,
	    nfield == 1 ? "" : "s", r->ncol);
	return bad_row(r, from, to, lines, why);
}

static void
make_room(struct reader *r)
{
	if (r->from > 0)
		memmove(r->block, r->block + r->from, r->have - r->from);
	r->have -= r->from;
	r->from = 0;
	if (r->cap - r->have >= BLOCK / 2)
		return;
	r->cap = r->cap == 0 ? BLOCK : 2 * r->cap;
	r->block = mem_resize(r->block, r->cap + RUN_PAD, 1);
	memset(r->block + r->cap, 0, RUN_PAD);
}

/* Reads until a line is complete. 1, 0 at the end, -1. */
static int
fill(struct reader *r)
{
	ssize_t got;

	r->stuck = false;
	for (;;) {
		make_room(r);
		if (r->have > ROW_LIMIT) {
			fail(r, "a row longer than 1 GiB");
			return -1;
		}
		got = source_read(&r->source, r->block + r->have,
		    r->cap - r->have);
		if (got == -1) {
			fail(r, r->source.why);
			return -1;
		}
		if (got == 0) {
			r->ended = true;
			return 0;
		}
		r->have += (size_t)got;
		if (memchr(r->block + r->have - got, '\n', (size_t)got) != NULL)
			return 1;
	}
}

static void
scan_piece(struct reader *r, size_t to)
{
	struct scan scan;
	uint32_t *index;

	if (r->index_cap < to - r->from + SCAN_SLACK + 1) {
		r->index_cap = to - r->from + SCAN_SLACK + 1;
		r->index = mem_resize(r->index, r->index_cap,
		    sizeof(*r->index));
	}
	r->index[0] = (uint32_t)r->from - 1;
	index = r->index + 1;
	scan = (r->csv == NULL ? scan_tsv : scan_csv)(r->block, r->from, to,
	    index);
	while (scan.n > 0 && r->block[index[scan.n - 1]] != '\n')
		scan.n--;
	r->at = 1;
	r->nindex = scan.n + 1;
	r->nline = scan.newline;
	r->odd = scan.odd;
	r->quoted = scan.quoted;
	r->tab = scan.tab;
}

/*
 * Whether all of the index is rows of ncol fields.  Where each ncol-th
 * delimiter is a LF, a LF may still stand between; so there must be no more of
 * them than rows.
 */
static bool
all_rows(struct reader *r)
{
	const uint32_t *end = r->index + 1;
	const char *block = r->block;
	size_t n = r->nindex - 1, ncol = r->ncol;
	unsigned odd = 0, cr = 0;

	r->crlf = true;
	if (n != r->nline * ncol || r->odd <= end[n - 1])
		return false;
	for (size_t i = ncol - 1; i < n; i += ncol) {
		odd |= (unsigned)(block[end[i]] ^ '\n');
		/* The first byte of the block ends a row that is empty. */
		cr |= end[i] > 0 && block[end[i] - 1] == '\r';
	}
	r->crlf = cr != 0;
	return odd == 0;
}

/* Indexes the next whole rows.  False: none is complete, or that is unclear. */
static bool
index_piece(struct reader *r)
{
	size_t piece = r->piece;

	for (;;) {
		size_t left = r->have - r->from;
		size_t to = r->from + (left < piece ? left : piece);

		scan_piece(r, to);
		if (r->nindex > 1)
			break;
		if (to == r->have || r->odd < to)
			return false;
		piece *= 2;
	}
	if (r->piece < PIECE)
		r->piece *= 2;
	r->plain = all_rows(r);
	return true;
}

static enum reader_result
give(struct reader *r, struct run *run, size_t nrow)
{
	*run = (struct run){ .base = r->block, .end = r->index + r->at,
		.nrow = nrow, .ncol = r->ncol, .line = r->line,
		.quoted = r->quoted, .dirty = r->tab, .crlf = r->crlf };
	r->at += nrow * r->ncol;
	r->from = r->index[r->at - 1] + 1;
	r->line += nrow;
	return READER_RUN;
}

/* From index[at], the delimiters of one line: how many fields it has. */
static size_t
line_fields(const struct reader *r)
{
	size_t i = r->at;

	while (r->block[r->index[i]] != '\n')
		i++;
	return i - r->at + 1;
}

/* What follows in the index is thrown away. */
static void
drop_index(struct reader *r)
{
	r->at = r->nindex = 0;
	r->piece = PIECE_LEAST;
}

/* A row that is plain but for its number of fields, or in TSV for a NUL. */
static enum reader_result
bad_line(struct reader *r, size_t nfield)
{
	size_t from = r->from, to = r->index[r->at + nfield - 1];
	const char *nul;

	r->at += nfield;
	r->from = to + 1;
	if (r->odd < r->from) {		/* the next one */
		nul = memchr(r->block + r->from, '\0', r->have - r->from);
		r->odd = nul != NULL ? (size_t)(nul - r->block) : r->have;
	}
	if (nfield != r->ncol)
		return ragged(r, from, to, 1, nfield);
	return bad_row(r, from, to, 1, "NUL byte");
}

static enum reader_result csv_row(struct reader *, struct run *);

/* The rows up to the first that is none; or that one. */
static enum reader_result
give_checked(struct reader *r, struct run *run)
{
	size_t nrow = 0, at = r->at, nfield = 0;

	while (r->at < r->nindex) {
		nfield = line_fields(r);
		if (nfield != r->ncol || r->odd <= r->index[r->at + nfield - 1])
			break;
		r->at += nfield;
		nrow++;
	}
	if (nrow > 0) {
		r->at = at;
		return give(r, run, nrow);
	}
	if (r->csv == NULL || r->odd > r->index[r->at + nfield - 1])
		return bad_line(r, nfield);
	drop_index(r);
	return csv_row(r, run);
}

/* The row at `from`, by libcsv. */
static enum reader_result
csv_row(struct reader *r, struct run *run)
{
	struct csv_row row;
	enum csv_result got;
	size_t from;

	while ((got = csv_parse_row(r->csv, r->block + r->from,
	    r->have - r->from, r->ended, &row)) == CSV_MORE)
		if (fill(r) == -1)
			return READER_FAIL;
	from = r->from;
	r->from += row.used;
	if (got == CSV_BAD)
		return bad_row(r, from, r->from, row.lines, row.why);
	if (row.nfield != r->ncol && r->ncol != 0)
		return ragged(r, from, r->from, row.lines, row.nfield);
	*run = (struct run){ .base = row.text, .end = row.ends, .nrow = 1,
		.ncol = row.nfield, .line = r->line, .dirty = true,
		.raw = run_without_end(r->block + from, row.used) };
	r->line += row.lines;
	return READER_RUN;
}

static enum reader_result
end_of_file(struct reader *r, struct run *run)
{
	size_t from = r->from;

	if (from == r->have)
		return READER_END;
	if (r->csv != NULL)
		return csv_row(r, run);
	r->from = r->have;
	return bad_row(r, from, r->have, 1,
	    "no newline at the end of the file");
}

enum reader_result
reader_run(struct reader *r, struct run *run)
{
	while (r->at == r->nindex) {
		if (r->from < r->have && !r->stuck) {
			if (index_piece(r))
				break;
			if (r->csv != NULL && r->odd < r->have) {
				drop_index(r);
				return csv_row(r, run);
			}
			r->at = r->nindex;
			r->stuck = true;
		} else if (r->ended)
			return end_of_file(r, run);
		else if (fill(r) == -1)
			return READER_FAIL;
	}
	return r->plain ? give(r, run, (r->nindex - r->at) / r->ncol) :
	    give_checked(r, run);
}

static enum reader_result
tsv_header(struct reader *r)
{
	const char *s = r->block + r->from, *lf;
	size_t n;

	lf = memchr(s, '\n', r->have - r->from);
	if (lf == NULL)
		return fail(r, "no newline at the end of the header");
	n = (size_t)(lf - s);
	if (memchr(s, '\0', n) != NULL)
		return fail(r, "NUL byte in the header");
	header_line(&r->header, (struct span){ s, n });
	r->from += n + 1;
	r->line = 2;
	return READER_RUN;
}

static enum reader_result
csv_header(struct reader *r)
{
	struct run run;

	switch (csv_row(r, &run)) {
	case READER_BAD:
		return fail(r, r->bad_why);
	case READER_RUN:
		break;
	default:
		return READER_FAIL;
	}
	header_row(&r->header, &run);
	return READER_RUN;
}

enum reader_result
reader_open(struct reader *r, const char *path, bool csv, size_t nofield)
{
	enum reader_result result;

	*r = (struct reader){ .line = 1, .piece = PIECE };
	if (source_open(&r->source, path) == -1)
		return fail(r, r->source.why);
	if (csv)
		r->csv = csv_new();
	if (fill(r) == -1)
		return READER_FAIL;
	if (r->have >= 3 && memcmp(r->block, "\xef\xbb\xbf", 3) == 0)
		r->from = 3;
	if (r->from == r->have)
		return READER_END;
	r->ncol = nofield;
	if (nofield == 0) {
		result = csv ? csv_header(r) : tsv_header(r);
		if (result != READER_RUN)
			return result;
		r->ncol = r->header.name.n;
	}
	r->begin = (off_t)r->from;
	return READER_RUN;
}

bool
reader_part(struct reader *r, off_t from, off_t to)
{
	struct source *s = &r->source;

	if (r->csv != NULL || s->codec != NULL || s->size == 0 ||
	    lseek(s->fd, from, SEEK_SET) != from)
		return false;
	s->imagic = s->nmagic;
	s->left = to - from;
	r->from = r->have = 0;
	r->at = r->nindex = 0;
	r->ended = r->stuck = false;
	return true;
}

void
reader_close(struct reader *r)
{
	csv_delete(r->csv);
	source_close(&r->source);
	free(r->block);
	free(r->index);
	header_free(&r->header);
	*r = (struct reader){ .source.fd = -1 };
}
