#ifndef TABLE_COMPARE_H
#define TABLE_COMPARE_H

/*
 * table-compare - one text read the fast way and a slow one that is plain to
 * see, which must agree: the scanners of this machine and the definition in
 * scan.h; the reader and libcsv alone, or a TSV splitter, row for row.  Ends
 * the program where they do not.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "table/csv.h"
#include "table/reader.h"
#include "table/scan.h"

static struct scan
scan_slowly(const char *p, size_t n, bool csv, uint32_t *index)
{
	struct scan r = { .odd = n };
	bool inside = false;

	for (size_t i = 0; i < n; i++) {
		bool first = i == 0 || (r.n > 0 && index[r.n - 1] == i - 1);
		bool closed = i > 0 && csv && p[i - 1] == '"' && !inside;
		bool odd = p[i] == '\0';

		if (closed && p[i] != ',' && p[i] != '\n' &&
		    !(p[i] == '\r' && p[i + 1] == '\n'))
			odd = true;
		if (csv && p[i] == '"') {
			odd |= !inside && !first;
			inside = !inside;
			r.quoted = true;
		} else if (inside && p[i] == '\n')
			odd = true;
		r.tab |= csv && p[i] == '\t';
		if (odd) {
			r.odd = i;
			break;
		}
		if (!inside && (p[i] == '\n' || p[i] == (csv ? ',' : '\t'))) {
			index[r.n++] = (uint32_t)i;
			r.newline += p[i] == '\n';
		}
	}
	return r;
}

static void
check_scan(const struct buf *b, bool csv)
{
	uint32_t *want = malloc((b->n + SCAN_SLACK) * sizeof(*want));
	uint32_t *got = malloc((b->n + SCAN_SLACK) * sizeof(*got));
	struct scan w = scan_slowly(b->s, b->n, csv, want), g;

	for (enum scan_with kind = 0; kind < SCAN_KINDS; kind++) {
		if (!scan_use(kind))
			continue;
		g = (csv ? scan_csv : scan_tsv)(b->s, 0, b->n, got);
		if (g.odd != w.odd)
			errx(1, "scan %d: odd %zu, not %zu", kind, g.odd,
			    w.odd);
		if (g.n < w.n || memcmp(got, want, w.n * sizeof(*want)) != 0 ||
		    (w.odd == b->n && (g.n != w.n || g.newline != w.newline ||
		    g.quoted != w.quoted || g.tab != w.tab)))
			errx(1, "scan %d: another index", kind);
	}
	free(want);
	free(got);
}

/* What a reader said, as text. */
static void
note_row(struct buf *out, const struct run *run, size_t row, size_t line)
{
	buf_printf(out, "%zu:", line);
	for (size_t c = 0; c < run->ncol; c++) {
		buf_char(out, '[');
		buf_span(out, run_field(run, row, c));
		buf_char(out, ']');
	}
	buf_char(out, '\n');
}

static void
note_bad(struct buf *out, size_t line, const char *why, struct span text)
{
	buf_printf(out, "%zu: %s: ", line, why);
	buf_span(out, text);
	buf_char(out, '\n');
}

static void
read_fast(struct buf *out, int fd, bool csv, size_t ncol)
{
	struct reader r;
	struct run run;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (reader_open(&r, path, csv, ncol) == READER_RUN)
		for (;;) {
			switch (reader_run(&r, &run)) {
			case READER_RUN:
				for (size_t i = 0; i < run.nrow; i++)
					note_row(out, &run, i, run.line + i);
				continue;
			case READER_BAD:
				note_bad(out, r.bad_line, r.bad_why,
				    r.bad_text);
				continue;
			default:
				break;
			}
			break;
		}
	reader_close(&r);
}

static struct span
chomp(const char *s, size_t n)
{
	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r'))
		n--;
	return (struct span){ s, n };
}

static const char *
ragged(char why[64], size_t nfield, size_t ncol)
{
	snprintf(why, 64, "%zu field%s, not %zu", nfield,
	    nfield == 1 ? "" : "s", ncol);
	return why;
}

static void
read_csv_slowly(struct buf *out, const struct buf *b, size_t ncol)
{
	struct csv *c = csv_new();
	struct csv_row row;
	size_t from = 0, line = 1;
	char why[64];

	while (from < b->n) {
		const char *s = b->s + from;
		enum csv_result got = csv_parse_row(c, s, b->n - from, true,
		    &row);
		struct run run = { .base = row.text, .end = row.ends,
			.nrow = 1, .ncol = row.nfield, .raw = { s, 1 } };

		if (got == CSV_BAD)
			note_bad(out, line, row.why, chomp(s, row.used));
		else if (row.nfield != ncol)
			note_bad(out, line, ragged(why, row.nfield, ncol),
			    chomp(s, row.used));
		else
			note_row(out, &run, 0, line);
		from += row.used;
		line += row.lines;
	}
	csv_delete(c);
}

static void
tsv_line(struct buf *out, struct span s, size_t ncol, size_t line)
{
	size_t nfield = 1;
	char why[64];

	for (size_t i = 0; i < s.n; i++)
		nfield += s.s[i] == '\t';
	if (nfield != ncol)
		note_bad(out, line, ragged(why, nfield, ncol),
		    chomp(s.s, s.n));
	else if (memchr(s.s, '\0', s.n) != NULL)
		note_bad(out, line, "NUL byte", chomp(s.s, s.n));
	else {
		if (s.n > 0 && s.s[s.n - 1] == '\r' &&
		    (s.n < 2 || ncol > 0))
			s.n--;
		buf_printf(out, "%zu:[", line);
		for (size_t i = 0; i < s.n; i++)
			if (s.s[i] == '\t')
				buf_str(out, "][");
			else
				buf_char(out, s.s[i]);
		buf_str(out, "]\n");
	}
}

static void
read_tsv_slowly(struct buf *out, const struct buf *b, size_t ncol)
{
	size_t from = 0, line = 1;

	for (; from < b->n; line++) {
		const char *s = b->s + from;
		const char *lf = memchr(s, '\n', b->n - from);

		if (lf == NULL) {
			note_bad(out, line, "no newline at the end of the file",
			    chomp(s, b->n - from));
			break;
		}
		tsv_line(out, (struct span){ s, (size_t)(lf - s) }, ncol, line);
		from += (size_t)(lf - s) + 1;
	}
}

static void
check_reader(const struct buf *b, bool csv, size_t ncol)
{
	struct buf want = { 0 }, got = { 0 };
	int fd;

	/* A BOM is no row's, and what looks compressed is no text. */
	if (b->n == 0 ||
	    (b->n >= 3 && memcmp(b->s, "\xef\xbb\xbf", 3) == 0) ||
	    (b->n >= 2 && memcmp(b->s, "\x1f\x8b", 2) == 0) ||
	    (b->n >= 4 && memcmp(b->s, "\x28\xb5\x2f\xfd", 4) == 0))
		return;
	fd = memfd_create("table", MFD_CLOEXEC);
	if (fd == -1 || write(fd, b->s, b->n) != (ssize_t)b->n)
		err(1, "memfd");
	(csv ? read_csv_slowly : read_tsv_slowly)(&want, b, ncol);
	for (enum scan_with kind = 0; kind < SCAN_KINDS; kind++) {
		if (!scan_use(kind))
			continue;
		got.n = 0;
		read_fast(&got, fd, csv, ncol);
		if (span_eq(buf_view(&got), buf_view(&want)))
			continue;
		fwrite(b->s, 1, b->n, stdout);
		errx(1, "%s of %zu columns, scan %d: want\n%sgot\n%s",
		    csv ? "CSV" : "TSV", ncol, kind, buf_cstr(&want),
		    buf_cstr(&got));
	}
	close(fd);
	buf_free(&want);
	buf_free(&got);
}

/* `b` has SCAN_PAD readable bytes behind it. */
static void
compare(const struct buf *b, bool csv, size_t ncol)
{
	check_scan(b, csv);
	check_reader(b, csv, ncol);
}

#endif
