#include "table/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/mem.h"
#include "base/vec.h"

struct csv {
	struct csv_parser parser;
	size_t used, lines;	/* of the open row */
	struct buf text;	/* its fields, a delimiter behind each */
	VEC(uint32_t) ends;	/* ends[0] is a sentinel */
	bool done;		/* it was closed by the last line */
	const char *bad;	/* why it cannot be taken */
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
next_row(struct csv *c)
{
	c->used = c->lines = 0;
	c->text.n = 0;
	c->ends.n = 0;
	vec_push(&c->ends, UINT32_MAX);
	c->done = false;
	c->bad = NULL;
}

static void
start(struct csv *c)
{
	if (csv_init(&c->parser, CSV_STRICT | CSV_STRICT_FINI |
	    CSV_REPALL_NL | CSV_APPEND_NULL) != 0)
		fail_memory();
	csv_set_space_func(&c->parser, never_space);
	csv_set_term_func(&c->parser, only_lf);
	next_row(c);
}

struct csv *
csv_new(void)
{
	struct csv *c = mem_new(1, sizeof(*c));

	start(c);
	return c;
}

void
csv_delete(struct csv *c)
{
	if (c == NULL)
		return;
	csv_free(&c->parser);
	buf_free(&c->text);
	vec_free(&c->ends);
	free(c);
}

static void
on_field(void *field, size_t n, void *data)
{
	struct csv *c = data;

	buf_add(&c->text, field, n);
	if (n > 0 && memchr(field, '\0', n) != NULL)
		c->bad = "NUL byte";
	vec_push(&c->ends, (uint32_t)c->text.n);
	buf_char(&c->text, '\t');
}

static void
on_row(int terminator, void *data)
{
	struct csv *c = data;

	(void)terminator;
	if (c->ends.n == 1)
		on_field("", 0, c);
	c->done = true;
}

/* Part of a line to libcsv.  Its own errors are the row's. */
static void
feed(struct csv *c, const char *s, size_t n)
{
	if (c->bad != NULL ||
	    csv_parse(&c->parser, s, n, on_field, on_row, c) == n)
		return;
	if (csv_error(&c->parser) == CSV_ENOMEM)
		fail_memory();
	c->bad = "misplaced quote";
}

/* CRLF ends a line as LF does; a bare CR is data. */
static void
feed_line(struct csv *c, const char *s, size_t n)
{
	if (n > 1 && s[n - 1] == '\n' && s[n - 2] == '\r') {
		feed(c, s, n - 2);
		feed(c, "\n", 1);
	} else
		feed(c, s, n);
	c->used += n;
	c->lines++;
}

static enum csv_result
give(struct csv *c, struct csv_row *row)
{
	buf_room(&c->text, CSV_PAD);
	*row = (struct csv_row){ c->text.s, c->ends.v + 1, c->ends.n - 1,
		c->used, c->lines, c->bad };
	if (c->bad == NULL)
		return CSV_ROW;
	csv_free(&c->parser);	/* it is lost after an error */
	start(c);
	return CSV_BAD;
}

enum csv_result
csv_parse_row(struct csv *c, const char *s, size_t n, bool last,
    struct csv_row *row)
{
	const char *lf;

	if (c->done)
		next_row(c);
	while (!c->done && c->bad == NULL && c->used < n) {
		lf = memchr(s + c->used, '\n', n - c->used);
		if (lf == NULL && !last)
			return CSV_MORE;
		feed_line(c, s + c->used, lf == NULL ? n - c->used :
		    (size_t)(lf - s) + 1 - c->used);
	}
	if (c->done || c->bad != NULL)
		return give(c, row);
	if (!last)
		return CSV_MORE;
	if (csv_fini(&c->parser, on_field, on_row, c) != 0)
		c->bad = "quote not closed";
	else if (!c->done)
		on_row(0, c);
	return give(c, row);
}
