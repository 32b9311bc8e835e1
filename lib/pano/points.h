#ifndef PANO_POINTS_H
#define PANO_POINTS_H

#include "base/buf.h"
#include "table/output.h"

/*
 * points - observation points in the text of a C source: calls into pano.h.
 */

/*
 * Includes the header, if there are points, behind the last #include that no
 * #if guards: what the file defines for the system's headers has been said by
 * then.
 */
void points_include(struct buf *text);

/* A row for each: the file's name, the line's number, the point, the line. */
void points_list(struct output *, const char *name, const struct buf *text);

#endif
