#ifndef PANO_CONNS_H
#define PANO_CONNS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "pano/ring.h"

/*
 * conns - the sockets of this process and what is known of each, from inside
 * the observed program.  Everything here is lock-free and async-signal-safe,
 * makes no allocation, and leaves errno as it was.
 */

enum { CONNS_FDS = 65536 };	/* descriptors beyond are not observed */

/* Maps the ring that pano-run made; without one, nothing is observed. */
void conns_start(void);

/* The connection behind a descriptor; NULL: none that is observed. */
struct ring_conn *conns_of(int fd);
/* A connection that this process opens to `peer`. */
struct ring_conn *conns_open(int fd, const struct sockaddr *peer,
    socklen_t len);
void conns_forget(int fd);	/* a new or closed descriptor: nothing known */
void conns_copy(int fd, int copy);	/* dup(2) */

/* What was seen.  Healthy is said once in a while, anything else at once. */
void conns_healthy(struct ring_conn *, enum pano_context);
void conns_unhealthy(struct ring_conn *, enum pano_context, int error,
    int64_t waited);
void conns_name(const char *name, bool healthy, int error);

/* A request was sent, its answer came, or it will not come (waited ns, 0). */
void conns_asked(struct ring_conn *);
void conns_answered(struct ring_conn *);
int64_t conns_waited(struct ring_conn *);
/* The descriptor is closed: on a request long without an answer, that is news. */
void conns_give_up(int fd);

#endif
