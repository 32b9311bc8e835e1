#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "table/csv.h"
#include "table/reader.h"
#include "table/scan.h"

enum { BLOCK = 256 * 1024, ROW_LIMIT = 1 << 30 };

static enum reader_result
fail(struct reader *r, const char *why)
{
	snprintf(r->why, sizeof(r->why), "%s: %s", r->source.name, why);
	return READER_FAIL;
}

static void
set_bad(struct reader *r, size_t from, size_t to, const char *why)
{
	if (to > from && r->block[to - 1] == '\r')
		to--;
	r->bad_text = (struct span){ r->block + from, to - from };
	r->bad_line = r->line++;
	snprintf(r->bad_why, sizeof(r->bad_why), "%s", why);
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
	r->block = mem_resize(r->block, r->cap + SCAN_PAD, 1);
	memset(r->block + r->cap, 0, SCAN_PAD);
}

/* Indexes the complete lines of [from, have).  False: there is none. */
static bool
index_lines(struct reader *r)
{
	struct scan scan;
	uint32_t *index;

	if (r->index_cap < r->have - r->from + SCAN_SLACK + 1) {
		r->index_cap = r->cap + SCAN_SLACK + 1;
		r->index = mem_resize(r->index, r->index_cap,
		    sizeof(*r->index));
	}
	r->index[0] = (uint32_t)r->from - 1;
	index = r->index + 1;
	scan = scan_tsv(r->block, r->from, r->have, index);
	while (scan.n > 0 && r->block[index[scan.n - 1]] != '\n')
		scan.n--;
	r->at = 1;
	r->nindex = scan.n + 1;
	r->plain = !scan.nul && scan.n == scan.newline * r->ncol;
	for (size_t i = r->ncol; r->plain && i <= scan.n; i += r->ncol)
		r->plain = r->block[r->index[i]] == '\n';
	return scan.n > 0;
}

/* Reads until a line is complete. 1, 0 at the end, -1. */
static int
fill(struct reader *r)
{
	ssize_t got;

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

/* From index[at], the delimiters of one line: how many fields it has. */
static size_t
line_fields(const struct reader *r)
{
	size_t i = r->at;

	while (r->block[r->index[i]] != '\n')
		i++;
	return i - r->at + 1;
}

static bool
has_nul(const struct reader *r, size_t nfield)
{
	size_t from = r->index[r->at - 1] + 1;

	return memchr(r->block + from, '\0',
	    r->index[r->at + nfield - 1] - from) != NULL;
}

static enum reader_result
bad_line(struct reader *r, size_t nfield)
{
	char why[64] = "NUL byte";
	size_t from = r->index[r->at - 1] + 1;
	size_t to = r->index[r->at + nfield - 1];

	if (nfield != r->ncol)
		snprintf(why, sizeof(why), "%zu field%s, not %zu", nfield,
		    nfield == 1 ? "" : "s", r->ncol);
	set_bad(r, from, to, why);
	r->at += nfield;
	r->from = to + 1;
	return READER_BAD;
}

static enum reader_result
give(struct reader *r, struct run *run, size_t nrow)
{
	*run = (struct run){ r->block, r->index + r->at, nrow, r->ncol,
		r->line, NULL };
	r->at += nrow * r->ncol;
	r->from = r->index[r->at - 1] + 1;
	r->line += nrow;
	return READER_RUN;
}

/* The rows up to the first that is none; or that one. */
static enum reader_result
give_checked(struct reader *r, struct run *run)
{
	size_t nrow = 0, at = r->at, nfield = 0;

	while (r->at < r->nindex) {
		nfield = line_fields(r);
		if (nfield != r->ncol || has_nul(r, nfield))
			break;
		r->at += nfield;
		nrow++;
	}
	if (nrow == 0)
		return bad_line(r, nfield);
	r->at = at;
	return give(r, run, nrow);
}

static enum reader_result
end_of_file(struct reader *r)
{
	if (r->from == r->have)
		return READER_END;
	set_bad(r, r->from, r->have, "no newline at the end of the file");
	r->from = r->have;
	return READER_BAD;
}

static enum reader_result
csv_run(struct reader *r, struct run *run)
{
	struct csv_rows *rows = r->rows;

	switch (csv_read(r->csv, &r->source, r->ncol, rows, &r->bad_text,
	    &r->bad_line, r->bad_why)) {
	case CSV_ROWS:
		*run = (struct run){ rows->text.s, rows->ends.v + 1,
			rows->lines.n, r->ncol, rows->lines.v[0],
			rows->lines.v };
		return READER_RUN;
	case CSV_BAD:
		return READER_BAD;
	case CSV_FAIL:
		return fail(r, r->source.why);
	case CSV_END:
		break;
	}
	return READER_END;
}

enum reader_result
reader_run(struct reader *r, struct run *run)
{
	if (r->csv != NULL)
		return csv_run(r, run);
	while (r->at == r->nindex) {
		if (r->ended)
			return end_of_file(r);
		switch (fill(r)) {
		case -1:
			return READER_FAIL;
		case 1:
			index_lines(r);
		}
	}
	return r->plain ? give(r, run, (r->nindex - r->at) / r->ncol) :
	    give_checked(r, run);
}

static void
name_column(struct reader *r, size_t from, size_t to)
{
	vec_push(&r->header, (struct span){ r->header_text.s + from,
	    to - from });
}

static enum reader_result
tsv_header(struct reader *r)
{
	char *lf;
	size_t n, from = 0;

	lf = memchr(r->block + r->from, '\n', r->have - r->from);
	if (lf == NULL)
		return fail(r, "no newline at the end of the header");
	n = (size_t)(lf - r->block) - r->from;
	if (memchr(r->block + r->from, '\0', n) != NULL)
		return fail(r, "NUL byte in the header");
	buf_room(&r->header_text, n + 1);	/* empty is not NULL */
	buf_add(&r->header_text, r->block + r->from, n);
	if (n > 0 && lf[-1] == '\r')
		n--;
	for (size_t i = 0; i <= n; i++)
		if (i == n || r->header_text.s[i] == '\t') {
			name_column(r, from, i);
			from = i + 1;
		}
	r->from = (size_t)(lf - r->block) + 1;
	r->line = 2;
	return READER_RUN;
}

static enum reader_result
csv_header(struct reader *r)
{
	struct csv_rows *rows = r->rows;

	switch (csv_read(r->csv, &r->source, 0, rows, &r->bad_text,
	    &r->bad_line, r->bad_why)) {
	case CSV_END:
		return READER_END;
	case CSV_FAIL:
		return fail(r, r->source.why);
	case CSV_BAD:
		return fail(r, r->bad_why);
	case CSV_ROWS:
		break;
	}
	buf_room(&r->header_text, rows->text.n + 1);
	buf_add(&r->header_text, rows->text.s, rows->text.n);
	for (size_t i = 1; i < rows->ends.n; i++)
		name_column(r, i == 1 ? 0 : rows->ends.v[i - 1] + 1,
		    rows->ends.v[i]);
	return READER_RUN;
}

static enum reader_result
tsv_start(struct reader *r, size_t nofield)
{
	enum reader_result result = READER_RUN;
	int got = fill(r);

	if (got == -1)
		return READER_FAIL;
	if (r->have >= 3 && memcmp(r->block, "\xef\xbb\xbf", 3) == 0)
		r->from = 3;
	if (r->from == r->have)
		return READER_END;
	if (nofield == 0 && (result = tsv_header(r)) != READER_RUN)
		return result;
	r->ncol = nofield > 0 ? nofield : r->header.n;
	index_lines(r);
	return READER_RUN;
}

enum reader_result
reader_open(struct reader *r, const char *path, bool csv, size_t nofield)
{
	enum reader_result result;

	*r = (struct reader){ .line = 1 };
	if (source_open(&r->source, path) == -1)
		return fail(r, r->source.why);
	if (!csv)
		return tsv_start(r, nofield);
	r->csv = csv_new();
	r->rows = mem_new(1, sizeof(*r->rows));
	if (nofield == 0 && (result = csv_header(r)) != READER_RUN)
		return result;
	r->ncol = nofield > 0 ? nofield : r->header.n;
	return READER_RUN;
}

void
reader_close(struct reader *r)
{
	if (r->rows != NULL) {
		buf_free(&r->rows->text);
		vec_free(&r->rows->ends);
		vec_free(&r->rows->lines);
		free(r->rows);
	}
	csv_delete(r->csv);
	source_close(&r->source);
	free(r->block);
	free(r->index);
	buf_free(&r->header_text);
	vec_free(&r->header);
	*r = (struct reader){ .source.fd = -1 };
}
