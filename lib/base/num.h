#ifndef RESIN_NUM_H
#define RESIN_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/load.h"
#include "base/span.h"

/*
 * Numbers as text, in the C locale whatever the environment.  A parser takes
 * all of the span or fails: no blanks, no hex, no "inf" or "nan".  It returns
 * NULL and sets *out, or a static reason such as "not a number".
 */
const char *num_parse(struct span, double *out);
const char *num_u64(struct span, uint64_t *out);
const char *num_i64(struct span, int64_t *out);

/*
 * The 1 to 16 digits at s, eight at a time.  16 bytes behind s must be
 * readable, whatever they hold.  False: not all of them are digits.
 */
static inline bool
num_digits(const char *s, size_t n, uint64_t *out)
{
	const uint64_t zeros = UINT64_C(0x3030303030303030);
	uint64_t half[2] = { 0, 0 }, bad = 0;
	size_t lead = n > 8 ? n - 8 : 0, rest = n - lead;

	half[1] = (load_le64(s + lead) ^ zeros) << (64 - 8 * rest);
	if (lead > 0)
		half[0] = (load_le64(s) ^ zeros) << (64 - 8 * lead);
	for (int i = 0; i < 2; i++) {	/* the first byte is the highest */
		uint64_t x = half[i];

		bad |= (x | (x + UINT64_C(0x0606060606060606))) &
		    UINT64_C(0xf0f0f0f0f0f0f0f0);
		x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
		x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
		half[i] = (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
	}
	*out = half[0] * 100000000 + half[1];
	return bad == 0;
}

/* A count of bytes, 90413120; a fraction is dropped: 1.5e9, 4096.0. */
const char *num_bytes(struct span, uint64_t *out);

/* The same from a spreadsheet: "90,413,120" in groups of three. */
const char *num_grouped(struct span, uint64_t *out);

/* An option's size, 50M or 2G (powers of 1024), and its duration in
 * nanoseconds, 90s 5m 1h 15d 2w (a bare number is seconds). */
const char *num_size(const char *, uint64_t *bytes);
const char *num_duration(const char *, int64_t *ns);

/*
 * The shortest decimal that reads back as the same double, "%.17g" at worst;
 * whole numbers below 2^53 without a point or exponent.  Returns its length.
 */
#define NUM_MAX 32
size_t num_print(char out[NUM_MAX], double);

#endif
