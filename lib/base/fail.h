#ifndef RESIN_FAIL_H
#define RESIN_FAIL_H

#include <stddef.h>

/*
 * How every tool ends.  The statuses stand in every page's EXIT STATUS:
 * FOUND only with --exit-code; RETRY is sysexits' EX_TEMPFAIL; never 126, 127
 * or 255, which shells, xargs(1) and ssh(1) keep for themselves.
 */
enum { EXIT_OK = 0, EXIT_FOUND = 1, EXIT_TROUBLE = 2, EXIT_RETRY = 75 };

/* Flush stdout and exit: `status`, or EXIT_TROUBLE if any write failed. */
_Noreturn void finish(int status);

/* "tool: out of memory", EXIT_TROUBLE. */
_Noreturn void fail_memory(void);

#endif
