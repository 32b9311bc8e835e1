/*
 * libpanorun.so - preloaded by pano-run(1): the calls with which a program
 * crosses its boundary (Panorama's ob-boundaries), each followed by a look at
 * how it went.  The result, errno, descriptors and signal mask are the real
 * call's; see evidence.h for what may happen in between.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pano/preload/conns.h"
#include "pano/preload/evidence.h"

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
	if (error == 0) {
		evidence_connected(c);
		return;
	}
	c->connecting = 0;
	(void)evidence_waited(c);
	if (about_peer(error) || error == EAGAIN)
		evidence_unhealthy(c, PANO_CONNECT, error, 0);
}

/* `text`, n: what was sent first, as far as it is at hand. */
static ssize_t
sent(int fd, const void *text, size_t n, ssize_t r)
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
		evidence_asked(c, text, n, (size_t)r);
		evidence_healthy(c, PANO_SEND);
	} else if (about_peer(errno))
		evidence_unhealthy(c, PANO_SEND, errno, evidence_waited(c));
	return r;
}

static ssize_t
sent_vector(int fd, const struct iovec *iov, size_t n, ssize_t r)
{
	if (r <= 0 || n == 0)
		return sent(fd, NULL, 0, r);
	return sent(fd, iov->iov_base, iov->iov_len, r);
}

/* The program reads there, or waits to: what it sends there are requests. */
static void
listens(int fd)
{
	struct ring_conn *c = conns_of(fd);

	if (c != NULL && !c->listens)
		c->listens = 1;
}

/* Nothing received ends a stream; it may be a datagram, or nothing wanted. */
static bool
is_end(int fd, size_t wanted)
{
	int type = 0, saved = errno;
	socklen_t len = sizeof(type);
	bool end = wanted > 0 && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type,
	    &len) == 0 && type != SOCK_DGRAM;

	errno = saved;
	return end;
}

static ssize_t
received(int fd, size_t wanted, ssize_t r)
{
	struct ring_conn *c = conns_of(fd);
	enum pano_context context;
	int64_t waited;

	if (c == NULL)
		return r;
	context = c->client ? PANO_REQUEST : PANO_RECEIVE;
	if (r > 0)
		evidence_answered(c);
	else if (r == 0) {
		/* A close is news only to one who waits for an answer. */
		if (c->client && is_end(fd, wanted) &&
		    (waited = evidence_waited(c)) != 0)
			evidence_unhealthy(c, context, 0, waited);
	} else if (about_peer(errno))
		evidence_unhealthy(c, context, errno, evidence_waited(c));
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
	if (r == -1 && (saved == EISCONN || saved == EALREADY ||
	    saved == EINTR)) {
		/* Asked again how the first call goes on. */
		if (saved == EISCONN && (c = conns_client(fd)) != NULL &&
		    c->connecting)
			connected(c, 0);
	} else if (peer != NULL && (c = conns_open(fd, peer, len)) != NULL) {
		c->connecting = r == -1 && saved == EINPROGRESS;
		if (c->connecting)
			evidence_asked(c, NULL, 0, 0);
		else
			connected(c, r == 0 ? 0 : saved);
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
			evidence_unhealthy(c, PANO_REQUEST, error,
			    evidence_waited(c));
		errno = saved;
	}
	return r;
}

EXPORT ssize_t
send(int fd, const void *buf, size_t n, int flags)
{
	REAL(send);
	return sent(fd, buf, n, real(fd, buf, n, flags));
}

EXPORT ssize_t
sendto(int fd, const void *buf, size_t n, int flags,
    const struct sockaddr *to, socklen_t len)
{
	REAL(sendto);
	return sent(fd, buf, n, real(fd, buf, n, flags, to, len));
}

EXPORT ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	REAL(sendmsg);
	return sent_vector(fd, m->msg_iov, m->msg_iovlen, real(fd, m, flags));
}

EXPORT int
sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	int r;

	REAL(sendmmsg);
	r = real(fd, m, n, flags);
	(void)sent(fd, NULL, 0, r);
	return r;
}

EXPORT ssize_t
write(int fd, const void *buf, size_t n)
{
	REAL(write);
	return sent(fd, buf, n, real(fd, buf, n));
}

EXPORT ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	REAL(writev);
	return sent_vector(fd, iov, (size_t)n, real(fd, iov, n));
}

EXPORT ssize_t
sendfile(int to, int from, off_t *at, size_t n)
{
	REAL(sendfile);
	return sent(to, NULL, 0, real(to, from, at, n));
}

EXPORT ssize_t
sendfile64(int to, int from, off64_t *at, size_t n)
{
	REAL(sendfile64);
	return sent(to, NULL, 0, real(to, from, at, n));
}

/* An error could be of either side; the next call on that side says. */
EXPORT ssize_t
splice(int from, off64_t *from_at, int to, off64_t *to_at, size_t n,
    unsigned flags)
{
	ssize_t r;

	listens(from);
	REAL(splice);
	if ((r = real(from, from_at, to, to_at, n, flags)) >= 0) {
		(void)received(from, n, r);
		(void)sent(to, NULL, 0, r);
	}
	return r;
}

/* A look at what is there, such as whether the other end has closed, is not
 * yet a wish for an answer. */
static void
listens_unless(int fd, bool peek)
{
	if (!peek)
		listens(fd);
}

EXPORT ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(recv);
	return received(fd, n, real(fd, buf, n, flags));
}

EXPORT ssize_t
recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
    socklen_t *len)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(recvfrom);
	return received(fd, n, real(fd, buf, n, flags, from, len));
}

EXPORT ssize_t
recvmsg(int fd, struct msghdr *m, int flags)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(recvmsg);
	return received(fd, m->msg_iovlen, real(fd, m, flags));
}

EXPORT int
recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *t)
{
	int r;

	listens(fd);
	REAL(recvmmsg);
	r = real(fd, m, n, flags, t);
	(void)received(fd, n, r);
	return r;
}

EXPORT ssize_t
read(int fd, void *buf, size_t n)
{
	listens(fd);
	REAL(read);
	return received(fd, n, real(fd, buf, n));
}

EXPORT ssize_t
readv(int fd, const struct iovec *iov, int n)
{
	listens(fd);
	REAL(readv);
	return received(fd, (size_t)n, real(fd, iov, n));
}

/* What -D_FORTIFY_SOURCE makes of them; the bounds are the caller's. */
ssize_t __read_chk(int, void *, size_t, size_t);
ssize_t __recv_chk(int, void *, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void *, size_t, size_t, int, struct sockaddr *,
    socklen_t *);
int __poll_chk(struct pollfd *, nfds_t, int, size_t);
int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *,
    const sigset_t *, size_t);

EXPORT ssize_t
__read_chk(int fd, void *buf, size_t n, size_t size)
{
	listens(fd);
	REAL(__read_chk);
	return received(fd, n, real(fd, buf, n, size));
}

EXPORT ssize_t
__recv_chk(int fd, void *buf, size_t n, size_t size, int flags)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(__recv_chk);
	return received(fd, n, real(fd, buf, n, size, flags));
}

EXPORT ssize_t
__recvfrom_chk(int fd, void *buf, size_t n, size_t size, int flags,
    struct sockaddr *from, socklen_t *len)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(__recvfrom_chk);
	return received(fd, n, real(fd, buf, n, size, flags, from, len));
}

static void
polls(const struct pollfd *set, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++)
		if (set[i].events & POLLIN)
			listens(set[i].fd);
}

/* A timeout says nothing of peers that owe no answer: pano-run finds those
 * that do.  An error on a descriptor is news. */
static int
polled(struct pollfd *set, nfds_t n, int r)
{
	struct ring_conn *c;
	int saved = errno;

	for (nfds_t i = 0; r > 0 && i < n; i++) {
		/* Of an error, SO_ERROR or the next call says why. */
		if ((set[i].revents & (POLLERR | POLLOUT)) == POLLOUT &&
		    (c = conns_of(set[i].fd)) != NULL && c->connecting)
			connected(c, 0);
	}
	errno = saved;
	return r;
}

EXPORT int
poll(struct pollfd *set, nfds_t n, int timeout)
{
	polls(set, n);
	REAL(poll);
	return polled(set, n, real(set, n, timeout));
}

EXPORT int
__poll_chk(struct pollfd *set, nfds_t n, int timeout, size_t size)
{
	polls(set, n);
	REAL(__poll_chk);
	return polled(set, n, real(set, n, timeout, size));
}

EXPORT int
ppoll(struct pollfd *set, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	polls(set, n);
	REAL(ppoll);
	return polled(set, n, real(set, n, timeout, mask));
}

EXPORT int
__ppoll_chk(struct pollfd *set, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask, size_t size)
{
	polls(set, n);
	REAL(__ppoll_chk);
	return polled(set, n, real(set, n, timeout, mask, size));
}

static void
selects(const fd_set *in, int n)
{
	for (int fd = 0; in != NULL && fd < n && fd < FD_SETSIZE; fd++)
		if (FD_ISSET(fd, in))
			listens(fd);
}

EXPORT int
select(int n, fd_set *in, fd_set *out, fd_set *bad, struct timeval *timeout)
{
	selects(in, n);
	REAL(select);
	return real(n, in, out, bad, timeout);
}

EXPORT int
pselect(int n, fd_set *in, fd_set *out, fd_set *bad,
    const struct timespec *timeout, const sigset_t *mask)
{
	selects(in, n);
	REAL(pselect);
	return real(n, in, out, bad, timeout, mask);
}

EXPORT int
epoll_ctl(int set, int what, int fd, struct epoll_event *event)
{
	if (event != NULL && what != EPOLL_CTL_DEL && event->events & EPOLLIN)
		listens(fd);
	REAL(epoll_ctl);
	return real(set, what, fd, event);
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
		evidence_name(node, r == 0, r);
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

static int
duplicated(int fd, int what, int r)
{
	if (r >= 0 && (what == F_DUPFD || what == F_DUPFD_CLOEXEC))
		conns_copy(fd, r);
	return r;
}

/* Its last argument, if there is one, is no larger than a pointer. */
#define FCNTL(name) \
EXPORT int \
name(int fd, int what, ...) \
{ \
	va_list ap; \
	void *arg; \
\
	va_start(ap, what); \
	arg = va_arg(ap, void *); \
	va_end(ap); \
	REAL(name); \
	return duplicated(fd, what, real(fd, what, arg)); \
}

FCNTL(fcntl)
FCNTL(fcntl64)

EXPORT int
close(int fd)
{
	struct ring_conn *c;
	int r, saved = errno;

	REAL(close);
	if ((c = conns_client(fd)) != NULL && atomic_load(&c->refs) == 1)
		evidence_give_up(c);
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

static void
forget_range(unsigned from, unsigned to)
{
	int saved = errno;

	for (unsigned fd = from; fd <= to && fd < CONNS_FDS; fd++)
		conns_forget((int)fd);
	errno = saved;
}

EXPORT int
close_range(unsigned from, unsigned to, int flags)
{
	int r;

	REAL(close_range);
	r = real(from, to, flags);
	if (r == 0 && !(flags & (int)CLOSE_RANGE_CLOEXEC))
		forget_range(from, to);
	return r;
}

EXPORT void
closefrom(int from)
{
	REAL(closefrom);
	real(from);
	forget_range(from > 0 ? (unsigned)from : 0, UINT_MAX);
}
