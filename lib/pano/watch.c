#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/when.h"
#include "pano/refused.h"
#include "pano/watch.h"

static const char *const context_name[PANO_CONTEXTS] = {
	"connect", "send", "receive", "request", "resolve", "close",
	"answer"
};

/* The blocking commands of Redis and the acknowledgements of its replicas, and
 * watches and long polls over HTTP; what memcached shall not answer. */
static const char *const known_waits[] = {
	"\r\nblpop\r\n", "\r\nbrpop", "\r\nblmove\r\n", "\r\nblmpop\r\n",
	"\r\nbzpopm", "\r\nbzmpop\r\n", "\r\nblock\r\n", "\r\nwait\r\n",
	"\r\nreplconf\r\n$3\r\nack\r\n", " noreply\r\n",
	"?watch=", "&watch=", "?wait=", "&wait=",
};

bool
watch_wait(struct ring *ring, const char *text)
{
	size_t n = strlen(text), i = 0;
	char *to;

	while (i < RING_WAITS && ring->waits[i][0] != '\0')
		i++;
	if (i == RING_WAITS || n < 1 || n >= RING_WAIT_TEXT)
		return false;
	to = ring->waits[i];
	for (i = 0; i < n; i++)
		to[i] = ring_lower(text[i]);
	return true;
}

struct ring *
watch_ring(int *fd)
{
	struct ring *ring;

	if ((*fd = memfd_create("pano-run", MFD_CLOEXEC)) == -1 ||
	    ftruncate(*fd, sizeof(*ring)) == -1)
		return NULL;
	ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE, MAP_SHARED,
	    *fd, 0);
	if (ring == MAP_FAILED)
		return NULL;
	ring_init(ring);
	for (size_t i = 0; i < sizeof(known_waits) / sizeof(*known_waits); i++)
		(void)watch_wait(ring, known_waits[i]);
	return ring;
}

static void
write_row(struct watch *w, int64_t ts, const char *address, uint8_t context,
    uint8_t evidence, const char *detail)
{
	struct span subject = span_of(address);
	uint32_t id = intern_find(&w->address, subject);

	if (id != INTERN_NONE)
		subject = span_of(w->name.v[id]);
	output_time(w->out, ts);
	output_str(w->out, w->observer);
	output_text(w->out, subject);
	output_str(w->out, context < PANO_CONTEXTS ? context_name[context] :
	    "call");
	switch (evidence) {
	case PANO_HEALTHY:
		output_str(w->out, "healthy");
		output_u64(w->out, 100);
		break;
	case PANO_PENDING:
		output_str(w->out, "pending");
		output_u64(w->out, 50);
		break;
	default:
		output_str(w->out, "unhealthy");
		output_u64(w->out, 0);
	}
	output_str(w->out, detail);
	output_row(w->out);
	if (ferror(w->out->fp) && errno == EPIPE)
		w->gone = true;
}

static const char *
error_name(uint8_t context, int error)
{
	const char *name = context == PANO_RESOLVE ? gai_strerror(error) :
	    strerrorname_np(error);

	return name != NULL ? name : "error";
}

static void
write_record(struct watch *w, const struct ring_record *r)
{
	char detail[128] = "", number[16];
	double waited = when_seconds(r->waited);

	if (r->context == PANO_ANSWER && r->error != 0)
		snprintf(detail, sizeof(detail), "answered %s",
		    refused_name(r->error, number));
	else if (r->evidence == PANO_HEALTHY && r->waited > 0)
		snprintf(detail, sizeof(detail), "answered after %.3g s",
		    waited);
	else if (r->error == ETIMEDOUT && r->waited > 0)
		snprintf(detail, sizeof(detail), "given up after %.3g s",
		    waited);
	else if (r->error != 0)
		snprintf(detail, sizeof(detail), "%s",
		    error_name(r->context, r->error));
	else if (r->waited > 0)
		snprintf(detail, sizeof(detail),
		    "closed without an answer after %.3g s", waited);
	write_row(w, r->ts, r->subject, r->context, r->evidence, detail);
}

/* A slot that is not finished within a second belongs to a dead thread. */
static bool
is_stuck(struct watch *w, int64_t now)
{
	if (w->ring->head == atomic_load(&w->ring->tail)) {
		w->stuck_since = 0;
		return false;
	}
	if (w->stuck_since == 0 || w->stuck_at != w->ring->head) {
		w->stuck_at = w->ring->head;
		w->stuck_since = now;
	}
	return now - w->stuck_since > WHEN_SECOND;
}

void
watch_drain(struct watch *w, int64_t now, bool last)
{
	struct ring_record r;
	size_t n = 0;

	while (n < RING_RECORDS && ring_take(w->ring, &r, last ||
	    (n == 0 && is_stuck(w, now)))) {
		write_record(w, &r);
		n++;
	}
}

/* Is there somebody who has waited too long for what should have come? */
static bool
is_late(const struct watch *w, struct ring_conn *c, int64_t since, int64_t now)
{
	char asked[RING_ASKED];

	if (since == 0 || now - since < ring_patience(w->ring, c) ||
	    atomic_load(&c->told) == since)
		return false;
	if (c->connecting)
		return true;
	memcpy(asked, c->asked, sizeof(asked));
	return c->listens && !ring_waits(w->ring, asked);
}

static void
tell_pending(struct watch *w, struct ring_conn *c, int64_t since, int64_t now)
{
	char detail[64], subject[RING_SUBJECT];

	memcpy(subject, c->subject, sizeof(subject));
	subject[RING_SUBJECT - 1] = '\0';
	/* It may have been answered, or closed and reused, meanwhile. */
	if (atomic_load(&c->waiting) != since)
		return;
	atomic_store(&c->told, since);
	snprintf(detail, sizeof(detail), "no answer for %.3g s",
	    when_seconds(now - since));
	write_row(w, since, subject, c->connecting ? PANO_CONNECT :
	    PANO_REQUEST, PANO_PENDING, detail);
}

void
watch_pending(struct watch *w, int64_t now)
{
	for (size_t i = 0; i < RING_CONNS; i++) {
		struct ring_conn *c = &w->ring->conn[i];
		int32_t owner = atomic_load(&c->owner);
		int64_t since = atomic_load(&c->waiting);

		if (owner == 0)
			continue;
		if (kill(owner, 0) == -1 && errno == ESRCH) {
			atomic_compare_exchange_strong(&c->owner, &owner, 0);
			continue;
		}
		if (is_late(w, c, since, now))
			tell_pending(w, c, since, now);
	}
}

void
watch_free(struct watch *w)
{
	if (w->ring != NULL)
		munmap(w->ring, sizeof(*w->ring));
	intern_free(&w->address);
	for (size_t i = 0; i < w->name.n; i++)
		free(w->name.v[i]);
	vec_free(&w->name);
	*w = (struct watch){ 0 };
}
