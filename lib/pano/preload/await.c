#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "pano/preload/hook.h"

/* Of -D_FORTIFY_SOURCE. */
int __poll_chk(struct pollfd *, nfds_t, int, size_t);
int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *,
    const sigset_t *, size_t);

static void
polls(struct pollfd *set, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++)
		if (set[i].events & POLLIN)
			hook_listens(set[i].fd);
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
			hook_connected(c, 0);
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
			hook_listens(fd);
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
		hook_listens(fd);
	REAL(epoll_ctl);
	return real(set, what, fd, event);
}
