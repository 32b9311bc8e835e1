#ifndef PANO_TAIL_H
#define PANO_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/span.h"
#include "table/source.h"

/*
 * tail - the lines of a log: a file (also compressed), a pipe, or a file that
 * is followed while it grows and across its rotation, by rename or truncation.
 * A line is cut at TAIL_MAX bytes; the rest of it is skipped.
 */
enum { TAIL_MAX = 64 * 1024 };
enum tail_result {
	TAIL_GOT,
	TAIL_WAIT,	/* nothing now, maybe later */
	TAIL_END,
	TAIL_FAIL,	/* tail_why() */
};
struct tail {
	const char *path;	/* the caller's; "-" is standard input */
	bool follow;
	struct source source;	/* unless it is followed */
	bool open;
	int fd;			/* of the followed file, -1: not there now */
	dev_t dev;
	ino_t ino;
	struct buf text;
	size_t at;		/* first byte not given out */
	size_t looked;		/* no newline before this */
	bool skipping, ended;
	size_t line;		/* number of the last given out, 1-based */
	char why[256];
};

bool tail_open(struct tail *, const char *path, bool follow);
enum tail_result tail_next(struct tail *, struct span *);
/* Until something may have come, or `ms` have passed; -1 is for ever. */
void tail_wait(const struct tail *, int ms);
void tail_close(struct tail *);

#endif
