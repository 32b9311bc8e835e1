#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <math.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "table/output.h"

enum { BUFFER = 64 * 1024 };

int
output_open(struct output *o, const struct output_options *options)
{
	*o = (struct output){ .fp = stdout, .escape = options->escape,
		.rfc3339 = options->rfc3339,
		.line_buffered = options->line_buffered };
	if (options->path != NULL && strcmp(options->path, "-") != 0) {
		if (whole_open(&o->whole, options->path) == -1)
			return -1;
		o->fp = o->whole.fp;
	}
	/* Without memory of ours the C library would keep to its 4 KiB. */
	o->buffer = mem_new(BUFFER, 1);
	setvbuf(o->fp, o->buffer, _IOFBF, BUFFER);
	return 0;
}

/* Room for a field of up to n bytes; where it begins. */
static char *
begin_field(struct output *o, size_t n)
{
	struct buf *b = &o->row;

	if (b->cap - b->n < n + 2)
		buf_room(b, n + 2);
	if (o->nfield++ > 0)
		b->s[b->n++] = '\t';
	return b->s + b->n;
}

static char
letter(char c)
{
	switch (c) {
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\\':
		return '\\';
	}
	return 0;
}

/* The exact way, for a value with a byte that is special. */
static void
put_special(struct output *o, struct span s)
{
	char *p = begin_field(o, 2 * s.n);

	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];

		if (o->escape && letter(c) != 0) {
			*p++ = '\\';
			c = letter(c);
		} else if (c == '\t' || c == '\n' || c == '\0' ||
		    (c == '\r' && i + 1 == s.n))
			c = ' ';
		*p++ = c;
	}
	o->row.n = (size_t)(p - o->row.s);
}

/* Is there a byte below a blank, or a backslash?  Eight at a time. */
static bool
has_special(struct span s)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x80 * ones;
	uint64_t w, slash, found = 0;

	for (size_t i = 0; s.n >= 8 && i < s.n; i += 8) {
		/* The last ones overlap. */
		memcpy(&w, s.s + (i + 8 <= s.n ? i : s.n - 8), 8);
		slash = w ^ ('\\' * ones);
		found |= ((w - ' ' * ones) & ~w) | ((slash - ones) & ~slash);
	}
	if (s.n >= 8)
		return (found & tops) != 0;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.s[i] < ' ' || s.s[i] == '\\')
			return true;
	return false;
}

static void
put(struct output *o, const char *s, size_t n)
{
	char *p = begin_field(o, n);

	if (n >= 8 && n <= 16) {	/* most names; without a call */
		memcpy(p + n - 8, s + n - 8, 8);
		memcpy(p, s, 8);
	} else if (n > 0)
		memcpy(p, s, n);
	o->row.n += n;
}

void
output_text(struct output *o, struct span s)
{
	if (has_special(s))
		put_special(o, s);
	else
		put(o, s.s, s.n);
}

void
output_str(struct output *o, const char *s)
{
	output_text(o, span_of(s));
}

void
output_u64(struct output *o, uint64_t v)
{
	o->row.n += num_print_u64(begin_field(o, NUM_MAX), v);
}

void
output_i64(struct output *o, int64_t v)
{
	char text[24];

	put(o, text, (size_t)snprintf(text, sizeof(text), "%lld",
	    (long long)v));
}

void
output_number(struct output *o, double v)
{
	char text[NUM_MAX];

	if (isfinite(v))
		put(o, text, num_print(text, v));
	else
		output_none(o);
}

/* Rows in order say the same time over and over. */
void
output_time(struct output *o, int64_t ns)
{
	if (ns == WHEN_NEVER) {
		output_none(o);
		return;
	}
	if (o->when_n == 0 || ns != o->when) {
		o->when = ns;
		o->when_n = when_print(o->when_text, ns, o->rfc3339);
	}
	put(o, o->when_text, o->when_n);
}

void
output_none(struct output *o)
{
	begin_field(o, 0);
}

void
output_take(struct output *o, struct buf *to)
{
	to->n = 0;
	buf_add(to, o->row.s, o->row.n);
	o->row.n = 0;
}

void
output_lines(struct output *o, const struct buf *lines)
{
	fwrite_unlocked(lines->s, 1, lines->n, o->fp);
	o->nfield = 0;
	if (o->line_buffered)
		fflush(o->fp);
}

void
output_row(struct output *o)
{
	buf_room(&o->row, 1);
	o->row.s[o->row.n++] = '\n';
	fwrite_unlocked(o->row.s, 1, o->row.n, o->fp);
	o->row.n = 0;
	o->nfield = 0;
	if (o->line_buffered)
		fflush(o->fp);
}

void
output_header(struct output *o, ...)
{
	const char *name;
	va_list ap;

	va_start(ap, o);
	while ((name = va_arg(ap, const char *)) != NULL)
		output_str(o, name);
	va_end(ap);
	output_row(o);
}

/* Standard output lives on; while it has unwritten bytes it keeps them. */
static void
release_buffer(struct output *o, FILE *fp)
{
	if (fp == NULL || setvbuf(fp, NULL, _IONBF, 0) == 0)
		free(o->buffer);
	o->buffer = NULL;
}

int
output_close(struct output *o)
{
	FILE *fp = o->whole.fp == NULL ? o->fp : NULL;
	int r = o->whole.fp != NULL ? whole_commit(&o->whole) :
	    fp == NULL || (fflush(fp) == 0 && !ferror(fp)) ? 0 : -1;
	int saved = errno;

	release_buffer(o, fp);
	o->fp = NULL;
	buf_free(&o->row);
	errno = saved;
	return r;
}

void
output_abort(struct output *o)
{
	FILE *fp = o->whole.fp == NULL ? o->fp : NULL;

	whole_abort(&o->whole);
	release_buffer(o, fp);
	buf_free(&o->row);
	o->fp = NULL;
}
