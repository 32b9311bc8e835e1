#ifndef PANO_FIELDS_H
#define PANO_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/vec.h"

/*
 * fields - the named values of one log line.  Names are numbered when the rules
 * are read; a value is a span of the line, or text of its own.
 */
struct field {
	struct span value;
	bool set;
	struct buf own;		/* of a value that is not in the line */
};
struct fields {
	struct intern name;
	VEC(struct field) v;
};

uint32_t fields_number(struct fields *, struct span name);	/* adds if new */
void fields_clear(struct fields *);				/* the values */
struct span fields_get(const struct fields *, uint32_t);	/* or empty */
void fields_set(struct fields *, uint32_t, struct span);	/* not copied */
void fields_own(struct fields *, uint32_t, struct span);	/* copied */
void fields_free(struct fields *);

#endif
