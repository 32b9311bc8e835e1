#ifndef RESIN_STACK_TABLE_H
#define RESIN_STACK_TABLE_H

#include "heap/rank.h"
#include "table/output.h"

/*
 * stack_table - the ranking as resin-tsv(5) rows, `top` findings or all (0).
 * With the process' own growth, a row without a rank says what of it is not in
 * the heap.
 */
void stack_table(struct output *, const struct series *,
    const struct ranking *, double growth, size_t top);

/* Each stack with its bytes in the first and the last snapshot, for graphs. */
void stack_folded(struct output *, const struct series *);

#endif
