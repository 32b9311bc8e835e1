#ifndef GANDALF_REPORT_H
#define GANDALF_REPORT_H

#include "gandalf/blame.h"
#include "table/output.h"

/* The ranked verdicts as a table: the record `blame` with all its numbers. */
void report_write(const struct blame *, const struct tally *,
    const struct score_rule *, double unit, struct output *);

#endif
