#ifndef RESIN_SNAPSHOT_H
#define RESIN_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "heap/sample.h"

/*
 * snapshot - what of a heap was live at one time: one row a distinct stack, or
 * one an allocation.  Counts and bytes are doubles: exact up to 2^53, and
 * fractional where a sampled format is scaled.
 */
#define SNAPSHOT_UNKNOWN "[unknown]"	/* the frame of a stack without any */

struct snapshot_row {
	size_t frame;		/* of snapshot.frame, outermost first */
	uint32_t depth;
	struct sample live;
	uint64_t addr;		/* of the allocation; 0: not known */
};

struct snapshot {
	uint64_t ordinal;	/* in this call, from 0 */
	int64_t ts;		/* of the dump itself, else the file's mtime */
	const char *format;
	const char *process;	/* who: program[pid]@base, as far as known */
	bool complete;		/* false: a stack not here may still be live */
	const struct snapshot_row *row;
	size_t n;
	const uint32_t *frame;	/* names' ids */
	const struct intern *names;
};

/*
 * Rows of one stack become one; the order is that of first appearance.  The
 * stacks are compared as numbers of names, so ASLR cannot tell them apart.
 * Returns how many rows are left.
 */
size_t snapshot_merge(struct snapshot_row *, size_t n, const uint32_t *frame);

#endif
