#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "pano/preload/conns.h"

/*
 * What a descriptor is: UNKNOWN until it is first used, NOTHING that we watch,
 * or FIRST + the number of a connection.
 */
enum { FDS = CONNS_FDS, UNKNOWN = 0, NOTHING = 1, FIRST = 2 };

static struct ring *ring;
static int32_t self;
static _Atomic uint32_t known[FDS];

/*
 * When each (subject, context) was last called healthy, over connections that
 * come and go: tag << 32 | coarse seconds.  A collision costs a report more.
 */
enum { LIMITS = 4096 };
static _Atomic uint64_t limit[LIMITS];

static int64_t
now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The child has descriptors of its own; the parent's are not its to close. */
static void
after_fork(void)
{
	self = (int32_t)getpid();
	memset(known, 0, sizeof(known));
}

/* exec(2) keeps the pid and forgets everything else. */
static void
drop_own(void)
{
	for (size_t i = 0; i < RING_CONNS; i++)
		if (atomic_load(&ring->conn[i].owner) == self)
			atomic_store(&ring->conn[i].owner, 0);
}

void
conns_start(void)
{
	const char *path = getenv("PANO_RING");
	struct ring *p;
	int fd;

	if (path == NULL || ring != NULL)
		return;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return;
	p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	syscall(SYS_close, fd);
	if (p == MAP_FAILED)
		return;
	if (p->version != RING_VERSION) {
		munmap(p, sizeof(*p));
		return;
	}
	self = (int32_t)getpid();
	pthread_atfork(NULL, NULL, after_fork);
	ring = p;
	drop_own();
}

/* "10.0.0.1:80", "[::1]:80", "unix:/run/x"; false: nobody one could name. */
static bool
subject_of(const struct sockaddr *a, socklen_t len, bool port,
    char out[RING_SUBJECT])
{
	const struct sockaddr_in *in4 = (const void *)a;
	const struct sockaddr_in6 *in6 = (const void *)a;
	const struct sockaddr_un *un = (const void *)a;
	char text[INET6_ADDRSTRLEN];
	size_t n;

	if (len < sizeof(a->sa_family))
		return false;
	switch (a->sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &in4->sin_addr, text, sizeof(text));
		snprintf(out, RING_SUBJECT, port ? "%s:%u" : "%s", text,
		    ntohs(in4->sin_port));
		return true;
	case AF_INET6:
		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
			inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], text,
			    sizeof(text));
			snprintf(out, RING_SUBJECT, port ? "%s:%u" : "%s",
			    text, ntohs(in6->sin6_port));
			return true;
		}
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
		snprintf(out, RING_SUBJECT, port ? "[%s]:%u" : "%s", text,
		    ntohs(in6->sin6_port));
		return true;
	case AF_UNIX:
		n = len - offsetof(struct sockaddr_un, sun_path);
		if (len <= offsetof(struct sockaddr_un, sun_path) || n == 0)
			return false;
		if (un->sun_path[0] == '\0')	/* an abstract name */
			snprintf(out, RING_SUBJECT, "unix:@%.*s", (int)n - 1,
			    un->sun_path + 1);
		else
			snprintf(out, RING_SUBJECT, "unix:%.*s", (int)n,
			    un->sun_path);
		return true;
	}
	return false;
}

/* A free connection, ours from now on; NULL: the table is full. */
static struct ring_conn *
take_conn(int fd)
{
	uint32_t start = atomic_fetch_add_explicit(&ring->conn_hint, 1,
	    memory_order_relaxed), i;

	for (uint32_t k = 0; k < RING_CONNS; k++) {
		struct ring_conn *c;
		int32_t nobody = 0;

		i = (start + k) % RING_CONNS;
		c = &ring->conn[i];
		if (!atomic_compare_exchange_strong(&c->owner, &nobody, self))
			continue;
		atomic_store(&c->refs, 1);
		atomic_store(&c->waiting, 0);
		atomic_store(&c->told, 0);
		for (int x = 0; x < PANO_CONTEXTS; x++)
			atomic_store(&c->healthy[x], 0);
		c->client = c->connecting = 0;
		c->subject[0] = '\0';
		atomic_store_explicit(&known[fd], FIRST + i,
		    memory_order_release);
		return c;
	}
	atomic_fetch_add(&ring->lost, 1);
	atomic_store(&known[fd], NOTHING);
	return NULL;
}

/* Seen for the first time: accepted, inherited or received. */
static struct ring_conn *
discover(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	char subject[RING_SUBJECT];
	struct ring_conn *c = NULL;
	int saved = errno;

	memset(&peer, 0, sizeof(peer));
	if (getpeername(fd, (struct sockaddr *)&peer, &len) == -1 ||
	    !subject_of((struct sockaddr *)&peer, len, false, subject))
		atomic_store(&known[fd], NOTHING);
	else if ((c = take_conn(fd)) != NULL)
		memcpy(c->subject, subject, sizeof(subject));
	errno = saved;
	return c;
}

struct ring_conn *
conns_of(int fd)
{
	uint32_t what;

	if (ring == NULL || (unsigned)fd >= FDS)
		return NULL;
	what = atomic_load_explicit(&known[fd], memory_order_acquire);
	if (what >= FIRST)
		return &ring->conn[what - FIRST];
	return what == NOTHING ? NULL : discover(fd);
}

struct ring_conn *
conns_open(int fd, const struct sockaddr *peer, socklen_t len)
{
	char subject[RING_SUBJECT];
	struct ring_conn *c;

	if (ring == NULL || (unsigned)fd >= FDS ||
	    !subject_of(peer, len, true, subject))
		return NULL;
	conns_forget(fd);
	if ((c = take_conn(fd)) != NULL) {
		memcpy(c->subject, subject, sizeof(subject));
		c->client = 1;
	}
	return c;
}

/* A vfork(2) child runs in our memory, with descriptors of its own. */
static bool
borrowed(void)
{
	return (int32_t)getpid() != self;
}

void
conns_forget(int fd)
{
	struct ring_conn *c;
	uint32_t what;

	if (ring == NULL || (unsigned)fd >= FDS || borrowed())
		return;
	what = atomic_exchange(&known[fd], UNKNOWN);
	if (what < FIRST)
		return;
	c = &ring->conn[what - FIRST];
	if (atomic_load(&c->owner) == self &&
	    atomic_fetch_sub(&c->refs, 1) == 1)
		atomic_store(&c->owner, 0);
}

void
conns_copy(int fd, int copy)
{
	struct ring_conn *c;

	if (ring == NULL || (unsigned)copy >= FDS || fd == copy || borrowed())
		return;
	conns_forget(copy);
	if ((unsigned)fd >= FDS ||
	    atomic_load(&known[fd]) < FIRST || (c = conns_of(fd)) == NULL)
		return;
	atomic_fetch_add(&c->refs, 1);
	atomic_store(&known[copy], atomic_load(&known[fd]));
}

static void
report(const char *subject, enum pano_context context,
    enum pano_evidence evidence, int error, int64_t waited)
{
	uint64_t at;
	struct ring_record *r = ring_reserve(ring, &at);

	if (r == NULL)
		return;
	r->ts = now_ns(CLOCK_REALTIME);
	r->waited = waited;
	r->pid = self;
	r->error = (int16_t)error;
	r->context = (uint8_t)context;
	r->evidence = (uint8_t)evidence;
	memcpy(r->subject, subject, RING_SUBJECT);
	ring_publish(r, at);
}

static _Atomic uint64_t *
limit_of(const char *subject, enum pano_context context, uint32_t *tag)
{
	uint64_t h = hash_bytes(subject, strnlen(subject, RING_SUBJECT)) +
	    (uint64_t)context * 0x9e3779b97f4a7c15u, held;
	_Atomic uint64_t *l = NULL;

	*tag = (uint32_t)(h >> 32);
	/* Two that share a place do not take turns in it. */
	for (unsigned i = 0; i < 4; i++) {
		l = &limit[(h + i) % LIMITS];
		held = atomic_load_explicit(l, memory_order_relaxed);
		if (held == 0 || (uint32_t)(held >> 32) == *tag)
			break;
	}
	return l;
}

/* Was this said within the last healthy_every seconds?  If not, it is now. */
static bool
said_lately(const char *subject, enum pano_context context, int32_t now)
{
	uint32_t tag;
	_Atomic uint64_t *l = limit_of(subject, context, &tag);
	uint64_t last = atomic_load_explicit(l, memory_order_relaxed);

	if ((uint32_t)(last >> 32) == tag &&
	    now - (int32_t)(uint32_t)last < ring->healthy_every)
		return true;
	atomic_store_explicit(l, (uint64_t)tag << 32 | (uint32_t)now,
	    memory_order_relaxed);
	return false;
}

static int32_t
coarse_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int32_t)t.tv_sec + 1;	/* 0 is "never" */
}

void
conns_healthy(struct ring_conn *c, enum pano_context context)
{
	int32_t now = coarse_seconds();
	int32_t last = atomic_load_explicit(&c->healthy[context],
	    memory_order_relaxed);

	if (last != 0 && now - last < ring->healthy_every)
		return;
	atomic_store_explicit(&c->healthy[context], now, memory_order_relaxed);
	if (!said_lately(c->subject, context, now))
		report(c->subject, context, PANO_HEALTHY, 0, 0);
}

/* What is healthy again is to be said at once: forget that it ever was. */
static void
reset_limit(struct ring_conn *c, enum pano_context context)
{
	uint32_t tag;

	atomic_store_explicit(&c->healthy[context], 0, memory_order_relaxed);
	atomic_store_explicit(limit_of(c->subject, context, &tag), 0,
	    memory_order_relaxed);
}

void
conns_unhealthy(struct ring_conn *c, enum pano_context context, int error,
    int64_t waited)
{
	int saved = errno;

	reset_limit(c, context);
	report(c->subject, context, PANO_UNHEALTHY, error, waited);
	errno = saved;
}

void
conns_name(const char *name, bool healthy, int error)
{
	struct ring_conn c = { 0 };
	unsigned char number[sizeof(struct in6_addr)];
	int saved = errno;

	/* A number needs no resolver. */
	if (ring == NULL || name == NULL ||
	    inet_pton(AF_INET, name, number) == 1 ||
	    inet_pton(AF_INET6, name, number) == 1)
		return;
	snprintf(c.subject, sizeof(c.subject), "%s", name);
	if (healthy)
		conns_healthy(&c, PANO_RESOLVE);
	else
		conns_unhealthy(&c, PANO_RESOLVE, error, 0);
	errno = saved;
}

void
conns_asked(struct ring_conn *c)
{
	if (c->client && atomic_load_explicit(&c->waiting,
	    memory_order_relaxed) == 0)
		atomic_store_explicit(&c->waiting,
		    now_ns(CLOCK_REALTIME_COARSE), memory_order_relaxed);
}

int64_t
conns_waited(struct ring_conn *c)
{
	int64_t since = atomic_exchange_explicit(&c->waiting, 0,
	    memory_order_relaxed), waited;

	if (since == 0)
		return 0;
	waited = now_ns(CLOCK_REALTIME_COARSE) - since;
	return waited > 0 ? waited : 1;
}

void
conns_answered(struct ring_conn *c)
{
	int64_t waited;

	if (!c->client) {
		conns_healthy(c, PANO_RECEIVE);
		return;
	}
	if (atomic_load_explicit(&c->waiting, memory_order_relaxed) != 0) {
		waited = conns_waited(c);
		if (waited >= ring->pending_after) {
			/* Whoever heard `pending` is owed the answer. */
			reset_limit(c, PANO_REQUEST);
			report(c->subject, PANO_REQUEST, PANO_HEALTHY, 0,
			    waited);
			return;
		}
	}
	conns_healthy(c, PANO_REQUEST);
}

void
conns_give_up(int fd)
{
	struct ring_conn *c;
	int64_t waited;

	if (ring == NULL || (unsigned)fd >= FDS ||
	    atomic_load_explicit(&known[fd], memory_order_acquire) < FIRST ||
	    borrowed() || (c = conns_of(fd)) == NULL || !c->client ||
	    (waited = conns_waited(c)) < ring->pending_after)
		return;
	conns_unhealthy(c, c->connecting ? PANO_CONNECT : PANO_REQUEST,
	    ETIMEDOUT, waited);
}
