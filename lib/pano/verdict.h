#ifndef PANO_VERDICT_H
#define PANO_VERDICT_H

#include "pano/judge.h"
#include "table/output.h"

/* verdict - as a row; the columns are those of pano-judge(1).  With a detector
 * there are four more. */
void verdict_header(struct output *, bool detector);
void verdict_write(struct output *, const struct verdict *, bool detector);

#endif
