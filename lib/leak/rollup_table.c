#include "leak/rollup_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "leak/rollup.h"

#define CAP_FIRST 1024

/* Settled again when more than an eighth are dead or new: to settle is to move
 * and enter every process, which few of them are not worth. */
#define UNSETTLED 8

/* How far ahead of its use a process is fetched, and between the steps of
 * rollup_find(). */
enum { AHEAD = 16, BEHIND = 24 };

static uint64_t
hash(const struct rollup_window *w, const struct rollup_key *key)
{
	uint64_t ids = (uint64_t)key->component << 32 | key->node;

	return hash_mix(hash_mix(ids ^ w->seed, 0xa0761d6478bd642fu) ^ key->pid,
	    (uint64_t)key->start ^ 0xe7037ed1a0b428dbu);
}

static bool
same(const struct rollup_key *a, const struct rollup_key *b)
{
	return ((a->component ^ b->component) | (a->node ^ b->node) |
	    (a->pid ^ b->pid) | (uint64_t)(a->start ^ b->start)) == 0;
}

/* All processes into slots that are free. */
static void
fill_slots(struct rollup_window *w)
{
	const struct rollup_process *process = w->process.v;
	uint64_t h[ROLLUP_BATCH];
	size_t at, k;

	for (size_t from = 0; from < w->process.n; from += k) {
		k = w->process.n - from;
		k = k < ROLLUP_BATCH ? k : ROLLUP_BATCH;
		for (size_t i = 0; i < k; i++) {
			h[i] = hash(w, &process[from + i].key);
			__builtin_prefetch(&w->slot[h[i] & (w->cap - 1)], 1);
		}
		for (size_t i = 0; i < k; i++) {
			at = h[i] & (w->cap - 1);
			while (w->slot[at].process != 0)
				at = (at + 1) & (w->cap - 1);
			w->slot[at] = (struct rollup_slot){
				(uint32_t)(h[i] >> 32),
				(uint32_t)(from + i) + 1 };
		}
	}
}

/* Room for n more at a load factor of at most one half. */
static void
make_room(struct rollup_window *w, size_t n)
{
	size_t cap = w->cap == 0 ? CAP_FIRST : w->cap;

	if (w->process.n + n > UINT32_MAX - 1)
		fail_memory();
	while (2 * (w->process.n + n) > cap)
		cap *= 2;
	if (cap == w->cap)
		return;
	if (w->seed == 0)
		w->seed = hash_seed() | 1;
	free(w->slot);
	w->slot = mem_new(cap, sizeof(*w->slot));
	w->cap = cap;
	fill_slots(w);
}

/* The first slot from `at` on that may be that of hash h, or is free. */
static size_t
search(const struct rollup_window *w, uint64_t h, size_t at)
{
	uint32_t tag = (uint32_t)(h >> 32);

	while (w->slot[at].process != 0 && w->slot[at].tag != tag)
		at = (at + 1) & (w->cap - 1);
	return at;
}

static uint32_t
find(struct rollup_window *w, const struct rollup_key *key, uint64_t h,
    size_t at)
{
	while ((at = search(w, h, at)), w->slot[at].process != 0) {
		uint32_t process = w->slot[at].process - 1;

		if (same(&w->process.v[process].key, key))
			return process;
		at = (at + 1) & (w->cap - 1);
	}
	vec_push(&w->process, (struct rollup_process){ .key = *key });
	w->slot[at] = (struct rollup_slot){ (uint32_t)(h >> 32),
		(uint32_t)w->process.n };
	return (uint32_t)w->process.n - 1;
}

/*
 * Three steps, each so far behind the one before that what that one began to
 * fetch is there: the slot, the process, the comparison.
 */
void
rollup_find(struct rollup_window *w, const struct rollup_key *key,
    uint32_t *process, size_t n)
{
	uint64_t h[ROLLUP_BATCH];
	size_t at[ROLLUP_BATCH], k;

	make_room(w, n);
	for (size_t i = 0; i < n + 2 * BEHIND; i++) {
		if (i < n) {
			h[i] = hash(w, &key[i]);
			at[i] = h[i] & (w->cap - 1);
			__builtin_prefetch(&w->slot[at[i]], 1);
		}
		if (k = i - BEHIND, k < n) {
			at[k] = search(w, h[k], at[k]);
			if (w->slot[at[k]].process != 0)
				rollup_fetch(&w->process.v[
				    w->slot[at[k]].process - 1]);
		}
		if (k = i - 2 * BEHIND, k < n)
			process[k] = find(w, &key[k], h[k], at[k]);
	}
}

static void
add_one_of_many(struct rollup_window *w, uint32_t process, uint64_t usage)
{
	vec_push(&w->usage, usage);
	vec_push(&w->owner, process);
}

void
rollup_sample(struct rollup_window *w, uint32_t process, uint64_t usage)
{
	struct rollup_process *p = &w->process.v[process];

	if (p->samples++ == 0) {
		p->usage = usage;
		return;
	}
	if (p->samples == 2) {
		add_one_of_many(w, process, p->usage);
		p->end = 0;
	}
	add_one_of_many(w, process, usage);
}

uint64_t *
rollup_gather(struct rollup_window *w)
{
	size_t n = w->usage.n, total = 0;
	uint64_t *sample = mem_new(n, sizeof(*sample));
	const uint32_t *owner = w->owner.v;

	for (size_t i = 0; i < n; i++) {
		struct rollup_process *p = &w->process.v[owner[i]];

		if (i + AHEAD < n)
			rollup_fetch(&w->process.v[owner[i + AHEAD]]);
		if (p->end == 0) {
			p->end = total;
			total += p->samples;
		}
		sample[p->end++] = w->usage.v[i];
	}
	return sample;
}

/* The processes of `order` are those that stay, in that order. */
static void
settle(struct rollup_window *w, const uint32_t *order, size_t n)
{
	struct rollup_process *old = w->process.v, *v;

	v = mem_new(w->process.cap, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			rollup_fetch(&old[order[i + AHEAD]]);
		v[i] = old[order[i]];
	}
	free(old);
	w->process.v = v;
	w->process.n = w->settled = n;
	memset(w->slot, 0, w->cap * sizeof(*w->slot));
	fill_slots(w);
}

void
rollup_next(struct rollup_window *w, const struct rollup_numbers *live)
{
	size_t dead = w->process.n - live->n;
	size_t new = w->process.n - w->settled;

	w->usage.n = w->owner.n = 0;
	if (dead >= live->n)
		rollup_clear(w);
	else if (dead + new > w->process.n / UNSETTLED)
		settle(w, live->v, live->n);
}

void
rollup_clear(struct rollup_window *w)
{
	if (w->slot != NULL)
		memset(w->slot, 0, w->cap * sizeof(*w->slot));
	w->process.n = w->settled = w->usage.n = w->owner.n = 0;
}

void
rollup_window_free(struct rollup_window *w)
{
	free(w->slot);
	vec_free(&w->process);
	vec_free(&w->usage);
	vec_free(&w->owner);
	*w = (struct rollup_window){ 0 };
}
