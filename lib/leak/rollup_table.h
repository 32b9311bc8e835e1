#ifndef RESIN_ROLLUP_TABLE_H
#define RESIN_ROLLUP_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

/*
 * rollup_window - the processes of one window and their samples, in order of
 * arrival; ids stand for names.  The table's slots hold a tag and the process's
 * number, so that most look-ups touch one line of the table and one process.
 *
 * The processes of a fleet are all but the same from hour to hour, so the next
 * window begins with those of the last one, without samples: the first
 * `settled` processes, in the order of the output.  Such a window is neither
 * filled nor sorted anew.
 */
struct rollup_key {
	uint32_t component, node;
	uint64_t pid;
	int64_t start;
};

struct rollup_process {
	struct rollup_key key;
	int64_t newest;			/* ts of the newest sample */
	uint32_t attributes;		/* of that sample */
	uint32_t samples;		/* 0: of an earlier window */
	union {
		uint64_t usage;		/* of its only sample */
		uint64_t end;		/* of many: see rollup_gather() */
	};
};

/* It may lie across two lines. */
static inline void
rollup_fetch(const struct rollup_process *p)
{
	__builtin_prefetch(p, 1);
	__builtin_prefetch((const char *)(p + 1) - 1, 1);
}

/* Numbers of processes. */
struct rollup_numbers {
	uint32_t *v;
	size_t n, cap;
};

struct rollup_slot {
	uint32_t tag;
	uint32_t process;		/* plus one; 0: free */
};

struct rollup_window {
	struct rollup_slot *slot;
	size_t cap;			/* a power of two, or 0 */
	uint64_t seed;
	VEC(struct rollup_process) process;
	size_t settled;
	/* Where a process has more than one sample, all of them: */
	VEC(uint64_t) usage;
	VEC(uint32_t) owner;		/* the process */
};

/* process[i] becomes the number of the process of key[i], made if it is new
 * with no sample yet; n <= ROLLUP_BATCH. */
void rollup_find(struct rollup_window *, const struct rollup_key *,
    uint32_t *process, size_t n);
void rollup_sample(struct rollup_window *, uint32_t process, uint64_t usage);

/* All samples of the processes that have two or more; those of a process p
 * are before sample[p->end].  The caller frees. */
uint64_t *rollup_gather(struct rollup_window *);

/* The window is done with and becomes the next one: `live` are the
 * processes it had, in order.  The numbers then change. */
void rollup_next(struct rollup_window *, const struct rollup_numbers *live);

void rollup_clear(struct rollup_window *);	/* keeps the memory */
void rollup_window_free(struct rollup_window *);

#endif
