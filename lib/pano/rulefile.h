#ifndef PANO_RULEFILE_H
#define PANO_RULEFILE_H

#include "pano/logrules.h"

/*
 * rulefile - the statements of pano-rules(5), from r->text into r.
 * False: *why, "path:line: reason: 'text'".
 */
bool rulefile_parse(struct logrules *r, struct buf *why);

#endif
