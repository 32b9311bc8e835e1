#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pano/preload/conns.h"
#include "pano/preload/evidence.h"
#include "pano/preload/refusal.h"
#include "pano/preload/tell.h"

/* Who closes a connection that has been silent for so long (ns) since it was
 * asked, has given up. */
#define GIVEN_UP INT64_C(500000000)

/* Who sends more than this (bytes) is still asking: an upload waits from its
 * last piece, not from its first. */
enum { BULK = 65536 };

/* What is as short as this (bytes) and follows what was received within this
 * time (ns), where acknowledgements are usual, is one. */
enum { ACK = 64 };
#define ACK_WITHIN INT64_C(200000000)

void
evidence_name(const char *name, bool resolved, int error)
{
	struct ring_conn c = { 0 };
	unsigned char number[sizeof(struct in6_addr)];
	int saved = errno;

	/* A number needs no resolver. */
	if (conns_ring == NULL || name == NULL ||
	    inet_pton(AF_INET, name, number) == 1 ||
	    inet_pton(AF_INET6, name, number) == 1)
		return;
	snprintf(c.subject, sizeof(c.subject), "%s", name);
	if (resolved)
		tell_healthy(&c, PANO_RESOLVE);
	else
		tell_unhealthy(&c, PANO_RESOLVE, error, 0);
	errno = saved;
}

/* How TLS, HTTP/2, AMQP, SSH and MQTT begin: with them not every message that
 * a client sends is a request. */
static bool
begins_records(const char *s, size_t n)
{
	return (n >= 2 && memcmp(s, "\x16\x03", 2) == 0) ||
	    (n >= 5 && memcmp(s, "PRI *", 5) == 0) ||
	    (n >= 4 && memcmp(s, "AMQP", 4) == 0) ||
	    (n >= 4 && memcmp(s, "SSH-", 4) == 0) ||
	    (n >= 8 && s[0] == 0x10 && memcmp(s + 4, "MQTT", 4) == 0);
}

/* Window updates, acknowledged settings and messages; MySQL's closing of a
 * statement, which has no answer. */
static bool
is_acknowledgement(struct ring_conn *c, const char *s, size_t n, size_t sent)
{
	if (!c->records && begins_records(s, n))
		c->records = 1;
	if (sent == 9 && n >= 5 && memcmp(s, "\5\0\0\0\x19", 5) == 0)
		return true;
	return c->records && sent <= ACK &&
	    tell_clock(CLOCK_REALTIME_COARSE) - atomic_load_explicit(&c->heard,
	    memory_order_relaxed) < ACK_WITHIN;
}

void
evidence_asked(struct ring_conn *c, const void *text, size_t n, size_t sent)
{
	if (!c->client || (n > 0 && is_acknowledgement(c, text, n, sent)))
		return;
	if (atomic_load_explicit(&c->waiting, memory_order_relaxed) == 0) {
		if (n > RING_ASKED)
			n = RING_ASKED;
		memset(c->asked, 0, sizeof(c->asked));
		if (n > 0)
			memcpy(c->asked, text, n);
		c->sent = 0;
	} else if (c->sent < BULK) {
		c->sent += sent < BULK ? (uint32_t)sent : BULK;
		return;
	}
	atomic_store_explicit(&c->waiting, tell_clock(CLOCK_REALTIME_COARSE),
	    memory_order_release);
}

int64_t
evidence_waited(struct ring_conn *c)
{
	int64_t since = atomic_exchange_explicit(&c->waiting, 0,
	    memory_order_relaxed), waited;

	if (since == 0)
		return 0;
	waited = tell_clock(CLOCK_REALTIME_COARSE) - since;
	return waited > 0 ? waited : 1;
}

/*
 * A connection on which an answer took long is granted twice that from now on
 * (a queue that is empty, heartbeats of both sides); each quick answer takes a
 * little of it back, so that an outage is soon forgotten.
 */
static void
learn_patience(struct ring_conn *c, int64_t waited)
{
	int64_t p = atomic_load_explicit(&c->patience, memory_order_relaxed);

	if (waited >= conns_ring->pending_after && 2 * waited > p)
		p = 2 * waited;
	else if (p == 0)
		return;
	else if ((p -= p / 64) < conns_ring->pending_after)
		p = 0;
	atomic_store_explicit(&c->patience, p, memory_order_relaxed);
}

/* What was waited for has come.  Whoever heard `pending` is owed that. */
static void
come(struct ring_conn *c, enum pano_context context, int64_t waited)
{
	if (waited < conns_ring->pending_after && atomic_load(&c->told) == 0) {
		tell_healthy(c, context);
		return;
	}
	atomic_store(&c->told, 0);
	tell_again(c, context, TELL_AFTER_BAD - 1);
	tell(c->subject, context, PANO_HEALTHY, 0, waited);
}

void
evidence_connected(struct ring_conn *c)
{
	c->connecting = 0;
	come(c, PANO_CONNECT, evidence_waited(c));
}

void
evidence_answered(struct ring_conn *c, const void *text, size_t n)
{
	int64_t waited;

	if (!c->client) {
		tell_healthy(c, PANO_RECEIVE);
		return;
	}
	if (c->records)
		atomic_store_explicit(&c->heard,
		    tell_clock(CLOCK_REALTIME_COARSE), memory_order_relaxed);
	/* Who has few connections would be long in saying that they work. */
	if (atomic_load_explicit(&c->healthy[PANO_CONNECT],
	    memory_order_relaxed) == 0)
		tell_healthy(c, PANO_CONNECT);
	if (atomic_load_explicit(&c->waiting, memory_order_relaxed) == 0)
		tell_healthy(c, PANO_REQUEST);
	else {
		waited = evidence_waited(c);
		learn_patience(c, waited);
		come(c, PANO_REQUEST, waited);
		refusal_seen(c->subject, text, n);
	}
}

void
evidence_give_up(struct ring_conn *c)
{
	int64_t waited = evidence_waited(c);
	int64_t patience = atomic_load(&c->patience);

	if (waited == 0)
		return;
	if (c->connecting) {
		if (waited >= GIVEN_UP)
			tell_unhealthy(c, PANO_CONNECT, ETIMEDOUT, waited);
	} else if (c->listens && waited >= (patience > 0 ? patience : GIVEN_UP)
	    && !ring_waits(conns_ring, c->asked))
		tell_unhealthy(c, PANO_REQUEST, ETIMEDOUT, waited);
}
