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

/* Eight digits, the first byte the highest; *bad gets bits if they are not. */
static inline uint64_t
num_eight(uint64_t text, unsigned shift, uint64_t *bad)
{
	uint64_t x = (text ^ UINT64_C(0x3030303030303030)) << shift;

	*bad |= (x | (x + UINT64_C(0x0606060606060606))) &
	    UINT64_C(0xf0f0f0f0f0f0f0f0);
	x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
	return (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
}

/*
 * The 1 to 16 digits at s, eight at a time.  16 bytes from s on must be
 * readable, whatever they hold.  False: not all of them are digits.  Sizes have
 * more than eight digits or not as it comes: no branch.  For another n, of
 * which the caller need not know yet, it means nothing.
 */
static inline bool
num_digits(const char *s, size_t n, uint64_t *out)
{
	uint64_t more = 0 - (uint64_t)(n > 8);
	uint64_t bad = 0, high_bad = 0, low, high;

	low = num_eight(load_le64(s + ((n - 8) & more)),
	    (64 - 8 * (unsigned)n) & 63 & ~(unsigned)more, &bad);
	high = num_eight(load_le64(s), (128 - 8 * (unsigned)n) & 63, &high_bad);
	*out = low + (high & more) * 100000000;
	return (bad | (high_bad & more)) == 0;
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
size_t num_print_u64(char out[NUM_MAX], uint64_t);

#endif
