#include "leak/bucket_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

/* Nine of ten pairs are in their own line up to here. */
#define FULL(cap) ((cap) / 16 * 11)
#define CAP_FIRST 1024

/* A table of which only such a part was used is not kept. */
#define SPARSE 8

/* The line that a pair is looked for first: 8 slots, all fetched at once. */
enum { LINE = 8 };

static size_t
home(const struct pairs *p, uint64_t key)
{
	return (size_t)((key * p->seed) >> p->shift) & ~(size_t)(LINE - 1);
}

/* The first of 8 slots that ends the search for `key`: its own or a free one;
 * LINE if there is none.  How far it is cannot be predicted: no branches. */
static inline size_t
search_line(const uint64_t *slot, uint64_t key)
{
	unsigned end = 1u << LINE;

	for (unsigned k = 0; k < LINE; k++)
		end |= (unsigned)((slot[k] >> 8 == key) | (slot[k] == 0)) << k;
	return (size_t)__builtin_ctz(end);
}

static inline size_t
find(const struct pairs *p, uint64_t key, size_t line)
{
	for (;;) {
		size_t k = search_line(&p->slot[line], key);

		if (k < LINE)
			return line + k;
		line = (line + LINE) & (p->cap - 1);
	}
}

static void
allocate(struct pairs *p, size_t cap)
{
	p->cap = cap;
	p->shift = 64 - (unsigned)__builtin_ctzll(cap);
	p->memory = mem_new(cap + LINE, sizeof(*p->slot));
	p->slot = (uint64_t *)(((uintptr_t)p->memory + 63) & ~(uintptr_t)63);
	p->sum = p->summing ? mem_new(cap, sizeof(*p->sum)) : NULL;
}

static void
grow(struct pairs *p, size_t cap)
{
	struct pairs old = *p;

	if (p->seed == 0)
		p->seed = hash_seed() | 1;
	allocate(p, cap);
	for (size_t i = 0; i < old.cap; i++) {
		uint64_t key = old.slot[i] >> 8;
		size_t at;

		if (old.slot[i] == 0)
			continue;
		at = find(p, key, home(p, key));
		p->slot[at] = old.slot[i];
		if (p->summing)
			p->sum[at] = old.sum[i];
	}
	free(old.memory);
	free(old.sum);
}

/* Where each pair of the batch begins to look; the lines are on their way. */
static void
approach(struct pairs *p, const uint32_t *group, const uint32_t *node, size_t n,
    uint64_t *key, size_t *at)
{
	if (p->n + n > FULL(p->cap))
		grow(p, p->cap == 0 ? CAP_FIRST : p->cap * 2);
	for (size_t i = 0; i < n; i++) {
		key[i] = (uint64_t)group[i] << 28 | node[i];
		at[i] = home(p, key[i]);
		__builtin_prefetch(&p->slot[at[i]], 1);
		if (p->summing)
			__builtin_prefetch(&p->sum[at[i]], 1);
	}
}

void
pairs_raise(struct pairs *p, const uint32_t *group, const uint32_t *node,
    const uint8_t *level, size_t n)
{
	uint64_t key[PAIRS_BATCH];
	size_t at[PAIRS_BATCH], new = 0;

	approach(p, group, node, n, key, at);
	for (size_t i = 0; i < n; i++) {
		uint64_t *slot = &p->slot[find(p, key[i], at[i])];
		uint64_t mine = key[i] << 8 | ((uint64_t)level[i] + 1);

		/* Only the low byte differs from a slot of the same pair. */
		new += *slot == 0;
		*slot = mine > *slot ? mine : *slot;
	}
	p->n += new;
}

void
pairs_sum(struct pairs *p, const uint32_t *group, const uint32_t *node,
    const uint64_t *usage, size_t n)
{
	uint64_t key[PAIRS_BATCH];
	size_t at[PAIRS_BATCH];

	p->summing = true;
	approach(p, group, node, n, key, at);
	for (size_t i = 0; i < n; i++) {
		size_t s = find(p, key[i], at[i]);

		p->n += p->slot[s] == 0;
		p->slot[s] = key[i] << 8 | 1;
		if (__builtin_add_overflow(p->sum[s], usage[i], &p->sum[s]))
			p->sum[s] = UINT64_MAX;
	}
}

void
pairs_clear(struct pairs *p)
{
	if (p->n < p->cap / SPARSE) {
		pairs_free(p);
		return;
	}
	if (p->slot != NULL)
		memset(p->slot, 0, p->cap * sizeof(*p->slot));
	if (p->sum != NULL)
		memset(p->sum, 0, p->cap * sizeof(*p->sum));
	p->n = 0;
}

void
pairs_free(struct pairs *p)
{
	free(p->memory);
	free(p->sum);
	*p = (struct pairs){ 0 };
}
