#ifndef RESIN_ORDER_H
#define RESIN_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"

/*
 * order - the ids of an intern table in the order of their bytes, kept up as
 * the table grows: what is new is sorted and merged in.  rank[id] is the place.
 * All zero is an empty one; so it must be when the table starts afresh.
 */
struct order {
	VEC(uint32_t) id;
	VEC(uint32_t) rank;
};

void order_update(struct order *, const struct intern *);
void order_free(struct order *);

#endif
