#ifndef RESIN_DUMP_H
#define RESIN_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"
#include "base/when.h"
#include "heap/addresses.h"
#include "heap/dump_times.h"
#include "heap/frame_table.h"
#include "heap/lines.h"
#include "heap/maps.h"
#include "heap/module_list.h"
#include "heap/origin.h"
#include "heap/sample.h"
#include "heap/snapshot.h"
#include "heap/symbols.h"

/*
 * dump - a file being read, as the reader of its format writes to it: what was
 * live becomes a snapshot, one row a distinct stack (or one an allocation, with
 * `addresses`).  dumps is what the files of one call share (heap/dumps.h).
 *
 *	dump_begin(d, WHEN_NEVER);
 *	dump_address(d, 0x55..); dump_name(d, SPAN("main"));	frame by frame
 *	dump_row(d, bytes, count, 0);		takes those frames
 *	maps_line(&d->maps, line);
 *	dump_end(d);
 *
 * A reader ends in dump_end() or returns dump_fail().
 */
#define DUMP_LARGEST ((double)(UINT64_C(1) << 53))

struct dump_options {
	const char *format;	/* NULL: by content */
	bool raw;		/* no frame dropped, no recursion folded */
	bool addresses;		/* a row an allocation where they are known */
	uint64_t snapshots;	/* to cut a continuous record into; >= 1 */
	const char *value;	/* sample type of a profile.proto, or NULL */
};

struct dumps {
	const struct dump_options *options;
	void (*emit)(void *, const struct snapshot *);
	void *arg;
	struct dump_times times;
	struct frame_table frames;
	struct module_list modules;
	struct origin origin;
	bool said_time;		/* that times do not increase: once is enough */
	VEC(char *) warning;	/* since the caller last took them */
	struct buf why;		/* "file:line: reason: 'text'" */
};

struct dump {
	struct dumps *all;
	const struct heap_format *format;
	const char *path;
	struct lines in;
	int64_t mtime;
	bool exact_pc;		/* addresses are not return addresses */
	bool outermost_first;	/* frames come root first */
	struct symbols symbols;	/* of addresses, where the dump has them */

	/* The snapshot being read. */
	bool begun;
	int64_t ts;
	bool complete;
	struct buf program;	/* path or command line; empty: from the maps */
	uint64_t pid;		/* 0: not known */
	struct maps maps;
	struct addresses addresses;
	uint32_t *name;		/* of each address, at the end */
	VEC(uint32_t) frame;	/* 2 * id of address, or 2 * id of name + 1 */
	size_t row_frame;	/* where the next row's frames begin */
	VEC(struct snapshot_row) row;
	size_t nwarning;	/* of this file */
	bool failed;
};

void dump_begin(struct dump *, int64_t ts);
void dump_address(struct dump *, uint64_t addr);
bool dump_addresses(struct dump *, struct span);  /* "0x1 0x2": all of it */
void dump_name(struct dump *, struct span);
/* Numbers for dump_frame(), to be kept while the file is read. */
uint32_t dump_name_id(struct dump *, struct span);
uint32_t dump_address_id(struct dump *, uint64_t addr);
void dump_frame(struct dump *, uint32_t id);
void dump_row(struct dump *, double bytes, double count, uint64_t addr);
void dump_sample(struct dump *, struct sample);
void dump_drop(struct dump *);	/* the frames since the last row */
void dump_end(struct dump *);
bool dump_fail(struct dump *, const char *reason, struct span text);
void dump_warn(struct dump *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* The dump ends too early: a warning, and the snapshot is not complete.
 * dump_end() sees to it by itself where the text ends inside a line. */
void dump_truncated(struct dump *, const char *where);
void dump_free(struct dump *);

#endif
