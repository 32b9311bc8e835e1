#include "table/input.h"

enum { BLOCK = 64 };

static inline const uint32_t *
first_end(const struct input *in, size_t at)
{
	return in->run.end + in->row * in->run.ncol + at;
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

static void
fields_at(const struct input *in, size_t at, struct span *out, size_t n)
{
	const uint32_t *e = first_end(in, at);
	size_t ncol = in->run.ncol;

	for (size_t i = 0; i < n; i++, e += ncol)
		out[i] = field(&in->run, e);
	if (is_dressed(&in->run, at))
		undress(&in->run, at, out, n);
}

bool
input_keys(struct input *in, size_t col, struct span *out, size_t n)
{
	bool empty = false;

	if (in->at[col] < 0 || in->decode)
		return false;
	fields_at(in, (size_t)in->at[col], out, n);
	for (size_t i = 0; i < n; i++)
		empty |= out[i].n == 0;
	return !empty;
}

bool
input_carried_fields(struct input *in, size_t i, struct span *out, size_t n)
{
	if (in->decode)
		return false;
	fields_at(in, in->carry_at[i], out, n);
	return true;
}

static inline bool
is_size(struct span s, uint64_t *out)
{
	return (s.n - 1 < 16) & num_digits(s.s, s.n, out);
}

bool
input_sizes(struct input *in, size_t col, uint64_t *out, size_t n)
{
	const struct run *run = &in->run;
	size_t at = (size_t)in->at[col], ncol = run->ncol;
	struct span dressed[BLOCK];
	const uint32_t *e;
	bool good = true;

	if (in->at[col] < 0 || in->decode)
		return false;
	e = first_end(in, at);
	if (!is_dressed(run, at)) {
		for (size_t i = 0; i < n; i++, e += ncol)
			good &= is_size(field(run, e), &out[i]);
		return good;
	}
	for (size_t i = 0, k; good && i < n; i += k) {
		k = n - i < BLOCK ? n - i : BLOCK;
		for (size_t j = 0; j < k; j++, e += ncol)
			dressed[j] = field(run, e);
		undress(run, at, dressed, k);
		for (size_t j = 0; j < k; j++)
			good &= is_size(dressed[j], &out[i + j]);
	}
	return good;
}

static inline uint64_t
differs(struct span s, const struct input_memo *memo)
{
	return (s.n ^ memo->n) | (load_le64(s.s) ^ memo->head) |
	    (load_le64(s.s + memo->n - 8) ^ memo->tail);
}

/* The rows all say the time that was said last, in the same words. */
static bool
same_times(const struct input *in, size_t at, const struct input_memo *memo,
    size_t n)
{
	const uint32_t *e = first_end(in, at);
	uint64_t other = 0;

	if (memo->n < 8)
		return false;
	for (size_t i = 0; i < n; i++, e += in->run.ncol)
		other |= differs(field(&in->run, e), memo);
	return other == 0;
}

/* Else epoch seconds of ten digits, 2001 to 2286 but for what an int64_t
 * holds. */
bool
input_times(struct input *in, size_t col, int64_t *out, size_t n)
{
	const struct input_memo *memo = &in->memo[col];
	size_t at = (size_t)in->at[col];
	bool good = true;

	if (in->at[col] < 0 || in->decode)
		return false;
	if (same_times(in, at, memo, n)) {
		for (size_t i = 0; i < n; i++)
			out[i] = memo->ns;
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

/* Which of 1024 bits stands for keys that end in these eight bytes. */
static inline unsigned
end_bit(struct span s)
{
	return (unsigned)(load_le64(s.s + s.n - 8) *
	    UINT64_C(0x9e3779b97f4a7c15) >> 54);
}

void
input_keep(struct input *in, size_t col, const struct intern *keys)
{
	in->keep = keys;
	in->keep_col = col;
	for (size_t i = 0; i < keys->n; i++) {
		struct span s = keys->key[i];

		if (s.n >= 8)
			in->keep_ends[end_bit(s) / 64] |=
			    UINT64_C(1) << end_bit(s) % 64;
	}
}

/* Not one of the keys, by a look at its end; most are told apart so. */
static inline bool
surely_other(const struct input *in, struct span s)
{
	return s.n >= 8 && (in->keep_ends[end_bit(s) / 64] >>
	    end_bit(s) % 64 & 1) == 0;
}

bool
input_find_kept(struct input *in)
{
	ptrdiff_t at = in->at[in->keep_col];

	for (; in->row < in->run.nrow; in->row++) {
		struct span s;

		if (at >= 0 && !in->decode) {
			s = run_field(&in->run, in->row, (size_t)at);
			if (surely_other(in, s))
				continue;
		} else {
			in->scratch.n = 0;
			s = input_text(in, in->keep_col);
		}
		if (intern_find(in->keep, s) != INTERN_NONE)
			return true;
	}
	return false;
}
