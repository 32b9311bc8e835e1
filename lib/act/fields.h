#ifndef RESIN_ACT_FIELDS_H
#define RESIN_ACT_FIELDS_H

#include <stddef.h>

#include "base/span.h"

/*
 * fields - the named values of one row, as the rules see them.  An empty value
 * is no value.  Names and values belong to the caller.  A row may be followed
 * by another that is asked where the first has no value: a suspect, then the
 * state of its node.
 */
struct field {
	struct span name, value;
};

struct fields {
	const struct field *v;
	size_t n;
	const struct fields *more;	/* or NULL */
};

struct span fields_get(const struct fields *, struct span name);

#endif
