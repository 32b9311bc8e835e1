#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/progress.h"
#include "table/input.h"
#include "table/names.h"

static const struct input_options no_options;

const char *
input_name(const struct input *in)
{
	return in->reader.source.name;
}

size_t
input_line(const struct input *in)
{
	return in->run.line + in->row;
}

/* Text in a message: one line, no control bytes, not too long. */
static void
add_shown(struct buf *why, struct span text)
{
	size_t n = text.n > SPAN_SHOWN ? SPAN_SHOWN : text.n;

	buf_char(why, '\'');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text.s[i];

		if (c == '\t')
			buf_str(why, "\\t");
		else if (c < ' ' || c == 0x7f)
			buf_printf(why, "\\x%02x", c);
		else
			buf_char(why, (char)c);
	}
	buf_str(why, n < text.n ? "...'" : "'");
}

static bool
trouble(struct input *in, const char *why)
{
	if (in->why.n == 0)
		buf_str(&in->why, why);
	in->run.nrow = 0;
	return false;
}

const char *
input_why(struct input *in)
{
	return in->why.n > 0 ? buf_cstr(&in->why) : NULL;
}

/* Puts a bad row aside, or makes it the trouble.  True: go on. */
static bool
set_aside(struct input *in, size_t line, const char *column,
    const char *reason, struct span shown, struct span row)
{
	struct buf *why = &in->why;
	FILE *f = in->reject;

	if (f == NULL) {
		buf_printf(why, "%s:%zu: ", input_name(in), line);
		if (column != NULL)
			buf_printf(why, "%s: ", column);
		buf_printf(why, "%s: ", reason);
		add_shown(why, shown);
		in->run.nrow = 0;	/* the last row */
		return false;
	}
	in->rejected++;
	fprintf(f, "# %s:%zu: %s%s%s\n", input_name(in), line,
	    column != NULL ? column : "", column != NULL ? ": " : "", reason);
	fwrite(row.s, 1, row.n, f);
	if (fputc('\n', f) == EOF || fflush(f) == EOF)
		return trouble(in, "cannot write the rejected rows");
	return true;
}

static ptrdiff_t
look_up(struct input *in, struct span name, bool optional)
{
	const struct span *header = in->reader.header.name.v;
	size_t n = in->reader.header.name.n;
	ptrdiff_t at = -1;

	for (size_t i = 0; i < n; i++) {
		if (!span_eq(header[i], name))
			continue;
		if (at != -1) {
			buf_printf(&in->why, "%s: two columns are named '%.*s'",
			    input_name(in), span_shown(name), name.s);
			return -1;
		}
		at = (ptrdiff_t)i;
	}
	if (at == -1 && !optional) {
		buf_printf(&in->why, "%s: no column '%.*s'; it has ",
		    input_name(in), span_shown(name), name.s);
		names_list(&in->why, header, n, name);
		if (n == 1 && memchr(header[0].s, ',', header[0].n) != NULL)
			buf_str(&in->why, " (for CSV, --csv)");
	}
	return at;
}

static bool
bind_columns(struct input *in)
{
	for (size_t i = 0; i < in->nwant; i++) {
		const char *ours = in->want[i].name;
		struct span theirs = names_map(in->options->map, ours);
		/* What --map names is meant to be there. */
		bool optional = in->want[i].flags & INPUT_OPTIONAL &&
		    span_is(theirs, ours);

		in->at[i] = look_up(in, theirs, optional);
		if (in->why.n > 0)
			return false;
	}
	for (size_t i = 0; i < in->ncarry; i++) {
		ptrdiff_t at = look_up(in, in->carry_theirs[i], false);

		if (at == -1)
			return false;
		in->carry_at[i] = (size_t)at;
	}
	return true;
}

static bool
has_suffix(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

static bool
is_csv(const struct input *in, const char *path)
{
	return in->options->csv || has_suffix(path, ".csv") ||
	    has_suffix(path, ".csv.gz") || has_suffix(path, ".csv.zst");
}

/* The next file: its header read, its columns found. */
static bool
open_file(struct input *in)
{
	const char *path = in->nfile == 0 ? "-" : in->file[in->ifile];
	const char *fields = in->options->fields;
	enum reader_result r;

	r = reader_open(&in->reader, path, is_csv(in, path),
	    fields != NULL ? names_count(fields) : 0);
	in->open = true;
	in->run = (struct run){ 0 };
	if (r == READER_FAIL)
		return trouble(in, in->reader.why);
	if (r == READER_END) {
		for (size_t i = 0; i < in->nwant; i++)
			in->at[i] = -1;
		if (in->options->allow_empty)
			return true;
		buf_printf(&in->why, "%s: no input at all (0 bytes)",
		    input_name(in));
		return false;
	}
	if (fields != NULL)
		names_split(fields, &in->reader.header);
	return bind_columns(in);
}

bool
input_open(struct input *in, const struct input_options *options, char **files,
    size_t nfile, const struct input_column *want, size_t nwant)
{
	*in = (struct input){ .options = options ? options : &no_options,
		.file = files, .nfile = nfile, .want = want, .nwant = nwant };
	in->at = mem_new(nwant, sizeof(*in->at));
	in->memo = mem_new(nwant, sizeof(*in->memo));
	if (in->options->reject != NULL &&
	    (in->reject = fopen(in->options->reject, "ae")) == NULL) {
		buf_printf(&in->why, "%s: %s", in->options->reject,
		    strerror(errno));
		return false;
	}
	return open_file(in);
}

/* The run is used up: the next one, of this file or the following. */
static bool
next_run(struct input *in)
{
	struct reader *r = &in->reader;

	while (in->open) {
		if (r->source.left < 0)	/* the whole file */
			progress((uint64_t)r->source.consumed,
			    (uint64_t)r->source.size);
		switch (r->ncol == 0 ? READER_END : reader_run(r, &in->run)) {
		case READER_RUN:
			in->row = 0;
			return true;
		case READER_FAIL:
			return trouble(in, r->why);
		case READER_BAD:
			if (!set_aside(in, r->bad_line, NULL, r->bad_why,
			    r->bad_text, r->bad_text))
				return false;
			continue;
		case READER_END:
			break;
		}
		reader_close(r);
		in->open = false;
		if (in->ifile + 1 >= in->nfile)
			break;
		in->ifile++;
		if (!open_file(in))
			return false;
	}
	progress_end();
	return false;
}

bool
input_next_run(struct input *in)
{
	for (;;) {
		if (in->row >= in->run.nrow) {
			in->run.nrow = 0;
			if (in->why.n > 0 || !next_run(in))
				return false;
			in->decode = in->options->escape || in->run.dirty;
		}
		if (in->keep == NULL || input_find_kept(in))
			return true;
	}
}

void
input_close(struct input *in)
{
	if (in->open)
		reader_close(&in->reader);
	if (in->reject != NULL)
		fclose(in->reject);
	for (size_t i = 0; i < in->ncarry; i++) {
		free((void *)(uintptr_t)in->carry[i].s);
		free((void *)(uintptr_t)in->carry_theirs[i].s);
	}
	free(in->carry);
	free(in->carry_theirs);
	free(in->carry_at);
	free(in->at);
	free(in->memo);
	buf_free(&in->scratch);
	buf_free(&in->why);
	*in = (struct input){ .rejected = in->rejected };
	progress_end();
}

bool
input_bad_row(struct input *in)
{
	set_aside(in, input_line(in), in->want[in->fault_col].name, in->fault,
	    input_text(in, in->fault_col), run_text(&in->run, in->row));
	in->fault = NULL;
	return true;
}

static struct span
copied(struct span s)
{
	return (struct span){ mem_copy(s.s, s.n), s.n };
}

void
input_carry(struct input *in)
{
	const struct span *header = in->reader.header.name.v;
	size_t n = in->reader.header.name.n;
	bool wanted;

	in->carry = mem_new(n, sizeof(*in->carry));
	in->carry_theirs = mem_new(n, sizeof(*in->carry_theirs));
	in->carry_at = mem_new(n, sizeof(*in->carry_at));
	for (size_t i = 0; i < n; i++) {
		wanted = false;
		for (size_t k = 0; k < in->nwant; k++)
			wanted |= in->at[k] == (ptrdiff_t)i;
		if (wanted)
			continue;
		in->carry[in->ncarry] = copied(names_unmap(in->options->map,
		    header[i]));
		in->carry_theirs[in->ncarry] = copied(header[i]);
		in->carry_at[in->ncarry++] = i;
	}
}
