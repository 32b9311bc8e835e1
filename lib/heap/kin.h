#ifndef RESIN_KIN_H
#define RESIN_KIN_H

#include <stddef.h>
#include <stdint.h>

#include "heap/stacks.h"

/*
 * kin - which of some stacks are one place in the program that recursion makes
 * many of: they are equal without their recursive frames (heap/recursion.h), or
 * one is the inner end of the other, whose outer frames a profiler's limit of
 * depth cut off.  Of an end that several different stacks have, nothing tells
 * whose it was, and it stays alone.
 *
 * Sets kin[i] of stack id[i]; equal numbers are kin.
 */
void kin_find(const struct stacks *, const uint32_t *id, size_t n,
    uint32_t *kin);

#endif
