#ifndef RESIN_TRACE_H
#define RESIN_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * trace - which processes are being traced, now and in the last days: the file
 * trace.tsv in the state directory.  resin-mitigate reads it to leave those
 * nodes alone, and every resin-trace to keep the caps and to find what a killed
 * one left behind.  It is replaced whole under a lock; a kill at any instant
 * leaves a row whose tracer is gone, and trace_sweep() settles that.
 */
enum trace_status {
	TRACE_ON, TRACE_COMPLETE, TRACE_ENOUGH, TRACE_GONE, TRACE_FAILED,
	TRACE_EXPIRED, TRACE_STOPPED, TRACE_LOST, TRACE_NSTATUS
};
extern const char *const trace_status_name[TRACE_NSTATUS];

struct trace_entry {
	char *node, *component, *cluster;
	uint64_t pid;
	int64_t start;		/* of the process */
	int64_t since, until;	/* of the trace; once over, its end */
	uint64_t tracer;	/* pid of resin-trace */
	int64_t tracer_start;
	uint64_t helper;	/* pid of an attached heaptrack, 0: none */
	int64_t helper_start;
	uint64_t snapshots;
	enum trace_status status;
};

struct trace_log {
	char *path, *lock;
	int fd;			/* of the lock, while held */
	VEC(struct trace_entry) entry;
};

/* Lock and read; false: *why.  Every true is followed by trace_log_close(). */
bool trace_log_open(struct trace_log *, const char *dir, struct buf *why);
/* Write if `keep`, unlock, free.  False: *why. */
bool trace_log_close(struct trace_log *, bool keep, struct buf *why);

/* The entry of a process that is being traced, or NULL. */
struct trace_entry *trace_log_find(struct trace_log *, uint64_t pid,
    int64_t start);
void trace_log_add(struct trace_log *, const struct trace_entry *);

/* Traces of a cluster begun since `from`, however they ended. */
size_t trace_log_begun(const struct trace_log *, struct span cluster,
    int64_t from);

/*
 * Entries whose tracer is no longer there become lost, and what they left is
 * cleaned up: helpers that still run, files half written.  Entries older than a
 * week go.  Returns how many were lost.
 */
size_t trace_sweep(struct trace_log *, const char *dir, int64_t now);

/* DIR/PID.START, where a process' snapshots are; created if need be. */
bool trace_dir(const char *dir, uint64_t pid, int64_t start, struct buf *out,
    struct buf *why);
/* Removes the oldest of the numbered files beyond `keep`; the newest number. */
uint64_t trace_ring(const char *dir, uint64_t keep);
void trace_clean(const char *dir);	/* files half written */

#endif
