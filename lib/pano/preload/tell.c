#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "pano/preload/conns.h"
#include "pano/preload/tell.h"

/*
 * When each (subject, context) was last called healthy, over connections that
 * come and go: tag << 32 | coarse seconds << 2 | times to say it regardless.
 * A collision costs a report more.
 */
enum { LIMITS = 4096 };
static _Atomic uint64_t limit[LIMITS];

int64_t
tell_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
tell(const char *subject, enum pano_context context,
    enum pano_evidence evidence, int error, int64_t waited)
{
	uint64_t at;
	struct ring_record *r = ring_reserve(conns_ring, &at);

	if (r == NULL)
		return;
	r->ts = tell_clock(CLOCK_REALTIME);
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
tell_healthy(struct ring_conn *c, enum pano_context context)
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
		tell(c->subject, context, PANO_HEALTHY, 0, 0);
}

void
tell_again(struct ring_conn *c, enum pano_context context, uint64_t times)
{
	uint32_t tag;
	_Atomic uint64_t *l = limit_of(c->subject, context, &tag);

	atomic_store_explicit(&c->healthy[context], 0, memory_order_relaxed);
	atomic_store_explicit(l, (uint64_t)tag << 32 | times,
	    memory_order_relaxed);
}

void
tell_unhealthy(struct ring_conn *c, enum pano_context context, int error,
    int64_t waited)
{
	int saved = errno;

	tell_again(c, context, TELL_AFTER_BAD);
	tell(c->subject, context, PANO_UNHEALTHY, error, waited);
	errno = saved;
}
