#ifndef RESIN_ACT_CENSUS_H
#define RESIN_ACT_CENSUS_H

#include <stdint.h>

#include "base/intern.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * census - how many nodes there are in a cluster, with a component, or in all:
 * the whole of which a limit in percent takes its part.
 */
struct census {
	struct intern pairs, groups;
	VEC(uint64_t) nodes;	/* by group */
};

/* A node that has the value in the field.  An empty value counts nothing. */
void census_add(struct census *, struct span field, struct span value,
    struct span node);
/* Empty field: all nodes.  0: unknown. */
uint64_t census_nodes(const struct census *, struct span field,
    struct span value);
void census_free(struct census *);

#endif
