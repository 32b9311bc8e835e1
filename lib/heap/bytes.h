#ifndef RESIN_BYTES_H
#define RESIN_BYTES_H

#include "base/buf.h"

/* A number of bytes for people: 17 B, 4.0 KiB, 11.5 MiB; with its sign. */
void buf_bytes(struct buf *, double bytes);

#endif
