#ifndef RESIN_TRACER_H
#define RESIN_TRACER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"
#include "heap/capture.h"
#include "heap/trace.h"

/*
 * tracer - the traces that one resin-trace is at: who is admitted, when the
 * next snapshot is due, when it is enough, and what is cleaned up afterwards
 * (RESIN, section 5.1).
 */
struct tracer_options {
	const char *dir;	/* state and snapshots */
	struct capture capture;
	int64_t interval;	/* ns between snapshots */
	int64_t limit;		/* ns that a trace may last */
	uint64_t keep;		/* newest snapshots kept of a process */
	uint64_t count;		/* snapshots of a process, 0: until complete */
	uint64_t cap;		/* traces begun in an hour in a cluster */
};

/* One thing that happened; spans and text are good during the call. */
struct tracer_event {
	int64_t ts;
	const struct trace_entry *entry;
	const char *status; /* snapshot, failed, deferred, or how it ended */
	const char *file;	/* or "" */
	uint64_t bytes;
	const char *reason;	/* or "" */
};

struct tracer_target {
	struct trace_entry entry;
	enum capture_way way;
	int64_t due, newest;
	unsigned failures;	/* in a row */
	bool over; /* resin-pattern says that there is enough growth */
	bool on;
	bool said;		/* why it is deferred */
	pid_t helper;		/* heaptrack, or -1 */
};

struct tracer {
	const struct tracer_options *options;
	void (*event)(void *, const struct tracer_event *);
	void *arg;
	VEC(struct tracer_target) target;
	struct buf why;		/* trouble with the state: final */
};

/* Settles what a killed tracer left behind.  False: tracer.why. */
bool tracer_sweep(struct tracer *, size_t *lost);

/*
 * A candidate, or news of one.  `busy` is a reason to wait, such as an action
 * under way, or NULL.  False: tracer.why.
 */
bool tracer_candidate(struct tracer *, const struct trace_entry *, bool over,
    const char *busy);

/* Takes what is due at `now`.  False: tracer.why.  *next: when to come back. */
bool tracer_step(struct tracer *, int64_t now, int64_t *next);
bool tracer_busy(const struct tracer *);	/* a trace is on */
/* Ends all traces, cleans up, frees. */
bool tracer_close(struct tracer *);


#endif
