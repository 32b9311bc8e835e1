#ifndef RESIN_PPROF_WRITE_H
#define RESIN_PPROF_WRITE_H

#include "base/buf.h"
#include "heap/series.h"

/*
 * pprof_write - the growth from the first snapshot to the last as a gzipped
 * profile.proto (github.com/google/pprof/proto/profile.proto), with two values
 * a stack: delta_objects and delta_space.  Appended to `out`; false if zlib
 * fails.
 */
bool pprof_write(const struct series *, struct buf *out);

#endif
