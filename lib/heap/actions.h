#ifndef RESIN_ACTIONS_H
#define RESIN_ACTIONS_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * actions - what is being done to the leaks, from the ledger as
 * "resin-act --report" prints it: a trace gives way to a mitigation.
 *
 * Is an action on the component, or on all of the node, begun and not yet
 * verified?  1, 0, or -1: *why.
 */
int actions_under_way(char *file, const char *node, const char *component,
    struct buf *why);

#endif
