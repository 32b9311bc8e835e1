#ifndef RESIN_ACT_PROCESS_H
#define RESIN_ACT_PROCESS_H

#include <stdint.h>

#include "base/span.h"

/*
 * process - a signal to one process of this machine and to no other.  A pid
 * comes back in use; (pid, start) does not.  The process is held by a pidfd
 * before its start is compared, so what was compared is what is signalled.
 */
enum process_result {
	PROCESS_GONE,	/* exited within the time */
	PROCESS_ALIVE,	/* signalled, still there */
	PROCESS_OTHER,	/* no such process any more, or never: not signalled */
	PROCESS_FAIL,	/* errno */
};

/*
 * `pid` and `start` (a time, as resin-collect writes it) are text from a
 * record.  Waits up to `patience` ns for the end.
 */
enum process_result process_signal(struct span pid, struct span start,
    int number, int64_t patience);

/* PROCESS_ALIVE if (pid, start) is there, else PROCESS_OTHER or _FAIL. */
enum process_result process_find(struct span pid, struct span start);

#endif
