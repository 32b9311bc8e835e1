#ifndef RESIN_SERIES_H
#define RESIN_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/vec.h"
#include "heap/stacks.h"

/*
 * series - snapshots of one process' heap as a matrix: for each stack what was
 * live in each snapshot.  Rows are added in any order; series_finish() puts the
 * snapshots in order of time and the stacks in order of their bytes, so that
 * nothing later depends on the order of the input.
 *
 * Bytes are whole; counts may be fractional (a sampled profile that was
 * scaled), and are kept in thousandths so that sums do not depend on order.
 * A stack that a snapshot does not have was not live then, unless the snapshot
 * is incomplete (a top-T list): then it is taken to lie between what the
 * snapshots before and after have.
 *
 * What a profiler wrote while the process ended, when destructors had freed
 * what they could, says nothing of what leaked: such snapshots are left out.
 */
struct series_cell {
	uint64_t bytes;
	uint64_t milli;		/* objects * 1000 */
	uint64_t var;		/* of bytes, from sampling; saturates */
};

/*
 * What became of a stack's allocations, where addresses are known: of those
 * that first appear after the first snapshot and before the last (RESIN's
 * Algorithm 2 takes such sets), how many bytes are still there in the last.
 */
struct series_life {
	uint64_t born, kept;	/* bytes */
};

struct series_alloc {
	uint64_t addr, bytes;
	uint32_t stack, snap;
};

/* What one snapshot has of each stack, by number, as far as it has any. */
struct series_column {
	VEC(struct series_cell) cell;
	VEC(bool) known;	/* it was listed */
};

struct series_snap {
	int64_t ts;		/* ns */
	uint64_t ordinal;	/* tells dumps of one time apart */
	bool incomplete;
};

struct series {
	VEC(struct series_snap) snap;
	VEC(struct series_column) column;	/* of each snapshot */
	VEC(struct series_alloc) alloc;	/* where addresses are known */
	struct stacks stacks;
	uint64_t least;		/* bytes of the smallest row; 0: none */
	bool keep_end;		/* the last snapshot stays, whatever it is */
	bool has_var;		/* var was given; else it is worked out */

	/* After series_finish(). */
	uint32_t *order;	/* order[i] = the i-th stack's number */
	uint32_t *place;	/* of each number, in `order` */
	size_t n;		/* stacks */
	struct series_cell *cell;	/* cell[i * snap.n + k] */
	struct series_life *life;	/* of each stack; NULL: no addresses */
	double rate;  /* mean bytes between samples; 0: every object */
	size_t ended; /* snapshots that are left out: the process' end */
};

/* `stack` is a number of series.stacks. */
void series_add(struct series *, struct series_snap, uint32_t stack,
    struct series_cell, uint64_t addr);
void series_finish(struct series *);
void series_free(struct series *);

uint64_t series_var(double var);	/* as cells keep it */

/* As text, in `b`, which is emptied first. */
struct span series_stack(const struct series *, size_t i, struct buf *b);
/* Where a stack is, or SIZE_MAX. */
size_t series_find(const struct series *, struct span stack);

static inline struct series_cell *
series_cells(const struct series *s, size_t i)
{
	return s->cell + i * s->snap.n;
}

#endif
