#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/vec.h"

struct intern_slot {
	uint32_t tag;	/* the hash's upper half: most misses end here */
	uint32_t id;	/* plus one; 0 is a free slot */
};

struct intern_chunk {
	struct intern_chunk *next;
	size_t used, cap;
	char bytes[];
};

enum { CHUNK = 64 * 1024, FIRST_SLOTS = 64 };

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
rehash(struct intern *t)
{
	size_t slots = t->slot == NULL ? FIRST_SLOTS : 2 * (t->mask + 1);

	free(t->slot);
	t->slot = mem_new(slots, sizeof(*t->slot));
	t->mask = slots - 1;
	for (size_t i = 0; i < t->n; i++)
		place(t, hash_bytes(t->key[i].s, t->key[i].n), (uint32_t)i);
}

static uint32_t
find(const struct intern *t, struct span key, uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);

	if (t->slot == NULL)
		return INTERN_NONE;
	for (size_t i = hash & t->mask; t->slot[i].id != 0;
	    i = (i + 1) & t->mask)
		if (t->slot[i].tag == tag &&
		    span_eq(t->key[t->slot[i].id - 1], key))
			return t->slot[i].id - 1;
	return INTERN_NONE;
}

uint32_t
intern_find(const struct intern *t, struct span key)
{
	return find(t, key, hash_bytes(key.s, key.n));
}

uint32_t
intern_id(struct intern *t, struct span key)
{
	uint64_t hash = hash_bytes(key.s, key.n);
	uint32_t id = find(t, key, hash);

	if (id != INTERN_NONE)
		return id;
	if (t->n >= INTERN_NONE - 1)
		fail_memory();
	if (t->slot == NULL || 2 * (t->n + 1) > t->mask + 1)
		rehash(t);
	if (t->n == t->cap)
		t->key = vec_grow(t->key, &t->cap, t->n + 1, sizeof(*t->key));
	id = (uint32_t)t->n++;
	t->key[id] = keep(t, key);
	place(t, hash, id);
	return id;
}

void
intern_ids(struct intern *t, const struct span *key, uint32_t *id, size_t n)
{
	for (size_t i = 0; i < n; i++)
		id[i] = intern_id(t, key[i]);
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
	*t = (struct intern){ 0 };
}
