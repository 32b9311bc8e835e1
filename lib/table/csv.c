#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "table/csv.h"

enum { READ = 128 * 1024, ENOUGH = 256 * 1024 };

struct csv {
	struct csv_parser parser;
	struct buf raw;		/* bytes of the file from the open row on */
	size_t row;		/* in raw: where the open row begins */
	size_t next;		/* in raw: the next line to parse */
	size_t line, row_line;	/* 1-based: of `next`, of `row` */
	bool begun, ended;

	struct buf text;	/* the open row's fields */
	VEC(uint32_t) ends;
	bool done;		/* a row was closed by the last line */
	const char *bad;	/* why the row at hand cannot be taken */
	char why[64];
};

static int
never_space(unsigned char c)
{
	(void)c;
	return 0;
}

static int
only_lf(unsigned char c)
{
	return c == '\n';
}

static void
start(struct csv *c)
{
	if (csv_init(&c->parser, CSV_STRICT | CSV_STRICT_FINI |
	    CSV_REPALL_NL | CSV_APPEND_NULL) != 0)
		fail_memory();
	csv_set_space_func(&c->parser, never_space);
	csv_set_term_func(&c->parser, only_lf);
}

struct csv *
csv_new(void)
{
	struct csv *c = mem_new(1, sizeof(*c));

	start(c);
	buf_room(&c->raw, READ);
	c->line = c->row_line = 1;
	return c;
}

void
csv_delete(struct csv *c)
{
	if (c == NULL)
		return;
	csv_free(&c->parser);
	buf_free(&c->raw);
	buf_free(&c->text);
	vec_free(&c->ends);
	free(c);
}

static void
on_field(void *field, size_t n, void *data)
{
	struct csv *c = data;

	buf_add(&c->text, field, n);
	if (memchr(field, '\0', n) != NULL)
		c->bad = "NUL byte";
	vec_push(&c->ends, (uint32_t)c->text.n);
	buf_char(&c->text, '\t');
}

static void
on_row(int terminator, void *data)
{
	struct csv *c = data;

	(void)terminator;
	if (c->ends.n == 0)
		on_field("", 0, c);
	c->done = true;
}

/* One line to libcsv.  Its own errors are the row's. */
static void
parse(struct csv *c, const char *s, size_t n)
{
	bool lf = n > 0 && s[n - 1] == '\n';

	/* CRLF ends a line as LF does; a bare CR is data. */
	if (n > 1 && lf && s[n - 2] == '\r') {
		parse(c, s, n - 2);
		if (c->bad == NULL)
			parse(c, "\n", 1);
		return;
	}
	if (csv_parse(&c->parser, s, n, on_field, on_row, c) != n) {
		c->bad = "misplaced quote";
		if (csv_error(&c->parser) == CSV_ENOMEM)
			fail_memory();
	}
}

/* Drops what was given out and reads on. 1, 0 at the end, -1. */
static int
refill(struct csv *c, struct source *source)
{
	ssize_t r;

	memmove(c->raw.s, c->raw.s + c->row, c->raw.n - c->row);
	c->raw.n -= c->row;
	c->next -= c->row;
	c->row = 0;
	buf_room(&c->raw, READ);
	if ((r = source_read(source, c->raw.s + c->raw.n, READ)) <= 0)
		return (int)r;
	c->raw.n += (size_t)r;
	if (!c->begun && c->raw.n >= 3) {
		if (memcmp(c->raw.s, "\xef\xbb\xbf", 3) == 0)
			c->next = c->row = 3;
		c->begun = true;
	}
	return 1;
}

/* The open row is closed: forget it. */
static void
next_row(struct csv *c)
{
	c->row = c->next;
	c->row_line = c->line;
	c->text.n = c->ends.n = 0;
	c->done = false;
	c->bad = NULL;
}

static void
take(struct csv *c, struct csv_rows *rows)
{
	uint32_t base = (uint32_t)rows->text.n;

	for (size_t i = 0; i < c->ends.n; i++)
		vec_push(&rows->ends, base + c->ends.v[i]);
	buf_add(&rows->text, c->text.s, c->text.n);
	vec_push(&rows->lines, c->row_line);
	next_row(c);
}

/* The next whole line, or at the end of the file what is left of it. */
static int
next_line(struct csv *c, struct source *source, char **s, size_t *n)
{
	char *lf;
	int r;

	for (;;) {
		*s = c->raw.s + c->next;
		*n = c->raw.n - c->next;
		if (*n > 0 && (lf = memchr(*s, '\n', *n)) != NULL) {
			*n = (size_t)(lf - *s) + 1;
			return 1;
		}
		if (c->ended)
			return *n > 0;
		if ((r = refill(c, source)) == -1)
			return -1;
		c->ended = r == 0;
	}
}

static bool
line_at_hand(const struct csv *c)
{
	return memchr(c->raw.s + c->next, '\n', c->raw.n - c->next) != NULL;
}

static enum csv_result
give_bad(struct csv *c, struct span *text, size_t *line, char why[64])
{
	snprintf(why, 64, "%s", c->bad);
	*text = (struct span){ c->raw.s + c->row, c->next - c->row };
	while (text->n > 0 && (text->s[text->n - 1] == '\n' ||
	    text->s[text->n - 1] == '\r'))
		text->n--;
	*line = c->row_line;
	csv_free(&c->parser);
	start(c);
	next_row(c);
	return CSV_BAD;
}

/* The file is over; a row may still be open. */
static void
close_last(struct csv *c)
{
	if (c->row < c->next && !c->done && c->bad == NULL &&
	    csv_fini(&c->parser, on_field, on_row, c) != 0)
		c->bad = "quote not closed";
}

enum csv_result
csv_read(struct csv *c, struct source *source, size_t ncol,
    struct csv_rows *rows, struct span *text, size_t *line, char why[64])
{
	char *s;
	size_t n;
	int r;

	rows->text.n = rows->ends.n = rows->lines.n = 0;
	vec_push(&rows->ends, UINT32_MAX);
	while (rows->text.n < ENOUGH) {
		if (c->bad != NULL)
			return rows->lines.n > 0 ? CSV_ROWS :
			    give_bad(c, text, line, why);
		if (rows->lines.n > 0 && c->raw.n > 0 && !line_at_hand(c) &&
		    !c->ended)
			break;
		if ((r = next_line(c, source, &s, &n)) == -1)
			return CSV_FAIL;
		if (r == 1) {
			c->next += n;
			c->line++;
			parse(c, s, n);
		} else
			close_last(c);
		if (c->bad == NULL && c->done && ncol != 0 &&
		    c->ends.n != ncol) {
			snprintf(c->why, sizeof(c->why),
			    "%zu field%s, not %zu", c->ends.n,
			    c->ends.n == 1 ? "" : "s", ncol);
			c->bad = c->why;
		} else if (c->bad == NULL && c->done) {
			take(c, rows);
			if (ncol == 0)
				break;
		} else if (r == 0 && c->bad == NULL)
			break;
	}
	return rows->lines.n > 0 ? CSV_ROWS : CSV_END;
}
