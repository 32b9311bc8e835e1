#ifndef RESIN_LOCKSTEP_H
#define RESIN_LOCKSTEP_H

#include "heap/rank.h"

/*
 * lockstep - one cause often is many stacks: a cursor that is never closed
 * leaks its statement, its buffer, its column names, each from a stack of its
 * own, so many a snapshot of each.  Rows that grow in lockstep, and those that
 * only a recursion tells apart (heap/kin.h), become one finding: rows are
 * numbered by finding and put together in the place of the first.
 */
void lockstep_group(const struct series *, struct ranking *);

#endif
