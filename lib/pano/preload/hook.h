#ifndef PANO_HOOK_H
#define PANO_HOOK_H

#include <dlfcn.h>
#include <stdbool.h>

#include "pano/preload/conns.h"
#include "pano/preload/evidence.h"
#include "pano/preload/tell.h"

/*
 * hook - libpanorun.so, preloaded by pano-run(1): the calls with which a
 * program crosses its boundary (Panorama's ob-boundaries), each followed by a
 * look at how it went.  The result, errno, descriptors and signal mask are the
 * real call's; see conns.h for what may happen in between.
 *
 *	connect.c	connecting, and resolving names
 *	transfer.c	sending and receiving
 *	await.c		waiting to receive
 *	descriptor.c	new, copied and closed descriptors
 */
#define EXPORT __attribute__((visibility("default")))

/* The next definition of a function, found once. */
#define REAL(name) \
	static __typeof__(name) *real; \
	if (__builtin_expect(real == NULL, 0)) \
		real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* Does an error speak of the peer or of the way to it, not of the caller? */
bool hook_about_peer(int error);
/* connect(2) has come to its end, now or later. */
void hook_connected(struct ring_conn *, int error);

/* The program reads there, or waits to: what it sends there are requests. */
static inline void
hook_listens(int fd)
{
	struct ring_conn *c = conns_of(fd);

	if (c != NULL && !c->listens)
		c->listens = 1;
}

#endif
