/*
 * libpanorun.so - preloaded by pano-run(1): the calls with which a program
 * crosses its boundary (Panorama's ob-boundaries), each followed by a look at
 * how it went.  The result, errno, descriptors and signal mask are the real
 * call's; see conns.h for what may happen in between.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pano/preload/conns.h"

#define EXPORT __attribute__((visibility("default")))

/* The next definition of a function, found once. */
#define REAL(name) \
	static __typeof__(name) *real; \
	if (__builtin_expect(real == NULL, 0)) \
		real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void
start(void)
{
	conns_start();
}

/* Errors that speak of the peer or of the way to it, not of the caller. */
static bool
about_peer(int error)
{
	switch (error) {
	case ECONNREFUSED: case ECONNRESET: case ECONNABORTED: case EPIPE:
	case ETIMEDOUT: case EHOSTUNREACH: case ENETUNREACH: case EHOSTDOWN:
	case ENETDOWN: case ENETRESET: case EIO: case ENOENT:
		return true;
	}
	return false;
}

/* connect(2) has come to its end, now or later. */
static void
connected(struct ring_conn *c, int error)
{
	c->connecting = 0;
	if (error == 0)
		conns_healthy(c, PANO_CONNECT);
	else if (about_peer(error) || error == EAGAIN)
		conns_unhealthy(c, PANO_CONNECT, error, 0);
	atomic_store(&c->waiting, 0);
}

static ssize_t
sent(int fd, ssize_t r)
{
	struct ring_conn *c = conns_of(fd);

	if (c == NULL)
		return r;
	if (c->connecting && (r >= 0 || about_peer(errno))) {
		connected(c, r >= 0 ? 0 : errno);
		if (r < 0)
			return r;
	}
	if (r >= 0) {
		conns_asked(c);
		conns_healthy(c, PANO_SEND);
	} else if (about_peer(errno))
		conns_unhealthy(c, PANO_SEND, errno, conns_waited(c));
	return r;
}

static ssize_t
received(int fd, ssize_t r)
{
	struct ring_conn *c = conns_of(fd);
	enum pano_context context;
	int64_t waited;

	if (c == NULL)
		return r;
	context = c->client ? PANO_REQUEST : PANO_RECEIVE;
	if (r > 0)
		conns_answered(c);
	else if (r == 0) {
		/* A close is news only to one who waits for an answer. */
		if (c->client && (waited = conns_waited(c)) != 0)
			conns_unhealthy(c, context, 0, waited);
	} else if (about_peer(errno))
		conns_unhealthy(c, context, errno, conns_waited(c));
	return r;
}

EXPORT int
connect(int fd, const struct sockaddr *peer, socklen_t len)
{
	struct ring_conn *c;
	int r, saved;

	REAL(connect);
	r = real(fd, peer, len);
	saved = errno;
	if (peer != NULL && (c = conns_open(fd, peer, len)) != NULL) {
		if (r == 0)
			connected(c, 0);
		else if (saved == EINPROGRESS) {
			c->connecting = 1;
			conns_asked(c);
		} else if (saved != EINTR && saved != EISCONN &&
		    saved != EALREADY)
			connected(c, saved);
	}
	errno = saved;
	return r;
}

EXPORT int
getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct ring_conn *c;
	int r;

	REAL(getsockopt);
	r = real(fd, level, name, value, len);
	if (r == 0 && level == SOL_SOCKET && name == SO_ERROR &&
	    (c = conns_of(fd)) != NULL) {
		int error = *(int *)value, saved = errno;

		if (c->connecting)
			connected(c, error);
		else if (about_peer(error))
			conns_unhealthy(c, PANO_REQUEST, error,
			    conns_waited(c));
		errno = saved;
	}
	return r;
}

EXPORT ssize_t
send(int fd, const void *buf, size_t n, int flags)
{
	REAL(send);
	return sent(fd, real(fd, buf, n, flags));
}

EXPORT ssize_t
sendto(int fd, const void *buf, size_t n, int flags,
    const struct sockaddr *to, socklen_t len)
{
	REAL(sendto);
	return sent(fd, real(fd, buf, n, flags, to, len));
}

EXPORT ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	REAL(sendmsg);
	return sent(fd, real(fd, m, flags));
}

EXPORT ssize_t
write(int fd, const void *buf, size_t n)
{
	REAL(write);
	return sent(fd, real(fd, buf, n));
}

EXPORT ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	REAL(writev);
	return sent(fd, real(fd, iov, n));
}

EXPORT ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	REAL(recv);
	return received(fd, real(fd, buf, n, flags));
}

EXPORT ssize_t
recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
    socklen_t *len)
{
	REAL(recvfrom);
	return received(fd, real(fd, buf, n, flags, from, len));
}

EXPORT ssize_t
recvmsg(int fd, struct msghdr *m, int flags)
{
	REAL(recvmsg);
	return received(fd, real(fd, m, flags));
}

EXPORT ssize_t
read(int fd, void *buf, size_t n)
{
	REAL(read);
	return received(fd, real(fd, buf, n));
}

EXPORT ssize_t
readv(int fd, const struct iovec *iov, int n)
{
	REAL(readv);
	return received(fd, real(fd, iov, n));
}

/* What -D_FORTIFY_SOURCE makes of them; the bounds are the caller's. */
ssize_t __read_chk(int, void *, size_t, size_t);
ssize_t __recv_chk(int, void *, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void *, size_t, size_t, int, struct sockaddr *,
    socklen_t *);
int __poll_chk(struct pollfd *, nfds_t, int, size_t);

EXPORT ssize_t
__read_chk(int fd, void *buf, size_t n, size_t size)
{
	REAL(__read_chk);
	return received(fd, real(fd, buf, n, size));
}

EXPORT ssize_t
__recv_chk(int fd, void *buf, size_t n, size_t size, int flags)
{
	REAL(__recv_chk);
	return received(fd, real(fd, buf, n, size, flags));
}

EXPORT ssize_t
__recvfrom_chk(int fd, void *buf, size_t n, size_t size, int flags,
    struct sockaddr *from, socklen_t *len)
{
	REAL(__recvfrom_chk);
	return received(fd, real(fd, buf, n, size, flags, from, len));
}

/* A timeout says nothing of peers that owe no answer: pano-run finds those
 * that do.  An error on a descriptor is news. */
static int
polled(struct pollfd *set, nfds_t n, int r)
{
	struct ring_conn *c;
	int saved = errno;

	if (r <= 0)
		return r;
	for (nfds_t i = 0; i < n; i++) {
		if (!(set[i].revents & (POLLERR | POLLOUT)) ||
		    (c = conns_of(set[i].fd)) == NULL || !c->connecting)
			continue;
		if (set[i].revents & POLLERR)
			continue;	/* SO_ERROR or the next call says why */
		connected(c, 0);
	}
	errno = saved;
	return r;
}

EXPORT int
poll(struct pollfd *set, nfds_t n, int timeout)
{
	REAL(poll);
	return polled(set, n, real(set, n, timeout));
}

EXPORT int
__poll_chk(struct pollfd *set, nfds_t n, int timeout, size_t size)
{
	REAL(__poll_chk);
	return polled(set, n, real(set, n, timeout, size));
}

EXPORT int
ppoll(struct pollfd *set, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	REAL(ppoll);
	return polled(set, n, real(set, n, timeout, mask));
}

EXPORT int
getaddrinfo(const char *node, const char *service,
    const struct addrinfo *hints, struct addrinfo **out)
{
	int r;

	REAL(getaddrinfo);
	r = real(node, service, hints, out);
	/* A number needs no resolver, and a bad flag is the caller's fault. */
	if (hints != NULL && (hints->ai_flags & AI_NUMERICHOST))
		return r;
	if (r == 0 || r == EAI_AGAIN || r == EAI_FAIL || r == EAI_NONAME ||
	    r == EAI_SYSTEM)
		conns_name(node, r == 0, r);
	return r;
}

EXPORT int
socket(int domain, int type, int protocol)
{
	int fd;

	REAL(socket);
	if ((fd = real(domain, type, protocol)) >= 0)
		conns_forget(fd);
	return fd;
}

EXPORT int
accept(int fd, struct sockaddr *peer, socklen_t *len)
{
	int r;

	REAL(accept);
	if ((r = real(fd, peer, len)) >= 0)
		conns_forget(r);
	return r;
}

EXPORT int
accept4(int fd, struct sockaddr *peer, socklen_t *len, int flags)
{
	int r;

	REAL(accept4);
	if ((r = real(fd, peer, len, flags)) >= 0)
		conns_forget(r);
	return r;
}

EXPORT int
dup(int fd)
{
	int r;

	REAL(dup);
	if ((r = real(fd)) >= 0)
		conns_copy(fd, r);
	return r;
}

EXPORT int
dup2(int fd, int to)
{
	int r;

	REAL(dup2);
	if ((r = real(fd, to)) >= 0)
		conns_copy(fd, r);
	return r;
}

EXPORT int
dup3(int fd, int to, int flags)
{
	int r;

	REAL(dup3);
	if ((r = real(fd, to, flags)) >= 0)
		conns_copy(fd, r);
	return r;
}

EXPORT int
close(int fd)
{
	int r, saved = errno;

	REAL(close);
	conns_give_up(fd);
	errno = saved;
	r = real(fd);
	saved = errno;
	conns_forget(fd);
	errno = saved;
	return r;
}

EXPORT int
fclose(FILE *f)
{
	int fd = f != NULL ? fileno(f) : -1, r;

	REAL(fclose);
	r = real(f);
	if (fd >= 0) {
		int saved = errno;

		conns_forget(fd);
		errno = saved;
	}
	return r;
}

EXPORT int
close_range(unsigned from, unsigned to, int flags)
{
	int r;

	REAL(close_range);
	r = real(from, to, flags);
	if (r == 0 && flags == 0) {
		int saved = errno;

		for (unsigned fd = from; fd <= to && fd < CONNS_FDS; fd++)
			conns_forget((int)fd);
		errno = saved;
	}
	return r;
}
