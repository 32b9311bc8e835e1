#ifndef RESIN_DIGITS_H
#define RESIN_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * digits - the values of many fields that are nothing but digits, 1 to 16 of
 * them.  From the first byte of each field DIGITS_PAD bytes must be readable,
 * whatever they hold.  False: one of the fields is something else, and the
 * values mean nothing.
 */
enum { DIGITS_PAD = 16 };

bool digits_values(const struct span *field, uint64_t *value, size_t n);

/* With which instructions, as scan_use().  False: not on this machine. */
enum digits_with { DIGITS_PLAIN, DIGITS_AVX2, DIGITS_KINDS };
bool digits_use(enum digits_with);

#endif
