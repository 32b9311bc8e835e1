#include "leak/bucket_dense.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/mem.h"
#include "leak/bucket_pairs.h"

enum { LINE = 64 };

#define NO_ROW UINT32_MAX

static void
make_room(struct dense *d, size_t ngroup)
{
	if (d->row_cap < ngroup + 1) {
		d->row_cap = ngroup + 1;
		d->row = mem_resize(d->row, d->row_cap, sizeof(*d->row));
	}
	d->ngroup = ngroup;
}

static void
clear_rows(struct dense *d)
{
	size_t n = d->nrow * d->stride;

	if (n <= d->level_cap && n >= d->level_cap / 4) {
		if (n > 0)
			memset(d->level, 0, n);
		return;
	}
	free(d->level);
	d->level = mem_new(n, 1);
	d->level_cap = n;
}

void
dense_choose(struct dense *d, const uint32_t *live, size_t ngroup, size_t nnode)
{
	make_room(d, ngroup);
	d->stride = (nnode + LINE - 1) & ~(size_t)(LINE - 1);
	d->nrow = 0;
	for (size_t g = 0; g < ngroup; g++)
		d->row[g] = live[g] > 0 &&
		    (uint64_t)live[g] * DENSE_BYTES >= d->stride ?
		    (uint32_t)d->nrow++ : NO_ROW;
	d->row[ngroup] = NO_ROW;
	clear_rows(d);
}

size_t
dense_raise(struct dense *d, uint32_t *group, uint32_t *node, uint8_t *level,
    size_t n)
{
	size_t at[PAIRS_BATCH], held = 0, others = 0;
	uint8_t mine[PAIRS_BATCH];

	if (d->nrow == 0)
		return n;
	/* Which it will be nobody can foresee: no branches. */
	for (size_t i = 0; i < n; i++) {
		uint32_t g = group[i], v = node[i];
		uint32_t row = d->row[g < d->ngroup ? g : d->ngroup];
		bool here = (row != NO_ROW) & (v < d->stride);

		at[held] = here ? row * d->stride + v : 0;
		mine[held] = (uint8_t)(level[i] + 1);
		__builtin_prefetch(&d->level[at[held]], 1);
		group[others] = g;
		node[others] = v;
		level[others] = level[i];
		held += here;
		others += !here;
	}
	for (size_t i = 0; i < held; i++) {
		uint8_t *slot = &d->level[at[i]];

		*slot = mine[i] > *slot ? mine[i] : *slot;
	}
	return others;
}

void
dense_count(const struct dense *d, uint32_t group, uint64_t *nodes,
    size_t nlevel)
{
	/* Four, so that a count need not wait for the one before. */
	uint32_t count[4][256] = { { 0 } };
	const uint8_t *level;

	if (group >= d->ngroup || d->row[group] == NO_ROW)
		return;
	level = d->level + d->row[group] * d->stride;
	for (size_t i = 0; i < d->stride; i += 8) {
		uint64_t eight = load_le64(level + i);

		if (eight == 0)
			continue;
		for (unsigned k = 0; k < 8; k++)
			count[k % 4][eight >> 8 * k & 255]++;
	}
	for (size_t l = 0; l < nlevel; l++)
		nodes[l] += (uint64_t)count[0][l + 1] + count[1][l + 1] +
		    count[2][l + 1] + count[3][l + 1];
}

void
dense_free(struct dense *d)
{
	free(d->level);
	free(d->row);
	*d = (struct dense){ 0 };
}
