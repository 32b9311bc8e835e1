#ifndef RESIN_ACT_RUN_H
#define RESIN_ACT_RUN_H

#include <stdint.h>

#include "base/buf.h"

/*
 * run - one command, without a shell, in a session of its own, with nothing on
 * standard input; what it says on standard output and error is kept, the first
 * RUN_SAID bytes.  When the time is up its process group gets SIGTERM, two
 * seconds later SIGKILL, and so does every process descended from it, also one
 * that made itself a session.  If we are killed, it is (PR_SET_PDEATHSIG).
 */
#define RUN_SAID 4096

enum run_how { RUN_EXIT, RUN_SIGNAL, RUN_TIMEOUT, RUN_FAIL };

struct run_result {
	enum run_how how;
	int status;		/* exit status, signal, or errno of RUN_FAIL */
};

/* argv ends in NULL.  `said` may be NULL. */
struct run_result run_command(char *const argv[], int64_t timeout,
    struct buf *said);

#endif
