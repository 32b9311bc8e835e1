#ifndef RESIN_NAMES_H
#define RESIN_NAMES_H

#include "base/buf.h"
#include "base/span.h"
#include "table/header.h"

/* names - lists of column names, as options and messages have them. */

/* In "ours=theirs,ours=theirs": what the file calls `ours`. */
struct span names_map(const char *map, const char *ours);
/* The same the other way: what the tools call the file's `theirs`. */
struct span names_unmap(const char *map, struct span theirs);
/* NULL if the list is well formed, else a reason. */
const char *names_check_map(const char *map);

size_t names_count(const char *list);		/* of "a,b,c" */
void names_split(const char *list, struct header *);

/* "ts, node, mem (did you mean 'node'?)", at most a dozen of them. */
void names_list(struct buf *, const struct span *name, size_t n,
    struct span missing);

#endif
