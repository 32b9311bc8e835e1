#ifndef RESIN_NUM_H
#define RESIN_NUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * Numbers as text, in the C locale whatever the environment.  A parser takes
 * all of the span or fails: no blanks, no hex, no "inf" or "nan".  It returns
 * NULL and sets *out, or a static reason such as "not a number".
 */
const char *num_parse(struct span, double *out);
const char *num_u64(struct span, uint64_t *out);
const char *num_i64(struct span, int64_t *out);

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
