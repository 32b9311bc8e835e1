#ifndef RESIN_LOCK_H
#define RESIN_LOCK_H

/*
 * lock - one process at a time for a file that is replaced rather than written
 * to: flock(2) of FILE.lock, which stays behind.  The lock ends with
 * lock_drop() or with the process, however that ends.
 */

/* A descriptor, or -1: errno; EWOULDBLOCK: somebody else has it. */
int lock_take(const char *path);
void lock_drop(int lock);

#endif
