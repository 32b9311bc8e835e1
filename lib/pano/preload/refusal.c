#include <string.h>

#include "base/hash.h"
#include "pano/preload/conns.h"
#include "pano/preload/refusal.h"
#include "pano/preload/tell.h"
#include "pano/refused.h"

/*
 * Subjects that have refused and are not well again.  A collision, or a race of
 * two threads, costs a report more or one less.
 */
enum { REFUSERS = 1024, PROBES = 4 };
static struct refuser {
	_Atomic uint32_t tag;		/* 0: free */
	_Atomic uint32_t well;		/* good answers in succession */
	_Atomic int64_t told;		/* ns, when last called unhealthy */
} refuser[REFUSERS];
static _Atomic uint32_t refusers;

/* So many good answers in succession: of reads and writes in turn, one of the
 * two fails every time. */
enum { WELL = 8 };

/* Who refuses a hundred thousand requests a second is said to do so ten times
 * a second (ns). */
#define TELL_EVERY INT64_C(100000000)

static uint32_t
tag_of(const char *subject)
{
	uint32_t h = (uint32_t)hash_bytes(subject, strnlen(subject,
	    RING_SUBJECT));

	return h != 0 ? h : 1;
}

static struct refuser *
find(uint32_t tag)
{
	for (uint32_t i = 0; i < PROBES; i++) {
		struct refuser *r = &refuser[(tag + i) % REFUSERS];

		if (atomic_load_explicit(&r->tag, memory_order_relaxed) == tag)
			return r;
	}
	return NULL;
}

/* A place for a subject, or NULL: its places are taken. */
static struct refuser *
take(uint32_t tag)
{
	for (uint32_t i = 0; i < PROBES; i++) {
		struct refuser *r = &refuser[(tag + i) % REFUSERS];
		uint32_t nobody = 0;

		if (!atomic_compare_exchange_strong(&r->tag, &nobody, tag))
			continue;
		atomic_store(&r->told, 0);
		atomic_fetch_add(&refusers, 1);
		return r;
	}
	return NULL;
}

static void
refused(const char *subject, int code)
{
	uint32_t tag = tag_of(subject);
	struct refuser *r = find(tag);
	int64_t now = tell_clock(CLOCK_MONOTONIC_COARSE);

	if (r == NULL)
		r = take(tag);
	if (r != NULL) {
		atomic_store(&r->well, 0);
		if (now - atomic_load(&r->told) < TELL_EVERY)
			return;
		atomic_store(&r->told, now);
	}
	tell(subject, PANO_ANSWER, PANO_UNHEALTHY, code, 0);
}

static void
answered_well(const char *subject)
{
	struct refuser *r = find(tag_of(subject));
	uint32_t well;

	if (r == NULL)
		return;
	well = atomic_fetch_add(&r->well, 1) + 1;
	if (well < WELL)
		return;
	tell(subject, PANO_ANSWER, PANO_HEALTHY, 0, 0);
	if (well == WELL + TELL_AFTER_BAD - 1 &&
	    atomic_exchange(&r->tag, 0) != 0)
		atomic_fetch_sub(&refusers, 1);
}

void
refusal_seen(const char *subject, const void *text, size_t n)
{
	int code = refused_code(text, n);

	if (code != 0)
		refused(subject, code);
	else if (atomic_load_explicit(&refusers, memory_order_relaxed) > 0)
		answered_well(subject);
}
