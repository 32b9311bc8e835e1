#ifndef PANO_EVIDENCE_H
#define PANO_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pano/ring.h"

/* evidence - what the calls on a connection say of its peer. */
void evidence_name(const char *name, bool resolved, int error);

/* connect(2) has succeeded, now or after a while. */
void evidence_connected(struct ring_conn *);

/*
 * A connection that we opened and read from has requests: what is sent waits
 * until something is received.  `text`, n: how it begins, for ring_waits().
 */
void evidence_asked(struct ring_conn *, const void *text, size_t n,
    size_t sent);
/* `text`, n: how what was received begins, as far as it is at hand. */
void evidence_answered(struct ring_conn *, const void *text, size_t n);
/* Nothing waits any longer; ns that it did, 0: nothing had. */
int64_t evidence_waited(struct ring_conn *);
/* Closed by us: on a request long without an answer, that is news. */
void evidence_give_up(struct ring_conn *);

#endif
