#ifndef PANO_LOGS_H
#define PANO_LOGS_H

#include <stdbool.h>
#include <stddef.h>

#include "pano/entry.h"
#include "pano/tail.h"
#include "pano/logrules.h"

/*
 * logs - the entries of any number of logs.  Where the rules ask what belongs
 * to an entry, it is held until the next begins, the log ends, or nothing comes
 * for LOGS_HOLD_MS; else each line is one at once.
 */
enum { LOGS_HOLD_MS = 100 };

struct logs {
	struct logrules *rules;
	void (*entry)(void *arg, const char *file, const struct entry *);
	void *arg;
	char why[256];
};

/* Until all have ended, for ever if they are followed.  False: why. */
bool logs_read(struct logs *, char **file, size_t n, bool follow);


/* A table of peers, read as the rules say.  False: *why. */
bool logs_names(struct logrules *, const char *path, struct buf *why);

#endif
