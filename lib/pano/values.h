#ifndef PANO_VALUES_H
#define PANO_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/vec.h"

/*
 * values - the named values of one log line.  Names are numbered when the rules
 * are read; a value is a span of the line, or text of its own.
 */
struct value {
	struct span value;
	bool set;
	struct buf own;		/* of a value that is not in the line */
};
struct values {
	struct intern name;
	VEC(struct value) v;
};

uint32_t values_number(struct values *, struct span name); /* adds if new */
void values_clear(struct values *);				/* the values */
struct span values_get(const struct values *, uint32_t);	/* or empty */
void values_set(struct values *, uint32_t, struct span);	/* not copied */
void values_own(struct values *, uint32_t, struct span);	/* copied */
void values_free(struct values *);

#endif
