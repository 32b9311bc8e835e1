#include "leak/bucket_dense.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/mem.h"
#include "leak/bucket_pairs.h"

/* Bytes counted at once: 16 counts of a byte each must hold them. */
enum { LINE = 64, STRIP = 2048 };

/* For up to so many levels the bytes are compared with each of them, 16 at
 * once; for more each byte is counted where it belongs. */
enum { FEW = 24 };

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
make_rows(struct dense *d)
{
	size_t n = d->nrow * d->stride;

	if (n <= d->level_cap && n >= d->level_cap / 4)
		return;
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
	make_rows(d);
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

/* Sixteen bytes side by side. */
typedef uint8_t sixteen __attribute__((vector_size(16)));

static uint32_t
sum(sixteen v)
{
	uint32_t n = 0;

	for (unsigned k = 0; k < 16; k++)
		n += v[k];
	return n;
}

/* How many of the n bytes, at most STRIP, are `value`. */
static uint32_t
count_equal(const uint8_t *p, size_t n, uint8_t value)
{
	const sixteen like = value - (sixteen){ 0 };
	sixteen found = { 0 }, v;

	for (size_t i = 0; i < n; i += sizeof(v)) {
		memcpy(&v, p + i, sizeof(v));
		found -= (sixteen)(v == like);	/* all ones where equal */
	}
	return sum(found);
}

static void
count_few(const uint8_t *p, size_t n, uint64_t *nodes, size_t nlevel)
{
	for (size_t l = 0; l < nlevel; l++)
		nodes[l] += count_equal(p, n, (uint8_t)(l + 1));
}

static void
count_many(const uint8_t *p, size_t n, uint32_t count[4][256])
{
	for (size_t i = 0; i < n; i += 8) {
		uint64_t eight = load_le64(p + i);

		if (eight == 0)
			continue;
		count[0][eight & 255]++;
		count[1][eight >> 8 & 255]++;
		count[2][eight >> 16 & 255]++;
		count[3][eight >> 24 & 255]++;
		count[0][eight >> 32 & 255]++;
		count[1][eight >> 40 & 255]++;
		count[2][eight >> 48 & 255]++;
		count[3][eight >> 56]++;
	}
}

void
dense_take(struct dense *d, uint32_t group, uint64_t *nodes, size_t nlevel)
{
	/* Four, so that a count need not wait for the one before. */
	uint32_t count[4][256] = { { 0 } };
	uint8_t *row;

	if (group >= d->ngroup || d->row[group] == NO_ROW)
		return;
	row = d->level + d->row[group] * d->stride;
	for (size_t i = 0, n; i < d->stride; i += n) {
		n = d->stride - i < STRIP ? d->stride - i : STRIP;
		if (nlevel <= FEW)
			count_few(row + i, n, nodes, nlevel);
		else
			count_many(row + i, n, count);
		memset(row + i, 0, n);	/* while it is in the cache */
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
