#ifndef RESIN_BUCKET_INPUT_H
#define RESIN_BUCKET_INPUT_H

#include "leak/bucket.h"
#include "table/input.h"

/* bucket_input - telemetry into buckets, by the block where it is plain. */
enum { BUCKET_TS, BUCKET_COLUMNS = 4 };
extern const struct input_column bucket_columns[BUCKET_COLUMNS];

/*
 * All rows of an input that was opened with bucket_columns and behind them the
 * attributes to count apart.  input_why() says whether it went well.
 */
void bucket_read(struct bucket *, struct input *);

#endif
