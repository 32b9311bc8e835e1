/* The values of many of input's rows at once, where they are plain. */
#include "table/digits.h"
#include "table/input.h"

enum { BLOCK = 64 };

/* Where the field of the current row, or of one `behind` it, ends. */
static inline const uint32_t *
field_end(const struct input *in, size_t behind, size_t at)
{
	return in->run.end + (in->row + behind) * in->run.ncol + at;
}

/* A field as it stands, which ends at *e. */
static inline struct span
field(const struct run *run, const uint32_t *e)
{
	uint32_t from = e[-1] + 1;	/* before the first it is -1 */

	return (struct span){ run->base + from, *e - from };
}

/* Whether fields of the column may stand with quotes or with the line's CR. */
static bool
is_dressed(const struct run *run, size_t at)
{
	return run->quoted || (run->crlf && at + 1 == run->ncol);
}

static void
undress(const struct run *run, size_t at, struct span *field, size_t n)
{
	if (at + 1 == run->ncol)
		for (size_t i = 0; i < n; i++)
			field[i].n -= field[i].n > 0 &&
			    field[i].s[field[i].n - 1] == '\r';
	if (run->quoted)
		for (size_t i = 0; i < n; i++) {
			size_t quoted = field[i].n > 0 && *field[i].s == '"';

			field[i].s += quoted;
			field[i].n -= 2 * quoted;
		}
}

/* False: one of them is empty. */
static bool
fields_at(const struct input *in, size_t behind, size_t at, struct span *out,
    size_t n)
{
	const uint32_t *e = field_end(in, behind, at);
	size_t ncol = in->run.ncol, below = 0;

	for (size_t i = 0; i < n; i++, e += ncol) {
		out[i] = field(&in->run, e);
		below |= out[i].n - 1;
	}
	if (is_dressed(&in->run, at)) {
		undress(&in->run, at, out, n);
		for (size_t i = 0; i < n; i++)
			below |= out[i].n - 1;
	}
	return below <= SIZE_MAX / 2;
}

bool
input_keys(struct input *in, size_t col, struct span *out, size_t n)
{
	return in->at[col] >= 0 && !in->decode &&
	    fields_at(in, 0, (size_t)in->at[col], out, n);
}

bool
input_carried_fields(struct input *in, size_t i, struct span *out, size_t n)
{
	if (in->decode)
		return false;
	fields_at(in, 0, in->carry_at[i], out, n);
	return true;
}

bool
input_sizes(struct input *in, size_t col, uint64_t *out, size_t n)
{
	struct span text[BLOCK];
	bool good = true;

	if (in->at[col] < 0 || in->decode)
		return false;
	for (size_t i = 0, k; good && i < n; i += k) {
		k = n - i < BLOCK ? n - i : BLOCK;
		fields_at(in, i, (size_t)in->at[col], text, k);
		good = digits_values(text, out + i, k);
	}
	return good;
}

static inline uint64_t
differs(struct span s, const struct input_memo *memo)
{
	return (s.n ^ memo->n) | (load_le64(s.s) ^ memo->head) |
	    (load_le64(s.s + memo->n - 8) ^ memo->tail);
}

bool
input_same_time(const struct input *in, size_t col, int64_t *out, size_t n)
{
	const struct input_memo *memo = &in->memo[col];
	const uint32_t *e;
	uint64_t other = 0;

	if (in->at[col] < 0 || in->decode || memo->n < 8)
		return false;
	e = field_end(in, 0, (size_t)in->at[col]);
	for (size_t i = 0; i < n; i++, e += in->run.ncol)
		other |= differs(field(&in->run, e), memo);
	*out = memo->ns;
	return other == 0;
}

/* The same all over, or epoch seconds of ten digits, 2001 to 2286 but for what
 * an int64_t holds. */
bool
input_times(struct input *in, size_t col, int64_t *out, size_t n)
{
	const struct input_memo *memo = &in->memo[col];
	size_t at = (size_t)in->at[col];
	bool good = true;
	int64_t same;

	if (in->at[col] < 0 || in->decode)
		return false;
	if (input_same_time(in, col, &same, n)) {
		for (size_t i = 0; i < n; i++)
			out[i] = same;
		return true;
	}
	for (size_t i = 0; good && i < n; i++) {
		struct span s = run_field(&in->run, in->row + i, at);
		uint64_t v;

		if (s.n >= 8 && memo->n >= 8 && differs(s, memo) == 0)
			out[i] = memo->ns;
		else if (s.n == 10 && num_digits(s.s, 10, &v) &&
		    v < INT64_MAX / 1000000000)
			out[i] = (int64_t)v * 1000000000;
		else
			good = false;
	}
	return good;
}
