#ifndef RESIN_ACT_UNDRAIN_H
#define RESIN_ACT_UNDRAIN_H

#include <stddef.h>

#include "act/tree.h"
#include "base/intern.h"
#include "base/vec.h"

/*
 * undrain - nodes that were drained for a leak and may hold guests again: no
 * leak on them is left for the node to settle, what was done to them has been
 * verified, and the rules allow it.  The paper leaves this to the scheduler.
 */
struct undrain {
	struct deed drain;
	size_t line;		/* the allow line */
};
struct undrains {
	VEC(struct undrain) list;	/* by node */
};

/* `busy`: nodes about which something else is planned. */
void undrain_find(struct undrains *, const struct tree *,
    const struct intern *busy);

#endif
