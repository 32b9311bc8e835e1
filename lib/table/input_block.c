#include "table/input.h"

enum { BLOCK = 64 };

/* The fields of a column as they stand; without the CR of the last one and the
 * quotes of CSV. */
static void
block_fields(const struct run *run, size_t row, size_t at, struct span *out,
    size_t n)
{
	const uint32_t *e = run->end + row * run->ncol + at;

	for (size_t i = 0; i < n; i++, e += run->ncol) {
		uint32_t from = e[-1] + 1;	/* e[-1] of the first is -1 */

		out[i] = (struct span){ run->base + from, *e - from };
	}
	if (at + 1 == run->ncol)
		for (size_t i = 0; i < n; i++)
			out[i].n -= out[i].n > 0 &&
			    out[i].s[out[i].n - 1] == '\r';
	if (run->quoted)
		for (size_t i = 0; i < n; i++) {
			size_t quoted = out[i].n > 0 && *out[i].s == '"';

			out[i].s += quoted;
			out[i].n -= 2 * quoted;
		}
}

bool
input_keys(struct input *in, size_t col, struct span *out, size_t n)
{
	bool empty = false;

	if (in->at[col] < 0 || in->decode)
		return false;
	block_fields(&in->run, in->row, (size_t)in->at[col], out, n);
	for (size_t i = 0; i < n; i++)
		empty |= out[i].n == 0;
	return !empty;
}

bool
input_sizes(struct input *in, size_t col, uint64_t *out, size_t n)
{
	struct span text[BLOCK];
	bool good = in->at[col] >= 0 && !in->decode;

	for (size_t i = 0, k; good && i < n; i += k) {
		k = n - i < BLOCK ? n - i : BLOCK;
		block_fields(&in->run, in->row + i, (size_t)in->at[col], text,
		    k);
		for (size_t j = 0; j < k; j++)
			good &= text[j].n - 1 < 16 &&
			    num_digits(text[j].s, text[j].n, &out[i + j]);
	}
	return good;
}

/* Epoch seconds of ten digits, 2001 to 2286 but for what an int64_t holds. */
bool
input_times(struct input *in, size_t col, int64_t *out, size_t n)
{
	const struct input_memo *memo = &in->memo[col];
	bool good = in->at[col] >= 0 && !in->decode;

	for (size_t i = 0; good && i < n; i++) {
		struct span s = run_field(&in->run, in->row + i,
		    (size_t)in->at[col]);
		uint64_t v;

		if (s.n == memo->n && s.n >= 8 &&
		    load_le64(s.s) == memo->head &&
		    load_le64(s.s + s.n - 8) == memo->tail)
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
