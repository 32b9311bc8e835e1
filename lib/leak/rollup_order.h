#ifndef RESIN_ROLLUP_ORDER_H
#define RESIN_ROLLUP_ORDER_H

#include <stdint.h>

#include "leak/order.h"
#include "leak/rollup_table.h"

/*
 * rollup_in_order - the numbers of all processes of a window in the order of
 * the output: component and node by their bytes, then pid and start, none
 * before any.  The settled ones are in that order already; the others are
 * sorted, by the ranks of their names, and merged in.
 */
void rollup_in_order(const struct rollup_window *,
    const struct order *component, const struct order *node,
    struct rollup_numbers *);

#endif
