#ifndef RESIN_HOST_H
#define RESIN_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * host - a process of this machine, by pid and start: a pid comes back in use,
 * the two together do not.
 */

/* When it started, or WHEN_NEVER if there is none (a zombie is none). */
int64_t host_start(uint64_t pid);

/* Is it there, and the one that started then?  Two seconds of grace: the
 * kernel counts from boot, and the clock may have been set since. */
bool host_same(uint64_t pid, int64_t start);

/* The value of a variable in its environment, into `out`.  False: not set. */
bool host_env(uint64_t pid, const char *name, struct buf *out);
bool host_catches(uint64_t pid, int signal);	/* it has a handler */
bool host_uid(uint64_t pid, unsigned *uid);
/* Its number in the name space that it lives in, as a container's own. */
uint64_t host_number(uint64_t pid);
/* A path as the process means it: in its root, from its directory. */
void host_path(uint64_t pid, const char *path, struct buf *out);

/* A buffer made to hold just these bytes, as a string. */
static inline char *
buf_again(struct buf *b, struct span s)
{
	b->n = 0;
	buf_span(b, s);
	return buf_cstr(b);
}

#endif
