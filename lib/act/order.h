#ifndef RESIN_ACT_ORDER_H
#define RESIN_ACT_ORDER_H

#include <stddef.h>

#include "act/fields.h"
#include "act/ledger.h"
#include "base/intern.h"
#include "base/vec.h"
#include "table/input.h"

/*
 * order - a row of a plan: what is to be done to which target.  The columns
 * below make the ledger's entry; all the others are fields for the rules too.
 */
enum {
	ORDER_TS,
	ORDER_NODE,
	ORDER_TARGET,
	ORDER_ACTION,
	ORDER_LEAK,
	ORDER_COMPONENT,
	ORDER_CLUSTER,
	ORDER_SERVICE,
	ORDER_PID,
	ORDER_START,
	ORDER_USAGE,
	ORDER_GROWTH,
	ORDER_NCOL,
};
extern const struct input_column order_columns[ORDER_NCOL];

/* Read whole before anything is done: half a plan is none. */
struct order {
	struct entry entry;
	struct field *field;
	size_t nfield;
};
struct orders {
	VEC(struct order) list;
	struct intern bytes;
};
void orders_add(struct orders *, struct input *);
void orders_free(struct orders *);

#endif
