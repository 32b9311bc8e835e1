#include "base/intern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/load.h"
#include "base/mem.h"
#include "base/vec.h"

/*
 * A slot is one word: the upper half of the hash and the id plus one, 0 being
 * free; most look-ups that fail end there.
 */
struct intern_slot {
	uint32_t tag;
	uint32_t id;
};

/*
 * Of a key of up to 16 bytes all of it, so that a look-up that succeeds needs
 * one line of memory and no loop; of a longer one the end, see look_at().
 */
struct intern_cell {
	uint64_t head, tail;
	uint32_t n;
};

struct intern_chunk {
	struct intern_chunk *next;
	size_t used, cap;
	char bytes[];
};

enum { CHUNK = 64 * 1024, FIRST_SLOTS = 64, BATCH = 64 };

/* Tables below this stay in the second cache: nothing to fetch. */
enum { SMALL = 4096 };

/* A key as it is looked up. */
struct look {
	uint64_t head, tail;
	uint64_t hash;
};

/*
 * The first and the last eight bytes of what is left of a key when all but 1 to
 * 16 of its bytes are in the hash.  They may overlap; together with its length
 * they say all of a short key.
 *
 * Seeded, for whoever sends names could else choose them to collide: with the
 * seed unknown no two of them meet more often than chance has it.
 */
static inline struct look
look_at(const struct intern *t, struct span key)
{
	const uint64_t k0 = 0xa0761d6478bd642fu, k1 = 0xe7037ed1a0b428dbu;
	uint64_t h = t->seed + key.n * k1;
	struct look look = { 0 };
	const char *s = key.s;
	size_t n = key.n;

	for (; n > 16; n -= 16, s += 16)
		h = hash_mix(load_le64(s) ^ h ^ k0,
		    load_le64(s + 8) ^ t->seed ^ k1);
	if (n >= 8) {
		look.head = load_le64(s);
		look.tail = load_le64(s + n - 8);
	} else if (n >= 4) {
		uint32_t head, tail;

		memcpy(&head, s, 4);
		memcpy(&tail, s + n - 4, 4);
		look.head = (uint64_t)head << 32 | tail;
	} else if (n > 0)
		look.head = (uint64_t)(unsigned char)s[0] << 16 |
		    (uint64_t)(unsigned char)s[n / 2] << 8 |
		    (unsigned char)s[n - 1];
	look.hash = hash_mix(look.head ^ h ^ k0, look.tail ^ t->seed ^ k1);
	return look;
}

static inline bool
same_key(const struct intern *t, uint32_t id, struct span key,
    const struct look *look)
{
	const struct intern_cell *cell = &t->cell[id];

	return ((cell->head ^ look->head) | (cell->tail ^ look->tail) |
	    (cell->n ^ (uint32_t)key.n)) == 0 &&
	    (key.n <= 16 || span_eq(t->key[id], key));
}

static struct span
keep(struct intern *t, struct span key)
{
	struct intern_chunk *c = t->chunk;
	size_t cap;
	char *p;

	if (c == NULL || c->cap - c->used < key.n) {
		cap = key.n > CHUNK ? key.n : CHUNK;
		c = mem_new(1, sizeof(*c) + cap);
		c->cap = cap;
		c->next = t->chunk;
		t->chunk = c;
	}
	p = c->bytes + c->used;
	if (key.n > 0)
		memcpy(p, key.s, key.n);
	c->used += key.n;
	return (struct span){ p, key.n };
}

static void
place(struct intern *t, uint64_t hash, uint32_t id)
{
	size_t i = hash & t->mask;

	while (t->slot[i].id != 0)
		i = (i + 1) & t->mask;
	t->slot[i] = (struct intern_slot){ (uint32_t)(hash >> 32), id + 1 };
}

/* Load factor at most one half. */
static void
make_room(struct intern *t, size_t n)
{
	size_t slots = t->slot == NULL ? FIRST_SLOTS : t->mask + 1;

	if (t->n + n >= INTERN_NONE - 1)
		fail_memory();
	while (2 * (t->n + n) > slots)
		slots *= 2;
	if (t->slot != NULL && slots == t->mask + 1)
		return;
	if (t->seed == 0)
		t->seed = hash_seed();
	free(t->slot);
	t->slot = mem_new(slots, sizeof(*t->slot));
	t->mask = slots - 1;
	for (size_t i = 0; i < t->n; i++)
		place(t, look_at(t, t->key[i]).hash, (uint32_t)i);
}

/* The id of a key that is in slot `i` or behind it. */
static inline uint32_t
find(const struct intern *t, struct span key, const struct look *look, size_t i)
{
	uint32_t tag = (uint32_t)(look->hash >> 32);

	for (; t->slot[i].id != 0; i = (i + 1) & t->mask)
		if (t->slot[i].tag == tag &&
		    same_key(t, t->slot[i].id - 1, key, look))
			return t->slot[i].id - 1;
	return INTERN_NONE;
}

static uint32_t
add(struct intern *t, struct span key, const struct look *look)
{
	uint32_t id = (uint32_t)t->n;

	if (t->n == t->cap) {
		size_t cells = t->cap;

		t->key = vec_grow(t->key, &t->cap, t->n + 1, sizeof(*t->key));
		t->cell = vec_grow(t->cell, &cells, t->n + 1,
		    sizeof(*t->cell));
	}
	t->cell[id] = (struct intern_cell){ look->head, look->tail,
		(uint32_t)key.n };
	t->key[t->n++] = keep(t, key);
	place(t, look->hash, id);
	return id;
}

uint32_t
intern_find(const struct intern *t, struct span key)
{
	struct look look = look_at(t, key);

	return t->slot == NULL ? INTERN_NONE :
	    find(t, key, &look, look.hash & t->mask);
}

uint32_t
intern_id(struct intern *t, struct span key)
{
	struct look look;
	uint32_t id;

	make_room(t, 1);
	look = look_at(t, key);
	id = find(t, key, &look, look.hash & t->mask);
	return id != INTERN_NONE ? id : add(t, key, &look);
}

/*
 * Starts to fetch what find() will need, a step for all keys before the next.
 * at[i] is the first slot that can hold the key.
 */
static void
fetch(const struct intern *t, const struct look *look, size_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(&t->slot[at[i]]);
	for (size_t i = 0; i < n; i++) {
		uint32_t tag = (uint32_t)(look[i].hash >> 32), id;

		while ((id = t->slot[at[i]].id) != 0 &&
		    t->slot[at[i]].tag != tag)
			at[i] = (at[i] + 1) & t->mask;
		__builtin_prefetch(&t->cell[id > 0 ? id - 1 : 0]);
	}
}

static void
batch(struct intern *t, const struct span *key, uint32_t *id, size_t n)
{
	struct look look[BATCH];
	size_t at[BATCH];

	make_room(t, n);
	for (size_t i = 0; i < n; i++) {
		look[i] = look_at(t, key[i]);
		at[i] = look[i].hash & t->mask;
	}
	if (t->n > SMALL)
		fetch(t, look, at, n);
	for (size_t i = 0; i < n; i++) {
		id[i] = find(t, key[i], &look[i], at[i]);
		if (id[i] == INTERN_NONE)
			id[i] = add(t, key[i], &look[i]);
	}
}

void
intern_ids(struct intern *t, const struct span *key, uint32_t *id, size_t n)
{
	for (; n > BATCH; n -= BATCH, key += BATCH, id += BATCH)
		batch(t, key, id, BATCH);
	batch(t, key, id, n);
}

void
intern_free(struct intern *t)
{
	struct intern_chunk *next;

	for (struct intern_chunk *c = t->chunk; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(t->slot);
	free(t->key);
	free(t->cell);
	*t = (struct intern){ 0 };
}
