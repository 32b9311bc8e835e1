#ifndef RESIN_ROLLUP_H
#define RESIN_ROLLUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/span.h"
#include "base/vec.h"
#include "leak/bucket_window.h"
#include "leak/order.h"
#include "leak/rollup_table.h"

/*
 * rollup - the samples of each process in each window of time, as one mean
 * (leak/rollup_mean.h): RESIN's pre-processing, section 4.2.  A process is
 * (component, node, pid, start); its attributes are those of its newest sample,
 * of equally new ones the greater, so that the order of rows says nothing.
 *
 * Rows are gathered and worked on a batch at a time; the spans given to
 * rollup_add() must live until rollup_flush().  Memory: the samples, processes
 * and names of the open windows.
 */
#define ROLLUP_BATCH 512
#define ROLLUP_NO_PID UINT64_MAX

struct rollup_row {
	struct span component, node;
	struct span attributes;		/* joined by NUL */
	uint64_t pid;			/* ROLLUP_NO_PID: none */
	int64_t start;			/* WHEN_NEVER: none */
	int64_t ts;
	uint64_t usage;			/* bytes */
};

/* `row` has the window's start as ts and the mean as usage.  NULL: the rows of
 * the window are all put. */
typedef void rollup_put(void *arg, const struct rollup_row *row);

/* Rows to be worked on together, all of one window. */
struct rollup_batch {
	size_t n;
	struct span component[ROLLUP_BATCH], node[ROLLUP_BATCH];
	struct span attributes[ROLLUP_BATCH];
	uint64_t pid[ROLLUP_BATCH], usage[ROLLUP_BATCH];
	int64_t start[ROLLUP_BATCH], ts[ROLLUP_BATCH];
};

struct rollup {
	rollup_put *put;
	void *arg;

	struct intern components, nodes, attributes;
	struct order component_order, node_order;
	struct rollup_numbers sorted;	/* of the window that is written */
	struct windows windows;
	struct rollup_window *now;	/* the batch's */
	struct rollup_window *spare;	/* empty, or NULL */
	int64_t from, to;		/* its bounds: [from, to) */
	struct rollup_batch batch;
	struct buf joined;		/* bytes of the batch's attributes */
};

void rollup_init(struct rollup *, const struct windows_options *, rollup_put *,
    void *arg);

/* As bucket_time(): NULL, or why the row cannot be counted any more. */
const char *rollup_time(struct rollup *, int64_t ts);

/* A row of the time last given to rollup_time(), with its n attributes. */
void rollup_add(struct rollup *, const struct rollup_row *,
    const struct span *attribute, size_t n);

/*
 * Whether rows of these times go into the window that is open: the caller may
 * then fill the batch, which must be empty, and rollup_flush().
 */
static inline bool
rollup_holds(const struct rollup *r, const int64_t *ts, size_t n)
{
	bool outside = r->batch.n > 0 || r->now == NULL;

	for (size_t i = 0; i < n; i++)
		outside |= (ts[i] < r->from) | (ts[i] >= r->to);
	return !outside;
}

/* The attributes of the batch's n rows, of nattribute columns of n each. */
void rollup_join(struct rollup *, const struct span *column, size_t nattribute,
    size_t n);

void rollup_flush(struct rollup *);
void rollup_end(struct rollup *);	/* closes what is open */
void rollup_free(struct rollup *);

#endif
