#ifndef RESIN_CAPTURE_H
#define RESIN_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * capture - one heap snapshot of a running process, by a command or by what the
 * process itself has on board.  Nothing goes through a shell, and no signal is
 * sent that the process does not catch.
 */
enum capture_way {
	CAPTURE_AUTO,		/* as the process' environment says */
	CAPTURE_COMMAND,	/* argv with {pid} and {out} */
	CAPTURE_JVM,		/* jcmd PID GC.class_histogram */
	CAPTURE_GPERFTOOLS,	/* HEAPPROFILESIGNAL, then its newest dump */
	CAPTURE_JEMALLOC,	/* the newest dump that it wrote by itself */
	CAPTURE_HEAPTRACK,	/* attached until the end: one record */
};

struct capture {
	enum capture_way way;
	const char *command;	/* CAPTURE_COMMAND */
	int64_t timeout;	/* ns for one snapshot */
	uint64_t largest;	/* bytes of one snapshot */
};

extern const char *const capture_ways[6];	/* names, by number */

/* The way for a process; CAPTURE_AUTO if there is none: *why. */
enum capture_way capture_way(const struct capture *, uint64_t pid,
    struct buf *why);

/*
 * Writes the file `out`.  `since` is the time of the newest dump taken already,
 * for processes that write dumps themselves; it is moved on.  False: *why, and
 * there is no file.
 */
bool capture_take(const struct capture *, enum capture_way, uint64_t pid,
    const char *out, int64_t *since, struct buf *why);

/* heaptrack: attach, recording to `out`.  The helper's pid, or -1: *why. */
pid_t capture_attach(uint64_t pid, const char *out, struct buf *why);
void capture_detach(const struct capture *, uint64_t pid, pid_t helper);

#endif
