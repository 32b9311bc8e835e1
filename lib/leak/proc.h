#ifndef RESIN_PROC_H
#define RESIN_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * proc - the texts of proc(5) that a memory sample is made of.  Parsers take a
 * whole file as it was read and return false where it is not what the kernel
 * writes.  Spans point into the text.
 */

/* Reads all of a small file into `text`, replacing it.  0 or an errno. */
int proc_read(int dir, const char *name, struct buf *text);

/* /proc/PID/stat */
struct proc_stat {
	struct span comm;	/* any bytes, parentheses and newlines too */
	uint64_t start;		/* clock ticks after boot */
	uint64_t vsize;		/* bytes; 0: a kernel thread or a zombie */
};
bool proc_stat(struct span text, struct proc_stat *);

/*
 * /proc/PID/smaps_rollup: Private_Clean + Private_Dirty in bytes, and with
 * `swap` what is swapped out.
 */
bool proc_private(struct span text, bool swap, uint64_t *bytes);

/* /proc/PID/statm: resident less shared pages, in bytes. */
bool proc_statm(struct span text, uint64_t page_size, uint64_t *bytes);

/* /proc/stat: when the machine started, seconds since the epoch. */
bool proc_boot(struct span text, int64_t *seconds);

/* The next line of `text` without its newline, taken off its front. */
bool proc_line(struct span *text, struct span *line);

#endif
