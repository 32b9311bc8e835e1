#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pano/preload/hook.h"

/* `text`, n: what was sent first, as far as it is at hand. */
static ssize_t
sent(int fd, const void *text, size_t n, ssize_t r)
{
	struct ring_conn *c = conns_of(fd);

	if (c == NULL)
		return r;
	if (c->connecting && (r >= 0 || hook_about_peer(errno))) {
		hook_connected(c, r >= 0 ? 0 : errno);
		if (r < 0)
			return r;
	}
	if (r >= 0) {
		evidence_asked(c, text, n, (size_t)r);
		tell_healthy(c, PANO_SEND);
	} else if (hook_about_peer(errno))
		tell_unhealthy(c, PANO_SEND, errno, evidence_waited(c));
	return r;
}

static ssize_t
sent_vector(int fd, const struct iovec *iov, size_t n, ssize_t r)
{
	if (r <= 0 || n == 0)
		return sent(fd, NULL, 0, r);
	return sent(fd, iov->iov_base, iov->iov_len, r);
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

/* `text`, n: where what was received begins, as far as it is at hand. */
static ssize_t
received(int fd, const void *text, size_t n, size_t wanted, ssize_t r)
{
	struct ring_conn *c = conns_of(fd);
	enum pano_context context;
	int64_t waited;

	if (c == NULL)
		return r;
	context = c->client ? PANO_REQUEST : PANO_RECEIVE;
	if (r > 0)
		evidence_answered(c, text, n < (size_t)r ? n : (size_t)r);
	else if (r == 0) {
		/* A close is news only to one who waits for an answer. */
		if (c->client && is_end(fd, wanted) &&
		    (waited = evidence_waited(c)) != 0)
			tell_unhealthy(c, context, 0, waited);
	} else if (hook_about_peer(errno))
		tell_unhealthy(c, context, errno, evidence_waited(c));
	return r;
}

static ssize_t
received_vector(int fd, const struct iovec *iov, size_t n, ssize_t r)
{
	if (r <= 0 || n == 0)
		return received(fd, NULL, 0, n, r);
	return received(fd, iov->iov_base, iov->iov_len, n, r);
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

	hook_listens(from);
	REAL(splice);
	if ((r = real(from, from_at, to, to_at, n, flags)) >= 0) {
		(void)received(from, NULL, 0, n, r);
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
		hook_listens(fd);
}

EXPORT ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(recv);
	return received(fd, buf, n, n, real(fd, buf, n, flags));
}

EXPORT ssize_t
recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
    socklen_t *len)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(recvfrom);
	return received(fd, buf, n, n, real(fd, buf, n, flags, from, len));
}

EXPORT ssize_t
recvmsg(int fd, struct msghdr *m, int flags)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(recvmsg);
	return received_vector(fd, m->msg_iov, m->msg_iovlen,
	    real(fd, m, flags));
}

EXPORT int
recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *t)
{
	int r;

	hook_listens(fd);
	REAL(recvmmsg);
	r = real(fd, m, n, flags, t);
	(void)received(fd, NULL, 0, n, r);
	return r;
}

EXPORT ssize_t
read(int fd, void *buf, size_t n)
{
	hook_listens(fd);
	REAL(read);
	return received(fd, buf, n, n, real(fd, buf, n));
}

EXPORT ssize_t
readv(int fd, const struct iovec *iov, int n)
{
	hook_listens(fd);
	REAL(readv);
	return received_vector(fd, iov, (size_t)n, real(fd, iov, n));
}

/* What -D_FORTIFY_SOURCE makes of them; the bounds are the caller's. */
ssize_t __read_chk(int, void *, size_t, size_t);
ssize_t __recv_chk(int, void *, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void *, size_t, size_t, int, struct sockaddr *,
    socklen_t *);

EXPORT ssize_t
__read_chk(int fd, void *buf, size_t n, size_t size)
{
	hook_listens(fd);
	REAL(__read_chk);
	return received(fd, buf, n, n, real(fd, buf, n, size));
}

EXPORT ssize_t
__recv_chk(int fd, void *buf, size_t n, size_t size, int flags)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(__recv_chk);
	return received(fd, buf, n, n, real(fd, buf, n, size, flags));
}

EXPORT ssize_t
__recvfrom_chk(int fd, void *buf, size_t n, size_t size, int flags,
    struct sockaddr *from, socklen_t *len)
{
	listens_unless(fd, flags & MSG_PEEK);
	REAL(__recvfrom_chk);
	return received(fd, buf, n, n,
	    real(fd, buf, n, size, flags, from, len));
}
