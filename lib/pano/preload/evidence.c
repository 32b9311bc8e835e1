#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "pano/preload/conns.h"
#include "pano/preload/evidence.h"

/*
 * When each (subject, context) was last called healthy, over connections that
 * come and go: tag << 32 | coarse seconds << 2 | times to say it regardless.
 * A collision costs a report more.
 */
enum { LIMITS = 4096 };
static _Atomic uint64_t limit[LIMITS];

/* After bad news, so many successes are said one by one: a judge that looks
 * back over five needs three to believe them. */
enum { AFTER_BAD = 3 };

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

static int64_t
now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
report(const char *subject, enum pano_context context,
    enum pano_evidence evidence, int error, int64_t waited)
{
	uint64_t at;
	struct ring_record *r = ring_reserve(conns_ring, &at);

	if (r == NULL)
		return;
	r->ts = now_ns(CLOCK_REALTIME);
	r->waited = waited;
	r->pid = conns_self;
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

static int32_t
coarse_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int32_t)t.tv_sec + 1;	/* 0 is "never" */
}

/*
 * Is healthy to be said now?  *quiet: and not again for healthy_every seconds.
 */
static bool
is_due(const char *subject, enum pano_context context, int32_t now, bool *quiet)
{
	uint32_t tag;
	_Atomic uint64_t *l = limit_of(subject, context, &tag);
	uint64_t held = atomic_load_explicit(l, memory_order_relaxed);
	uint32_t times = held & 3;
	bool ours = (uint32_t)(held >> 32) == tag;

	*quiet = !ours || times <= 1;
	if (ours && times == 0 && now - (int32_t)((uint32_t)held >> 2) <
	    conns_ring->healthy_every)
		return false;
	times = ours && times > 0 ? times - 1 : 0;
	atomic_store_explicit(l, (uint64_t)tag << 32 | (uint32_t)now << 2 |
	    times, memory_order_relaxed);
	return true;
}

void
evidence_healthy(struct ring_conn *c, enum pano_context context)
{
	int32_t now = coarse_seconds();
	int32_t last = atomic_load_explicit(&c->healthy[context],
	    memory_order_relaxed);
	bool due, quiet;

	if (last != 0 && now - last < conns_ring->healthy_every)
		return;
	due = is_due(c->subject, context, now, &quiet);
	if (quiet)
		atomic_store_explicit(&c->healthy[context], now,
		    memory_order_relaxed);
	if (due)
		report(c->subject, context, PANO_HEALTHY, 0, 0);
}

/* What is healthy again is to be said at once, and `times` in all. */
static void
reset_limit(struct ring_conn *c, enum pano_context context, uint64_t times)
{
	uint32_t tag;
	_Atomic uint64_t *l = limit_of(c->subject, context, &tag);

	atomic_store_explicit(&c->healthy[context], 0, memory_order_relaxed);
	atomic_store_explicit(l, (uint64_t)tag << 32 | times,
	    memory_order_relaxed);
}

void
evidence_unhealthy(struct ring_conn *c, enum pano_context context, int error,
    int64_t waited)
{
	int saved = errno;

	reset_limit(c, context, AFTER_BAD);
	report(c->subject, context, PANO_UNHEALTHY, error, waited);
	errno = saved;
}

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
		evidence_healthy(&c, PANO_RESOLVE);
	else
		evidence_unhealthy(&c, PANO_RESOLVE, error, 0);
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
	    now_ns(CLOCK_REALTIME_COARSE) - atomic_load_explicit(&c->heard,
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
	atomic_store_explicit(&c->waiting, now_ns(CLOCK_REALTIME_COARSE),
	    memory_order_release);
}

int64_t
evidence_waited(struct ring_conn *c)
{
	int64_t since = atomic_exchange_explicit(&c->waiting, 0,
	    memory_order_relaxed), waited;

	if (since == 0)
		return 0;
	waited = now_ns(CLOCK_REALTIME_COARSE) - since;
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
		evidence_healthy(c, context);
		return;
	}
	atomic_store(&c->told, 0);
	reset_limit(c, context, AFTER_BAD - 1);
	report(c->subject, context, PANO_HEALTHY, 0, waited);
}

void
evidence_connected(struct ring_conn *c)
{
	c->connecting = 0;
	come(c, PANO_CONNECT, evidence_waited(c));
}

void
evidence_answered(struct ring_conn *c)
{
	int64_t waited;

	if (!c->client) {
		evidence_healthy(c, PANO_RECEIVE);
		return;
	}
	if (c->records)
		atomic_store_explicit(&c->heard, now_ns(CLOCK_REALTIME_COARSE),
		    memory_order_relaxed);
	/* Who has few connections would be long in saying that they work. */
	if (atomic_load_explicit(&c->healthy[PANO_CONNECT],
	    memory_order_relaxed) == 0)
		evidence_healthy(c, PANO_CONNECT);
	if (atomic_load_explicit(&c->waiting, memory_order_relaxed) == 0)
		evidence_healthy(c, PANO_REQUEST);
	else {
		waited = evidence_waited(c);
		learn_patience(c, waited);
		come(c, PANO_REQUEST, waited);
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
			evidence_unhealthy(c, PANO_CONNECT, ETIMEDOUT, waited);
	} else if (c->listens && waited >= (patience > 0 ? patience : GIVEN_UP)
	    && !ring_waits(conns_ring, c->asked))
		evidence_unhealthy(c, PANO_REQUEST, ETIMEDOUT, waited);
}
