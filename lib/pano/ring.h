#ifndef PANO_RING_H
#define PANO_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * ring - what a running program saw of its peers, on the way from its threads
 * to pano-run(1): one piece of memory that both have mapped.  A report is a
 * bounded wait-free write (Vyukov's bounded queue): no lock, no system call, no
 * allocation; what does not fit is counted as lost.  Because the memory is
 * shared, a report outlives the crash of the program that made it.
 *
 * A program killed between taking a slot and publishing it would stop the
 * reader; ring_take() steps over such a slot when told to.
 */
enum {
	RING_RECORDS = 8192,	/* a power of two */
	RING_CONNS = 4096,
	RING_SUBJECT = 96,	/* bytes of a subject, NUL-terminated */
	RING_ASKED = 64,	/* first bytes of a request, NULs behind */
	RING_WAITS = 32,	/* texts of requests that wait by intent, */
	RING_WAIT_TEXT = 32,	/* NUL-terminated */
	RING_VERSION = 3,
};

enum pano_context {
	PANO_CONNECT, PANO_SEND, PANO_RECEIVE, PANO_REQUEST, PANO_RESOLVE,
	PANO_CLOSE, PANO_ANSWER, PANO_CONTEXTS
};

/* Panorama's codes, in their order of severity. */
enum pano_evidence { PANO_HEALTHY = 2, PANO_PENDING = 3, PANO_UNHEALTHY = 5 };

struct ring_record {
	_Atomic uint64_t turn;	/* position: free; position + 1: written */
	int64_t ts;		/* ns since the epoch */
	int64_t waited;		/* ns that a request had no answer; 0: none */
	int32_t pid;
	int16_t error;		/* errno; EAI_* for PANO_RESOLVE, refused.h's
				 * for PANO_ANSWER; 0: none */
	uint8_t context, evidence;
	char subject[RING_SUBJECT];
};

/*
 * A connection that a process has.  The program says since when a request waits
 * for its answer; pano-run looks here from time to time, so that no thread of
 * the program needs a timer.
 */
struct ring_conn {
	_Atomic int32_t owner;		/* pid; 0: free */
	_Atomic int32_t refs;		/* descriptors of the owner */
	_Atomic int64_t waiting;	/* ns since the epoch; 0: nothing */
	_Atomic int64_t told;		/* the `waiting` reported as pending */
	_Atomic int64_t patience;	/* ns that answers may take here; 0: as
					 * everywhere */
	_Atomic int32_t healthy[PANO_CONTEXTS];	/* coarse s, last report */
	_Atomic int64_t heard;		/* ns, last answer; only if `records` */
	uint32_t sent;			/* bytes of what waits */
	uint8_t client;			/* it connected, and asks */
	uint8_t connecting;		/* connect(2) has not finished yet */
	uint8_t listens;		/* it reads, or waits to read */
	uint8_t records;		/* it acknowledges, beside asking */
	char asked[RING_ASKED];
	char subject[RING_SUBJECT];
};

struct ring {
	uint32_t version;
	int32_t healthy_every;		/* s between healthy reports */
	int64_t pending_after;		/* ns */
	char waits[RING_WAITS][RING_WAIT_TEXT];	/* lower case; "" ends them */
	_Atomic uint64_t lost;
	_Alignas(64) _Atomic uint64_t tail;	/* the next to write */
	_Alignas(64) uint64_t head;		/* the next to read */
	_Atomic uint32_t conn_hint;
	struct ring_conn conn[RING_CONNS];
	struct ring_record record[RING_RECORDS];
};

static inline void
ring_init(struct ring *ring)
{
	ring->version = RING_VERSION;
	for (uint64_t i = 0; i < RING_RECORDS; i++)
		atomic_store_explicit(&ring->record[i].turn, i,
		    memory_order_relaxed);
}

/* A slot to write, or NULL and one more lost. *at goes to ring_publish(). */
static inline struct ring_record *
ring_reserve(struct ring *ring, uint64_t *at)
{
	uint64_t pos = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	struct ring_record *r;
	int64_t ahead;

	for (;;) {
		r = &ring->record[pos % RING_RECORDS];
		ahead = (int64_t)(atomic_load_explicit(&r->turn,
		    memory_order_acquire) - pos);
		if (ahead < 0) {
			atomic_fetch_add_explicit(&ring->lost, 1,
			    memory_order_relaxed);
			return NULL;
		}
		if (ahead > 0)
			pos = atomic_load_explicit(&ring->tail,
			    memory_order_relaxed);
		else if (atomic_compare_exchange_weak_explicit(&ring->tail,
		    &pos, pos + 1, memory_order_relaxed, memory_order_relaxed))
			break;
	}
	*at = pos;
	return r;
}

static inline void
ring_publish(struct ring_record *r, uint64_t at)
{
	/* Fails only if the reader has given up on this slot. */
	atomic_compare_exchange_strong_explicit(&r->turn, &at, at + 1,
	    memory_order_release, memory_order_relaxed);
}

/* The next report.  `step_over`: give up on one that was never finished. */
static inline bool
ring_take(struct ring *ring, struct ring_record *out, bool step_over)
{
	struct ring_record *r;
	uint64_t turn;

	for (;;) {
		r = &ring->record[ring->head % RING_RECORDS];
		turn = atomic_load_explicit(&r->turn, memory_order_acquire);
		if (turn == ring->head + 1)
			break;
		if (!step_over || ring->head == atomic_load_explicit(
		    &ring->tail, memory_order_relaxed))
			return false;
		if (atomic_compare_exchange_strong_explicit(&r->turn, &turn,
		    ring->head + RING_RECORDS, memory_order_relaxed,
		    memory_order_relaxed)) {
			atomic_fetch_add_explicit(&ring->lost, 1,
			    memory_order_relaxed);
			ring->head++;
		}
	}
	memcpy(out, r, sizeof(*out));
	out->subject[RING_SUBJECT - 1] = '\0';
	atomic_store_explicit(&r->turn, ring->head + RING_RECORDS,
	    memory_order_release);
	ring->head++;
	return true;
}

static inline char
ring_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/*
 * Does a request wait by intent, as a blocking pop or a watch does?  It has one
 * of the texts among its first bytes, in any case.
 */
static inline bool
ring_waits(const struct ring *ring, const char asked[RING_ASKED])
{
	char low[RING_ASKED];

	for (int i = 0; i < RING_ASKED; i++)
		low[i] = ring_lower(asked[i]);
	for (int i = 0; i < RING_WAITS && ring->waits[i][0] != '\0'; i++)
		if (memmem(low, sizeof(low), ring->waits[i],
		    strnlen(ring->waits[i], RING_WAIT_TEXT)) != NULL)
			return true;
	return false;
}

/* How long an answer may take on this connection before it is pending. */
static inline int64_t
ring_patience(const struct ring *ring, const struct ring_conn *c)
{
	int64_t p = atomic_load_explicit(&c->patience, memory_order_relaxed);

	return p > ring->pending_after ? p : ring->pending_after;
}

#endif
