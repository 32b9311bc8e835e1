#ifndef RESIN_REFS_H
#define RESIN_REFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "heap/fingerprint.h"

/*
 * refs - the database of reference snapshots, one SQLite file.  Each reference
 * is a fingerprint and its snapshots as one compressed table.
 *
 * Any number of writers and readers may use it at once: write-ahead logging, a
 * writer waits for the other; each change is one transaction, so a kill at any
 * instant leaves the database without it or with all of it.  To add the same
 * again changes nothing.  Values are bound, never made into SQL.
 *
 * Functions return false on trouble, with `why`.
 */
struct refs {
	sqlite3 *db;
	struct buf why;
};

struct refs_entry {
	int64_t id;
	struct fingerprint fp;
	uint64_t rows;
};

/* `create`: if there is no such file, make one. */
bool refs_open(struct refs *, const char *path, bool create);
bool refs_add(struct refs *, const struct fingerprint *, struct span table,
    uint64_t rows, int64_t *id);
/* Every reference, in order of id; spans are good during the call. */
bool refs_each(struct refs *, void (*)(void *, const struct refs_entry *),
    void *);
bool refs_table(struct refs *, int64_t id, struct buf *table);
/* Deletes what is older than `before`; *n is how many. */
bool refs_expire(struct refs *, int64_t before, uint64_t *n);
void refs_close(struct refs *);

#endif
