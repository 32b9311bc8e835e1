#ifndef RESIN_RUN_COMMAND_H
#define RESIN_RUN_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * run_command - another program, without a shell, in a process group of its own
 * so that it can be ended with all that it started.
 */

/* Starts argv; its standard output goes to `out` or, if NULL, nowhere.  The
 * pid, or -1: *why has the reason. */
pid_t run_start(char **argv, const char *out, struct buf *why);
/* Waits up to `patience` ns, then ends the group.  False: *why. */
bool run_wait(pid_t, int64_t patience, struct buf *why);
void run_end(pid_t, int signal, int64_t patience);	/* and reap it */

/* Waits for an end by itself, else asks with SIGINT. */
void run_finish(pid_t, int64_t patience, struct buf *why);

/*
 * A command line as words, split at blanks; '...' and "..." hold blanks.  In
 * each word {pid} and {out} are replaced.  NULL-terminated; run_free() it.
 * With `pid` 0 only checked.  NULL: *why.
 */
char **run_words(const char *line, uint64_t pid, const char *out,
    bool *names_out, struct buf *why);
void run_free(char **argv);

#endif
