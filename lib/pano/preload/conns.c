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
#include <unistd.h>

#include "pano/preload/conns.h"

/*
 * What a descriptor is: UNKNOWN until it is first used, NOTHING that we watch,
 * or FIRST + the number of a connection.
 */
enum { FDS = CONNS_FDS, UNKNOWN = 0, NOTHING = 1, FIRST = 2 };

struct ring *conns_ring;
int32_t conns_self;
static _Atomic uint32_t known[FDS];

/* The child has descriptors of its own; the parent's are not its to close. */
static void
after_fork(void)
{
	conns_self = (int32_t)getpid();
	memset(known, 0, sizeof(known));
}

/* exec(2) keeps the pid and forgets everything else. */
static void
drop_own(void)
{
	for (size_t i = 0; i < RING_CONNS; i++)
		if (atomic_load(&conns_ring->conn[i].owner) == conns_self)
			atomic_store(&conns_ring->conn[i].owner, 0);
}

void
conns_start(void)
{
	const char *path = getenv("PANO_RING");
	struct ring *p;
	int fd;

	if (path == NULL || conns_ring != NULL)
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
	conns_self = (int32_t)getpid();
	pthread_atfork(NULL, NULL, after_fork);
	conns_ring = p;
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
	uint32_t start = atomic_fetch_add_explicit(&conns_ring->conn_hint, 1,
	    memory_order_relaxed), i;

	for (uint32_t k = 0; k < RING_CONNS; k++) {
		struct ring_conn *c;
		int32_t nobody = 0;

		i = (start + k) % RING_CONNS;
		c = &conns_ring->conn[i];
		if (!atomic_compare_exchange_strong(&c->owner, &nobody,
		    conns_self))
			continue;
		atomic_store(&c->refs, 1);
		atomic_store(&c->waiting, 0);
		atomic_store(&c->told, 0);
		for (int x = 0; x < PANO_CONTEXTS; x++)
			atomic_store(&c->healthy[x], 0);
		atomic_store(&c->patience, 0);
		c->client = c->connecting = c->listens = c->records = 0;
		c->subject[0] = '\0';
		atomic_store_explicit(&known[fd], FIRST + i,
		    memory_order_release);
		return c;
	}
	atomic_fetch_add(&conns_ring->lost, 1);
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

	if (conns_ring == NULL || (unsigned)fd >= FDS)
		return NULL;
	what = atomic_load_explicit(&known[fd], memory_order_acquire);
	if (what >= FIRST)
		return &conns_ring->conn[what - FIRST];
	return what == NOTHING ? NULL : discover(fd);
}

struct ring_conn *
conns_open(int fd, const struct sockaddr *peer, socklen_t len)
{
	char subject[RING_SUBJECT];
	struct ring_conn *c;

	conns_forget(fd);
	if (conns_ring == NULL || (unsigned)fd >= FDS ||
	    !subject_of(peer, len, true, subject))
		return NULL;
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
	return (int32_t)getpid() != conns_self;
}

void
conns_forget(int fd)
{
	struct ring_conn *c;
	uint32_t what;

	if (conns_ring == NULL || (unsigned)fd >= FDS ||
	    atomic_load(&known[fd]) == UNKNOWN || borrowed())
		return;
	what = atomic_exchange(&known[fd], UNKNOWN);
	if (what < FIRST)
		return;
	c = &conns_ring->conn[what - FIRST];
	if (atomic_load(&c->owner) == conns_self &&
	    atomic_fetch_sub(&c->refs, 1) == 1)
		atomic_store(&c->owner, 0);
}

void
conns_copy(int fd, int copy)
{
	struct ring_conn *c;

	if (conns_ring == NULL || (unsigned)copy >= FDS || fd == copy ||
	    borrowed())
		return;
	conns_forget(copy);
	if ((unsigned)fd >= FDS ||
	    atomic_load(&known[fd]) < FIRST || (c = conns_of(fd)) == NULL)
		return;
	atomic_fetch_add(&c->refs, 1);
	atomic_store(&known[copy], atomic_load(&known[fd]));
}

/* The connection that this process opened, as far as it is known by now. */
struct ring_conn *
conns_client(int fd)
{
	struct ring_conn *c;

	if (conns_ring == NULL || (unsigned)fd >= FDS ||
	    atomic_load_explicit(&known[fd], memory_order_acquire) < FIRST ||
	    borrowed() || (c = conns_of(fd)) == NULL || !c->client)
		return NULL;
	return c;
}
