#ifndef PANO_CONNS_H
#define PANO_CONNS_H

#include <stdint.h>
#include <sys/socket.h>

#include "pano/ring.h"

/*
 * conns - the sockets of this process, from inside the observed program.
 * Everything here and what it leads to (evidence.h, tell.h, refusal.h) is
 * lock-free and async-signal-safe, makes no allocation, and leaves errno as it
 * was.
 */

enum { CONNS_FDS = 65536 };	/* descriptors beyond are not observed */

/* The ring that pano-run made, NULL: nothing is observed; and our pid. */
extern struct ring *conns_ring;
extern int32_t conns_self;

void conns_start(void);		/* maps it */

/* The connection behind a descriptor; NULL: none that is observed. */
struct ring_conn *conns_of(int fd);
/* The same, if this process has opened it and has used it before. */
struct ring_conn *conns_client(int fd);
/* A connection that this process opens to `peer`. */
struct ring_conn *conns_open(int fd, const struct sockaddr *peer,
    socklen_t len);
void conns_forget(int fd);	/* a new or closed descriptor: nothing known */
void conns_copy(int fd, int copy);	/* dup(2) */

#endif
