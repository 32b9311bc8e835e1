/* The values of input's current row, one by one, whatever they are. */
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "table/input.h"

/*
 * Undoes \t \n \r \\ into the row's scratch.  A lone \N is no value.  Room is
 * made first for the whole row, so that earlier values do not move.
 */
static struct span
unescape(struct input *in, struct span s)
{
	struct buf *b = &in->scratch;
	struct span r;

	if (s.n == 2 && s.s[0] == '\\' && s.s[1] == 'N')
		return SPAN("");
	if (b->n == 0) {
		struct span first = run_field(&in->run, in->row, 0);
		struct span last = run_field(&in->run, in->row,
		    in->run.ncol - 1);

		buf_room(b, 2 * (size_t)(last.s + last.n - first.s) + 16);
	}
	if (b->cap - b->n < s.n)	/* asked for over and over */
		return s;
	r.s = b->s + b->n;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];

		if (c == '\\' && i + 1 < s.n) {
			c = s.s[++i];
			c = c == 't' ? '\t' : c == 'n' ? '\n' :
			    c == 'r' ? '\r' : c;
		}
		b->s[b->n++] = c;
	}
	r.n = (size_t)(b->s + b->n - r.s);
	return r;
}

static struct span
decoded(struct input *in, size_t column)
{
	struct span s = run_field(&in->run, in->row, column);

	if (in->options->escape && memchr(s.s, '\\', s.n) != NULL)
		return unescape(in, s);
	return s;
}

struct span
input_text(struct input *in, size_t col)
{
	return in->at[col] == -1 ? SPAN("") :
	    decoded(in, (size_t)in->at[col]);
}

bool
input_has(const struct input *in, size_t col)
{
	struct span s;

	if (in->at[col] == -1)
		return false;
	s = run_field(&in->run, in->row, (size_t)in->at[col]);
	return s.n > 0 && !(in->options->escape && span_is(s, "\\N"));
}

void
input_fault(struct input *in, size_t col, const char *reason)
{
	if (in->fault == NULL) {
		in->fault = reason;
		in->fault_col = col;
	}
}

struct span
input_key_decoded(struct input *in, size_t col)
{
	struct span s = input_text(in, col);

	if (s.n == 0)
		input_fault(in, col, "empty");
	else if (in->run.dirty && !in->options->escape &&
	    (memchr(s.s, '\t', s.n) != NULL || memchr(s.s, '\n', s.n) != NULL))
		input_fault(in, col, "TAB or newline in a key");
	return s;
}

int64_t
input_time_parsed(struct input *in, size_t col)
{
	struct span s = input_text(in, col);
	int64_t ns = 0;
	const char *bad = when_parse(s, &ns);

	if (bad != NULL) {
		input_fault(in, col, bad);
		return 0;
	}
	if (s.n >= 8 && s.n <= 16)
		in->memo[col] = (struct input_memo){ load_le64(s.s),
			load_le64(s.s + s.n - 8), s.n, ns };
	return ns;
}

uint64_t
input_bytes_parsed(struct input *in, size_t col)
{
	struct span s = input_text(in, col);
	uint64_t v = 0;
	const char *bad = in->reader.csv != NULL ? num_grouped(s, &v) :
	    num_bytes(s, &v);

	if (bad != NULL)
		input_fault(in, col, bad);
	return bad != NULL ? 0 : v;
}

uint64_t
input_u64_parsed(struct input *in, size_t col)
{
	uint64_t v = 0;
	const char *bad = num_u64(input_text(in, col), &v);

	if (bad != NULL)
		input_fault(in, col, bad);
	return bad != NULL ? 0 : v;
}

double
input_number(struct input *in, size_t col)
{
	double v = 0;
	const char *bad = num_parse(input_text(in, col), &v);

	if (bad != NULL)
		input_fault(in, col, bad);
	return bad != NULL ? 0 : v;
}

int64_t
input_time_or(struct input *in, size_t col, int64_t none)
{
	return input_has(in, col) ? input_time(in, col) : none;
}

uint64_t
input_bytes_or(struct input *in, size_t col, uint64_t none)
{
	return input_has(in, col) ? input_bytes(in, col) : none;
}

double
input_number_or(struct input *in, size_t col, double none)
{
	return input_has(in, col) ? input_number(in, col) : none;
}

struct span
input_carried(struct input *in, size_t i)
{
	return decoded(in, in->carry_at[i]);
}
