#ifndef RESIN_DUMPS_H
#define RESIN_DUMPS_H

#include "heap/dump.h"

/*
 * dumps - one call over many files of heap dumps, of any format: what each has
 * of snapshots is emitted, one after the other.  It numbers them, keeps the
 * names of frames and modules, and notices files of another process.
 *
 *	struct dumps all = { .options = &o, .emit = f, .times = DUMP_TIMES };
 *	while (more files)
 *		if (!dumps_read(&all, path))	...all.why
 *	dumps_free(&all);
 */

/*
 * Paths in the order of bytes are what a shell's pattern gives, where 10 stands
 * before 2: they are put into the order of their numbers.  Any other order is
 * somebody's choice and stays.
 */
void dumps_order(char **path, size_t n);

/* False: dumps.why.  Snapshots read before the trouble were emitted. */
bool dumps_read(struct dumps *, const char *path);
bool dumps_read_memory(struct dumps *, const void *, size_t);
void dumps_free(struct dumps *);

#endif
