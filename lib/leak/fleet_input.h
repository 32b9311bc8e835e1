#ifndef RESIN_FLEET_INPUT_H
#define RESIN_FLEET_INPUT_H

#include "leak/fleet.h"
#include "table/input.h"

/* The columns of telemetry; those of the fleet's attributes follow. */
enum fleet_column {
	FLEET_COL_TS, FLEET_COL_COMPONENT, FLEET_COL_NODE, FLEET_COL_USAGE,
	FLEET_COL_CLUSTER, FLEET_COL_PID, FLEET_COL_START, FLEET_COL_LIMIT,
	FLEET_COLUMNS
};
extern const struct input_column fleet_columns[FLEET_COLUMNS];

/*
 * Adds the current row to the fleet.  A bad one is left to input_bad(), which
 * has been called.  With `known`, instances not in the fleet are passed over.
 */
void fleet_input_row(struct input *, struct fleet *, bool known);

#endif
