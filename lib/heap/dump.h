#ifndef RESIN_DUMP_H
#define RESIN_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/span.h"
#include "base/vec.h"
#include "base/when.h"
#include "heap/fold.h"
#include "heap/lines.h"
#include "heap/maps.h"
#include "heap/sample.h"
#include "heap/symbols.h"

/*
 * dump - heap dumps of any format become snapshots: what was live at one time,
 * one row a distinct stack (or one an allocation, with `addresses`).
 *
 * dumps is one call over many files; it numbers the snapshots, keeps the names
 * of frames and of modules, and notices files of another process.  dump is the
 * file being read, and what a format's reader in heap/format.c writes to:
 *
 *	dump_begin(d, WHEN_NEVER);
 *	dump_address(d, 0x55..); dump_name(d, SPAN("main"));	frame by frame
 *	dump_row(d, bytes, count, 0);		takes those frames
 *	maps_line(&d->maps, line);
 *	dump_end(d);
 *
 * A reader ends in dump_end() or returns dump_fail().  Counts and bytes are
 * doubles: exact up to 2^53, and fractional where a sampled format is scaled.
 */
#define DUMP_LARGEST ((double)(UINT64_C(1) << 53))

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

struct dump_options {
	const char *format;	/* NULL: by content */
	bool raw;		/* no frame dropped, no recursion folded */
	bool addresses;		/* a row an allocation where they are known */
	uint64_t snapshots;	/* to cut a continuous record into; >= 1 */
	const char *value;	/* sample type of a profile.proto, or NULL */
	int64_t start;		/* WHEN_NEVER: the dumps' own times */
	int64_t interval;	/* between snapshots where nothing tells */
};

struct dump_module {
	char *module, *path, *build_id;
};

struct dumps {
	const struct dump_options *options;
	void (*emit)(void *, const struct snapshot *);
	void *arg;
	struct intern names;	/* of frames, as they are printed */
	VEC(unsigned char) fold;	/* of each name: enum fold_kind */
	VEC(struct dump_module) module;	/* in order of name */
	struct intern seen;	/* modules */
	uint64_t ordinal;
	int64_t newest;		/* time of the last snapshot */
	int64_t even;		/* files' times say nothing; else WHEN_NEVER */
	bool said_time;		/* that times do not increase: once is enough */
	char *first_process, *first_path;
	char *last_process;	/* that differed */
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
	struct addrs {		/* distinct addresses, dense ids */
		uint64_t *key;
		uint32_t *slot, *name;
		size_t n, cap, mask;
	} addrs;
	struct addr_text *text;	/* how addresses were written; NULL: none yet */
	size_t text_n;		/* bytes of the last one */
	VEC(uint32_t) frame;	/* 2 * id of address, or 2 * id of name + 1 */
	size_t row_frame;	/* where the next row's frames begin */
	VEC(struct snapshot_row) row;
	size_t nwarning;	/* of this file */
	bool failed;
};

/*
 * Paths in the order of bytes are what a shell's pattern gives, where 10 stands
 * before 2: they are put into the order of their numbers.  Any other order is
 * somebody's choice and stays.
 */
void dumps_order(char **path, size_t n);

/*
 * Before the first is read: do the files' times tell when the snapshots were
 * taken?  False: they are less than a second apart, as after a copy, and the
 * snapshots of formats without a time are put options.interval apart.
 */
bool dumps_times(struct dumps *, char **path, size_t n);

/* False: dumps.why.  Snapshots read before the trouble were emitted. */
bool dumps_read(struct dumps *, const char *path);
bool dumps_read_memory(struct dumps *, const void *, size_t);
void dumps_free(struct dumps *);

/* For the readers of formats. */
void dump_begin(struct dump *, int64_t ts);
void dump_address(struct dump *, uint64_t addr);
bool dump_addresses(struct dump *, struct span);  /* "0x1 0x2": all of it */
void dump_name(struct dump *, struct span);
uint32_t dump_name_id(struct dump *, struct span);	/* for dump_frame() */
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

#endif
