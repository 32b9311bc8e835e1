#ifndef RESIN_HUMAN_H
#define RESIN_HUMAN_H

#include <stdint.h>

#include "base/buf.h"

/* human - values as people read them, appended. */

/* Bytes: 17 B, 4 KiB, 11.5 MiB; a sign only if negative. */
void buf_bytes(struct buf *, double bytes);

/* A time in UTC to the minute: 2021-01-01 00:00 UTC. */
void buf_when(struct buf *, int64_t ns);

/*
 * n heights between the least and the greatest of the values, U+2581 to 2588.
 */
void buf_sparkline(struct buf *, const double *, size_t n);

#endif
