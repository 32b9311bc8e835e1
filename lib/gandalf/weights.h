#ifndef GANDALF_WEIGHTS_H
#define GANDALF_WEIGHTS_H

#include "base/intern.h"
#include "base/vec.h"
#include "table/input.h"

/*
 * weights - what is known of signatures beforehand: 0 (ignore) to 100 for those
 * that contain a text; of several the longest, and the least in bytes of these.
 */
struct weights {
	struct intern text;
	VEC(double) weight;
};

enum { WEIGHTS_SIGNATURE, WEIGHTS_WEIGHT, WEIGHTS_COLUMNS };
extern const struct input_column weights_columns[WEIGHTS_COLUMNS];

void weights_add(struct weights *, struct input *);
/* NaN if there is none. */
double weights_of(const struct weights *, struct span signature);
void weights_free(struct weights *);

#endif
