#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <errno.h>
#include <math.h>

#include "base/num.h"
#include "base/when.h"
#include "table/output.h"

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
	setvbuf(o->fp, NULL, _IOFBF, 64 * 1024);
	return 0;
}

static void
begin_field(struct output *o)
{
	if (o->nfield++ > 0)
		putc_unlocked('\t', o->fp);
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
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];

		if (o->escape && letter(c) != 0) {
			putc_unlocked('\\', o->fp);
			c = letter(c);
		} else if (c == '\t' || c == '\n' || c == '\0' ||
		    (c == '\r' && i + 1 == s.n))
			c = ' ';
		putc_unlocked(c, o->fp);
	}
}

/* Is there a byte below a blank, or a backslash?  Eight at a time. */
static bool
has_special(struct span s)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x80 * ones;
	uint64_t w, slash, found = 0;
	size_t i;

	for (i = 0; i + 8 <= s.n; i += 8) {
		memcpy(&w, s.s + i, 8);
		slash = w ^ ('\\' * ones);
		found |= ((w - ' ' * ones) & ~w) | ((slash - ones) & ~slash);
	}
	if ((found & tops) != 0)
		return true;
	for (; i < s.n; i++)
		if ((unsigned char)s.s[i] < ' ' || s.s[i] == '\\')
			return true;
	return false;
}

void
output_text(struct output *o, struct span s)
{
	begin_field(o);
	if (has_special(s))
		put_special(o, s);
	else if (s.n > 0)
		fwrite_unlocked(s.s, 1, s.n, o->fp);
}

void
output_str(struct output *o, const char *s)
{
	output_text(o, span_of(s));
}

static void
put(struct output *o, const char *s, size_t n)
{
	begin_field(o);
	fwrite_unlocked(s, 1, n, o->fp);
}

void
output_u64(struct output *o, uint64_t v)
{
	char text[24], *p = text + sizeof(text);

	do
		*--p = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	put(o, p, (size_t)(text + sizeof(text) - p));
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

void
output_time(struct output *o, int64_t ns)
{
	char text[WHEN_MAX];

	if (ns == WHEN_NEVER)
		output_none(o);
	else
		put(o, text, when_print(text, ns, o->rfc3339));
}

void
output_none(struct output *o)
{
	begin_field(o);
}

void
output_row(struct output *o)
{
	putc_unlocked('\n', o->fp);
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

int
output_close(struct output *o)
{
	FILE *fp = o->fp;

	o->fp = NULL;
	if (o->whole.fp != NULL)
		return whole_commit(&o->whole);
	return fp == NULL || (fflush(fp) == 0 && !ferror(fp)) ? 0 : -1;
}

void
output_abort(struct output *o)
{
	whole_abort(&o->whole);
	o->fp = NULL;
}
