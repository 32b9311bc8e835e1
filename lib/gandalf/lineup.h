#ifndef GANDALF_LINEUP_H
#define GANDALF_LINEUP_H

#include "gandalf/culprit.h"
#include "table/output.h"

/* lineup - concurrent changes, the most suspect first: the record `blame`. */
#define LINEUP_SIGNATURE "success"

/* Ranks and writes.  Whether there is a rank 1. */
bool lineup_write(const struct calls *, const struct culprit *,
    struct output *);

#endif
