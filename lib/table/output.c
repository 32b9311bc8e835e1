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

enum { BUFFER = 64 * 1024, GATHERED = 16 * 1024 };

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
static inline char *
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

#define ONES UINT64_C(0x0101010101010101)

/* Bits if there is a byte below a blank or, with `escape`, a backslash. */
static inline uint64_t
special_bytes(uint64_t w, bool escape)
{
	uint64_t slash = w ^ ('\\' * ONES), found = (w - ' ' * ONES) & ~w;

	if (escape)
		found |= (slash - ONES) & ~slash;
	return found & 0x80 * ONES;
}

static bool
has_special(struct span s, bool escape)
{
	uint64_t w, found = 0;

	for (size_t i = 0; s.n >= 8 && i < s.n; i += 8) {
		/* The last ones overlap. */
		memcpy(&w, s.s + (i + 8 <= s.n ? i : s.n - 8), 8);
		found |= special_bytes(w, escape);
	}
	if (s.n >= 8)
		return found != 0;
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

/* Most names: looked at and copied in two overlapping words.  False: there is
 * a byte that is special. */
static inline bool
put_short(struct output *o, struct span s)
{
	uint64_t head, tail;
	char *p;

	memcpy(&head, s.s, 8);
	memcpy(&tail, s.s + s.n - 8, 8);
	if ((special_bytes(head, o->escape) |
	    special_bytes(tail, o->escape)) != 0)
		return false;
	p = begin_field(o, 16);
	memcpy(p, &head, 8);
	memcpy(p + s.n - 8, &tail, 8);
	o->row.n += s.n;
	return true;
}

void
output_text(struct output *o, struct span s)
{
	if (s.n >= 8 && s.n <= 16 && put_short(o, s))
		return;
	if (has_special(s, o->escape))
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
	buf_add(to, o->row.s + o->begun, o->row.n - o->begun);
	o->row.n = o->begun;
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
	if (o->row.n == o->row.cap)
		buf_room(&o->row, 1);
	o->row.s[o->row.n++] = '\n';
	o->nfield = 0;
	o->begun = o->row.n;
	if (!o->gather || o->begun >= GATHERED)
		output_release(o);
}

void
output_gather(struct output *o)
{
	o->gather = !o->line_buffered;
}

void
output_release(struct output *o)
{
	fwrite_unlocked(o->row.s, 1, o->begun, o->fp);
	o->row.n = o->begun = 0;
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
