/* Of input's rows only those of some keys; the others cost a look. */
#include "table/input.h"

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
