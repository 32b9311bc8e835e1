#include "leak/bucket_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

/* Linear probing stays short up to five eighths. */
#define FULL(cap) ((cap) / 8 * 5)
#define CAP_FIRST 1024

static size_t
home(const struct pairs *p, uint64_t key)
{
	return (size_t)((key * p->seed) >> p->shift);
}

static void
allocate(struct pairs *p, size_t cap)
{
	p->cap = cap;
	p->shift = 64 - (unsigned)__builtin_ctzll(cap);
	p->slot = mem_new(cap, sizeof(*p->slot));
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
		size_t at;

		if (old.slot[i] == 0)
			continue;
		at = home(p, old.slot[i] >> 8);
		while (p->slot[at] != 0)
			at = (at + 1) & (cap - 1);
		p->slot[at] = old.slot[i];
		if (p->summing)
			p->sum[at] = old.sum[i];
	}
	free(old.slot);
	free(old.sum);
}

/* The slot of `key`: its own, or the free one where it belongs. */
static size_t
find(const struct pairs *p, uint64_t key, size_t at)
{
	while (p->slot[at] != 0 && p->slot[at] >> 8 != key)
		at = (at + 1) & (p->cap - 1);
	return at;
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
	size_t at[PAIRS_BATCH];

	approach(p, group, node, n, key, at);
	for (size_t i = 0; i < n; i++) {
		uint64_t *slot = &p->slot[find(p, key[i], at[i])];
		uint64_t mine = key[i] << 8 | ((uint64_t)level[i] + 1);

		/* Only the low byte differs from a slot of the same pair. */
		p->n += *slot == 0;
		*slot = mine > *slot ? mine : *slot;
	}
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
	if (p->slot != NULL)
		memset(p->slot, 0, p->cap * sizeof(*p->slot));
	if (p->sum != NULL)
		memset(p->sum, 0, p->cap * sizeof(*p->sum));
	p->n = 0;
}

void
pairs_free(struct pairs *p)
{
	free(p->slot);
	free(p->sum);
	*p = (struct pairs){ 0 };
}
