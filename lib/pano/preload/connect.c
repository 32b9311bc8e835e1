#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

#include "pano/preload/hook.h"

__attribute__((constructor)) static void
start(void)
{
	conns_start();
}

bool
hook_about_peer(int error)
{
	switch (error) {
	case ECONNREFUSED: case ECONNRESET: case ECONNABORTED: case EPIPE:
	case ETIMEDOUT: case EHOSTUNREACH: case ENETUNREACH: case EHOSTDOWN:
	case ENETDOWN: case ENETRESET: case EIO: case ENOENT:
		return true;
	}
	return false;
}

void
hook_connected(struct ring_conn *c, int error)
{
	if (error == 0) {
		evidence_connected(c);
		return;
	}
	c->connecting = 0;
	(void)evidence_waited(c);
	if (hook_about_peer(error) || error == EAGAIN)
		tell_unhealthy(c, PANO_CONNECT, error, 0);
}

EXPORT int
connect(int fd, const struct sockaddr *peer, socklen_t len)
{
	struct ring_conn *c;
	int r, saved;

	REAL(connect);
	r = real(fd, peer, len);
	saved = errno;
	if (r == -1 && (saved == EISCONN || saved == EALREADY)) {
		/* Asked again how the first call goes on. */
		if (saved == EISCONN && (c = conns_client(fd)) != NULL &&
		    c->connecting)
			hook_connected(c, 0);
	} else if (r == -1 && saved == ENETUNREACH && peer != NULL &&
	    peer->sa_family == AF_INET6) {
		/* Whoever tries all addresses of a name on a host without IPv6
		 * has learned nothing of the peer. */
	} else if (peer != NULL && (c = conns_open(fd, peer, len)) != NULL) {
		c->connecting = r == -1 && (saved == EINPROGRESS ||
		    saved == EINTR);
		if (c->connecting)
			evidence_asked(c, NULL, 0, 0);
		else
			hook_connected(c, r == 0 ? 0 : saved);
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
			hook_connected(c, error);
		else if (hook_about_peer(error))
			tell_unhealthy(c, PANO_REQUEST, error,
			    evidence_waited(c));
		errno = saved;
	}
	return r;
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
