#ifndef RESIN_SAMPLER_H
#define RESIN_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * sampler - one look at the memory of every process of a machine and of the
 * kernel's slab caches: RESIN's agent (section 4.2).  A process is read through
 * a descriptor of its directory, so a number that is given to another process
 * meanwhile cannot mix the two.  Processes that vanish while they are read are
 * left out; kernel threads and zombies have no memory and are left out too.
 *
 * sampler_open(), sampler_take() as often as wanted, sampler_close().
 */
enum sampler_by { SAMPLER_COMM, SAMPLER_EXE, SAMPLER_CGROUP };

struct sample {
	size_t name, name_n;	/* in `names` */
	uint64_t usage;		/* bytes */
	uint64_t pid;		/* 0: a slab cache */
	int64_t start;		/* of the process, nanoseconds; WHEN_NEVER */
};

struct sampler {
	enum sampler_by by;
	bool fast;		/* statm, not smaps_rollup */
	bool swap;		/* count what is swapped out */
	bool slab;		/* the kernel's caches too */

	int root;		/* descriptor of /proc */
	int64_t boot;		/* seconds since the epoch */
	uint64_t page_size, ticks;	/* bytes; a second */
	struct buf text;	/* the file at hand */
	VEC(uint64_t) pids;

	struct buf names;
	VEC(struct sample) samples;	/* by pid, then the caches by name */
	size_t seen;		/* processes with memory of their own */
	size_t denied;		/* of them, those that could not be read */
	uint64_t denied_pid;	/* the first one, and */
	int denied_errno;	/* why */
	int slab_errno;		/* why slabinfo could not be read, 0: it was */
};

/* Returns NULL, or what is wrong with the directory (static text). */
const char *sampler_open(struct sampler *, const char *root);
/* Replaces what the last one left in samples, names and the counts. */
const char *sampler_take(struct sampler *);
void sampler_close(struct sampler *);

static inline struct span
sampler_name(const struct sampler *s, size_t i)
{
	return (struct span){ s->names.s + s->samples.v[i].name,
		s->samples.v[i].name_n };
}

#endif
