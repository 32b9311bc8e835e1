#ifndef RESIN_BUCKET_SHARDS_H
#define RESIN_BUCKET_SHARDS_H

#include <stddef.h>

#include "base/buf.h"

/*
 * shards - is every part there?  A list holds one name a line; a name is met by
 * a file that is called so, with or without the directories before it.  What is
 * not there makes fewer nodes, not an error, so that only a list can tell.
 */

/* 1: all there; 0: *missing is the first that is not; -1: errno. */
int shards_check(const char *list, char *const *file, size_t nfile,
    struct buf *missing);

#endif
