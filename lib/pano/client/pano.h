#ifndef PANO_H
#define PANO_H

/*
 * pano.h - a program says what it sees of its peers.  One header, nothing to
 * link; pano-instrument(1) inserts the calls, or a person does.
 *
 *	n = pano_recv(fd, buf, sizeof(buf), 0);		recv(2), and a report
 *	pano_say("db1", "query", "unhealthy", 0, "checksum");
 *
 * Observations are appended to the file that PANO_OUTPUT names, a row a
 * write(2), so that threads and processes may share it; without PANO_OUTPUT
 * nothing is done.  The observer is PANO_OBSERVER, else the program's name.
 * Healthy is said once in 20 s for a subject and context (the paper's client
 * library), anything else at once.  Results and errno are the real call's.
 * GNU C; the state is shared by all files of the program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

extern char *program_invocation_short_name;

#ifndef O_CLOEXEC	/* a program that asks for an old POSIX */
#define O_CLOEXEC 0
#endif
#ifndef CLOCK_MONOTONIC_COARSE
#define CLOCK_MONOTONIC_COARSE CLOCK_MONOTONIC
#endif

enum { PANO_SUBJECT = 128, PANO_LIMITS = 1024, PANO_EVERY = 20 /* s */ };

/* When a (subject, context) was last called healthy, by their hash. */
struct pano_limit {
	unsigned tag;
	time_t said;
};
__attribute__((weak)) struct pano_limit pano_limit[PANO_LIMITS];
__attribute__((weak)) int pano_fd;	/* 0: not tried yet, -1: none */

#define PANO_TEXT_(x) #x
#define PANO_TEXT(x) PANO_TEXT_(x)
#define PANO_HERE __FILE__ ":" PANO_TEXT(__LINE__)

static inline int
pano_open(void)
{
	static const char header[] =
	    "ts\tobserver\tsubject\tcontext\tstatus\tscore\tdetail\n";
	const char *path = getenv("PANO_OUTPUT");
	int fd = -1;

	if (path != NULL) {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND |
		    O_CLOEXEC, 0666);
		if (fd != -1)
			(void)!write(fd, header, sizeof(header) - 1);
		else
			fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	}
	return fd == 0 ? -1 : fd;
}

static inline unsigned
pano_hash(const char *subject, const char *context)
{
	unsigned h = 2166136261u;

	for (; *subject != '\0'; subject++)
		h = (h ^ (unsigned char)*subject) * 16777619u;
	for (h *= 31; *context != '\0'; context++)
		h = (h ^ (unsigned char)*context) * 16777619u;
	return h;
}

/* Is it too early to say healthy again?  Bad news makes the next one due. */
static inline int
pano_quiet(const char *subject, const char *context, int healthy)
{
	unsigned h = pano_hash(subject, context);
	struct pano_limit *l = &pano_limit[h % PANO_LIMITS];
	struct timespec t;

	/* Two that share a place do not take turns in it. */
	for (unsigned i = 0; i < 8 && l->tag != h && l->tag != 0; i++)
		l = &pano_limit[(h + i + 1) % PANO_LIMITS];
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	if (!healthy)
		l->said = 0;
	else if (l->tag == h && l->said != 0 && t.tv_sec - l->said < PANO_EVERY)
		return 1;
	else {
		l->tag = h;
		l->said = t.tv_sec + 1;
	}
	return 0;
}

/* Blanks for what would break the row. */
static inline void
pano_clean(char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] == '\t' || s[i] == '\n' || s[i] == '\r')
			s[i] = ' ';
}

static inline void
pano_say(const char *subject, const char *context, const char *status,
    int score, const char *detail)
{
	char row[1024], subject_[PANO_SUBJECT], detail_[256];
	const char *observer = getenv("PANO_OBSERVER");
	int saved = errno, n;
	struct timespec t;

	if (pano_fd == 0)
		pano_fd = pano_open();
	if (pano_fd > 0 &&
	    !pano_quiet(subject, context, strcmp(status, "healthy") == 0)) {
		clock_gettime(CLOCK_REALTIME, &t);
		snprintf(subject_, sizeof(subject_), "%s", subject);
		snprintf(detail_, sizeof(detail_), "%s", detail);
		pano_clean(subject_, strlen(subject_));
		pano_clean(detail_, strlen(detail_));
		n = snprintf(row, sizeof(row),
		    "%lld.%09ld\t%.200s\t%s\t%.80s\t%.20s\t%d\t%s\n",
		    (long long)t.tv_sec, t.tv_nsec, observer != NULL ?
		    observer : program_invocation_short_name, subject_,
		    context, status, score, detail_);
		if (n > 0 && (size_t)n < sizeof(row))
			(void)!write(pano_fd, row, (size_t)n);
	}
	errno = saved;
}

/* Who that is; 0: nobody that has a name. */
static inline int
pano_subject(const struct sockaddr *a, socklen_t len, char out[PANO_SUBJECT])
{
	const struct sockaddr_in *in4 = (const void *)a;
	const struct sockaddr_in6 *in6 = (const void *)a;
	const struct sockaddr_un *un = (const void *)a;
	char text[INET6_ADDRSTRLEN] = "";

	if (len >= sizeof(*in4) && a->sa_family == AF_INET) {
		inet_ntop(AF_INET, &in4->sin_addr, text, sizeof(text));
		snprintf(out, PANO_SUBJECT, "%s:%u", text,
		    ntohs(in4->sin_port));
		return 1;
	}
	if (len >= sizeof(*in6) && a->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
		snprintf(out, PANO_SUBJECT, "[%s]:%u", text,
		    ntohs(in6->sin6_port));
		return 1;
	}
	if (len > offsetof(struct sockaddr_un, sun_path) &&
	    a->sa_family == AF_UNIX && un->sun_path[0] != '\0') {
		snprintf(out, PANO_SUBJECT, "unix:%.*s", (int)(len -
		    offsetof(struct sockaddr_un, sun_path)), un->sun_path);
		return 1;
	}
	return 0;
}

static inline int
pano_peer(int fd, char out[PANO_SUBJECT])
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	int saved = errno, r;

	memset(&a, 0, sizeof(a));
	r = getpeername(fd, (struct sockaddr *)&a, &len) == 0 &&
	    pano_subject((struct sockaddr *)&a, len, out);
	errno = saved;
	return r;
}

/* Errors that speak of the peer or of the way to it. */
static inline int
pano_about_peer(int error)
{
	switch (error) {
	case ECONNREFUSED: case ECONNRESET: case ECONNABORTED: case EPIPE:
	case ETIMEDOUT: case EHOSTUNREACH: case ENETUNREACH: case ENETDOWN:
	case ENETRESET: case EIO:
		return 1;
	}
	return 0;
}

/*
 * What became of a call on a descriptor: r is its result.  A peer that has
 * reset the connection has no name any more: the last one seen is kept.
 */
enum { PANO_FDS = 4096 };
__attribute__((weak)) char pano_known[PANO_FDS][PANO_SUBJECT];
__attribute__((weak)) time_t pano_checked[PANO_FDS][3];	/* by direction */

static inline time_t *
pano_last_check(int fd, const char *context)
{
	return &pano_checked[fd][*context == 's' ? 0 : *context == 'r' ? 1 : 2];
}

static inline ssize_t
pano_result(int fd, const char *context, ssize_t r, const char *here)
{
	int saved = errno;
	char detail[160], peer[PANO_SUBJECT];
	struct timespec t;

	if (pano_fd == -1 || fd < 0 || fd >= PANO_FDS ||
	    (r < 0 && !pano_about_peer(saved)))
		return r;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	if (r >= 0) {
		if (*pano_last_check(fd, context) == t.tv_sec)
			return r;	/* once a second */
		*pano_last_check(fd, context) = t.tv_sec;
		if (pano_peer(fd, peer)) {
			memcpy(pano_known[fd], peer, sizeof(peer));
			pano_say(peer, context, "healthy", 100, here);
		} else
			pano_known[fd][0] = '\0';
	} else if (pano_peer(fd, peer) || pano_known[fd][0] != '\0') {
		if (pano_known[fd][0] == '\0')
			memcpy(pano_known[fd], peer, sizeof(peer));
		*pano_last_check(fd, context) = 0;
		snprintf(detail, sizeof(detail), "%s at %s",
		    strerror(saved), here);
		pano_say(pano_known[fd], context, "unhealthy", 0, detail);
	}
	errno = saved;
	return r;
}

/*
 * In the handler of an end of stream: the peer went away while it was needed.
 */
static inline void
pano_closed(int fd, const char *here)
{
	char detail[160], peer[PANO_SUBJECT] = "";

	if (fd < 0 || fd >= PANO_FDS)
		return;
	if (pano_peer(fd, peer) || pano_known[fd][0] != '\0') {
		snprintf(detail, sizeof(detail), "end of stream at %s", here);
		pano_say(peer[0] != '\0' ? peer : pano_known[fd], "receive",
		    "unhealthy", 0, detail);
	}
}

/* In the handler of a timeout: who was waited for has not answered. */
static inline void
pano_waited(int fd, const char *here)
{
	char detail[160], peer[PANO_SUBJECT];

	if (pano_peer(fd, peer)) {
		snprintf(detail, sizeof(detail), "timeout at %s", here);
		pano_say(peer, "receive", "pending", 50, detail);
	}
}

static inline int
pano_connect_at(int fd, const struct sockaddr *a, socklen_t len,
    const char *here)
{
	int r = connect(fd, a, len), saved = errno;
	char subject[PANO_SUBJECT], detail[160];

	if (fd >= 0 && fd < PANO_FDS && pano_subject(a, len, subject)) {
		memcpy(pano_known[fd], subject, sizeof(subject));
		memset(pano_checked[fd], 0, sizeof(pano_checked[fd]));
		snprintf(detail, sizeof(detail), "%s at %s", strerror(saved),
		    here);
		if (r == 0)
			pano_say(subject, "connect", "healthy", 100, here);
		else if (pano_about_peer(saved))
			pano_say(subject, "connect", "unhealthy", 0, detail);
	}
	errno = saved;
	return r;
}

/* A connect(2) that went on behind the caller's back ends here. */
static inline int
pano_getsockopt_at(int fd, int level, int name, void *value, socklen_t *len,
    const char *here)
{
	int r = getsockopt(fd, level, name, value, len), saved = errno;

	if (r == 0 && level == SOL_SOCKET && name == SO_ERROR) {
		errno = *(int *)value;
		pano_result(fd, "connect", errno == 0 ? 0 : -1, here);
	}
	errno = saved;
	return r;
}

static inline int
pano_poll_at(struct pollfd *set, nfds_t n, int timeout, const char *here)
{
	int r = poll(set, n, timeout), saved = errno;

	if (r == 0 && timeout > 0)
		for (nfds_t i = 0; i < n; i++)
			if (set[i].fd >= 0 && (set[i].events & POLLIN))
				pano_waited(set[i].fd, here);
	errno = saved;
	return r;
}

static inline int
pano_getaddrinfo_at(const char *node, const char *service,
    const struct addrinfo *hints, struct addrinfo **out, const char *here)
{
	int r = getaddrinfo(node, service, hints, out), saved = errno;
	char detail[160];

	if (node != NULL && r == 0)
		pano_say(node, "resolve", "healthy", 100, here);
	else if (node != NULL && (r == EAI_AGAIN || r == EAI_FAIL ||
	    r == EAI_NONAME || r == EAI_SYSTEM)) {
		snprintf(detail, sizeof(detail), "%s at %s", gai_strerror(r),
		    here);
		pano_say(node, "resolve", "unhealthy", 0, detail);
	}
	errno = saved;
	return r;
}

#define pano_connect(fd, a, n) pano_connect_at(fd, a, n, PANO_HERE)
#define pano_poll(set, n, t) pano_poll_at(set, n, t, PANO_HERE)
#define pano_getaddrinfo(h, s, i, o) pano_getaddrinfo_at(h, s, i, o, PANO_HERE)
#define pano_getsockopt(fd, l, n, v, s) \
	pano_getsockopt_at(fd, l, n, v, s, PANO_HERE)

/* The transfers: the descriptor is evaluated once, and kept for the report. */
#define PANO_CALL(context, fd, call) \
	(__extension__ ({ \
		int pano_on = (fd); \
		pano_result(pano_on, context, (call), PANO_HERE); \
	}))
#define pano_send(fd, ...) PANO_CALL("send", fd, send(pano_on, __VA_ARGS__))
#define pano_sendto(fd, ...) PANO_CALL("send", fd, sendto(pano_on, __VA_ARGS__))
#define pano_sendmsg(fd, ...) \
	PANO_CALL("send", fd, sendmsg(pano_on, __VA_ARGS__))
#define pano_write(fd, ...) PANO_CALL("send", fd, write(pano_on, __VA_ARGS__))
#define pano_writev(fd, ...) PANO_CALL("send", fd, writev(pano_on, __VA_ARGS__))
#define pano_recv(fd, ...) PANO_CALL("receive", fd, recv(pano_on, __VA_ARGS__))
#define pano_recvfrom(fd, ...) \
	PANO_CALL("receive", fd, recvfrom(pano_on, __VA_ARGS__))
#define pano_recvmsg(fd, ...) \
	PANO_CALL("receive", fd, recvmsg(pano_on, __VA_ARGS__))
#define pano_read(fd, ...) PANO_CALL("receive", fd, read(pano_on, __VA_ARGS__))
#define pano_readv(fd, ...) \
	PANO_CALL("receive", fd, readv(pano_on, __VA_ARGS__))

#endif
