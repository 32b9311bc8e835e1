#ifndef RESIN_ROLLUP_INPUT_H
#define RESIN_ROLLUP_INPUT_H

#include "leak/rollup.h"
#include "table/input.h"

/* Samples as columns of a table: telemetry.  What else there is is carried
 * along as attributes, see input_carry(). */
enum { ROLLUP_TS, ROLLUP_COMPONENT, ROLLUP_NODE, ROLLUP_USAGE, ROLLUP_PID,
	ROLLUP_START, ROLLUP_COLUMNS };
extern const struct input_column rollup_columns[ROLLUP_COLUMNS];

/* All rows, to the end or the first fault; input_why() then says which. */
void rollup_read(struct rollup *, struct input *);

#endif
