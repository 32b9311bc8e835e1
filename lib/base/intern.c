#include "base/intern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/intern_line.h"
#include "base/load.h"
#include "base/mem.h"
#include "base/vec.h"

/*
 * Of a key of up to 16 bytes all of it, so that a look-up that succeeds needs a
 * line of the table, one cell and no loop; of a longer one the end, see
 * look_at().
 */
struct intern_cell {
	uint64_t head, tail;
	uint64_t rest;		/* tag, not 0, and length, 32 bits each */
};

struct intern_chunk {
	struct intern_chunk *next;
	size_t used, cap;
	char bytes[];
};

enum { CHUNK = 64 * 1024 };

/* Keys to a line at most, on average: one key in fifteen is then elsewhere. */
enum { FULL = 5 };

/* Keys that room is made for at once, and how far the steps of batch() are
 * apart. */
enum { BATCH = 512, BEHIND = 24, RING = 64 };

/* Tables of up to so many bytes stay in the second cache: nothing to fetch. */
enum { SMALL = 256 * 1024 };

#define K0 UINT64_C(0xa0761d6478bd642f)
#define K1 UINT64_C(0xe7037ed1a0b428db)

/*
 * A key as it is looked up: the first and the last eight bytes of what is left
 * when all but 1 to 16 of its bytes are in the hash.  They may overlap;
 * together with its length they say all of a short key.
 *
 * Seeded, for whoever sends names could else choose them to collide: with the
 * seed unknown no two of them meet more often than chance has it.
 */
static inline struct intern_cell
looked_at(const struct intern *t, uint64_t head, uint64_t tail, uint64_t before,
    size_t n)
{
	uint64_t hash = hash_mix(head ^ before ^ K0, tail ^ t->seed ^ K1);

	return (struct intern_cell){ head, tail,
		(hash | 1) << 32 | (uint32_t)n };
}

static __attribute__((noinline)) struct intern_cell
look_at_any(const struct intern *t, struct span key)
{
	uint64_t h = t->seed + key.n * K1, head = 0, tail = 0;
	const char *s = key.s;
	size_t n = key.n;

	for (; n > 16; n -= 16, s += 16)
		h = hash_mix(load_le64(s) ^ h ^ K0,
		    load_le64(s + 8) ^ t->seed ^ K1);
	if (n >= 8) {
		head = load_le64(s);
		tail = load_le64(s + n - 8);
	} else if (n >= 4) {
		uint32_t first, last;

		memcpy(&first, s, 4);
		memcpy(&last, s + n - 4, 4);
		head = (uint64_t)first << 32 | last;
	} else if (n > 0)
		head = (uint64_t)(unsigned char)s[0] << 16 |
		    (uint64_t)(unsigned char)s[n / 2] << 8 |
		    (unsigned char)s[n - 1];
	return looked_at(t, head, tail, h, key.n);
}

/* Most names have 8 to 16 bytes. */
static inline struct intern_cell
look_at(const struct intern *t, struct span key)
{
	if (key.n - 8 > 8)
		return look_at_any(t, key);
	return looked_at(t, load_le64(key.s), load_le64(key.s + key.n - 8),
	    t->seed + key.n * K1, key.n);
}

static inline uint32_t
tag_of(uint64_t rest)
{
	return (uint32_t)(rest >> 32);
}

static inline bool
same_key(const struct intern *t, uint32_t id, struct span key,
    const struct intern_cell *look)
{
	const struct intern_cell *cell = &t->cell[id];

	return ((cell->head ^ look->head) | (cell->tail ^ look->tail) |
	    (cell->rest ^ look->rest)) == 0 &&
	    (key.n <= 16 || span_eq(t->key[id], key));
}

/* The line where a key is, or would be if all lines had room. */
static inline size_t
home(const struct intern *t, uint32_t tag)
{
	return (tag >> 1) & t->mask;
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
place(struct intern *t, uint32_t tag, uint32_t id)
{
	size_t at = home(t, tag);
	unsigned free_slots, k;

	while ((free_slots = intern_line_hits(&t->line[at], 0)) == 0)
		at = (at + 1) & t->mask;
	k = (unsigned)__builtin_ctz(free_slots);
	t->line[at].tag[k] = tag;
	t->line[at].id[k] = id;
}

/* For the next key; what is there until then is like no key. */
static void
make_cell(struct intern *t)
{
	size_t cells = t->cap;

	if (t->n < t->cap)
		return;
	t->key = vec_grow(t->key, &t->cap, t->n + 1, sizeof(*t->key));
	t->cell = vec_grow(t->cell, &cells, t->n + 1, sizeof(*t->cell));
	t->cell[t->n] = (struct intern_cell){ 0 };
}

static void
make_room(struct intern *t, size_t n)
{
	size_t lines = t->line == NULL ? 1 : t->mask + 1;

	if (t->n + n >= INTERN_NONE)
		fail_memory();
	while (t->n + n > FULL * lines)
		lines *= 2;
	if (t->line != NULL && lines == t->mask + 1)
		return;
	if (t->seed == 0)
		t->seed = hash_seed();
	make_cell(t);		/* a free slot leads to cell[0] */
	free(t->memory);
	t->memory = mem_new(lines + 1, sizeof(*t->line));
	t->line = (void *)(((uintptr_t)t->memory + sizeof(*t->line) - 1) &
	    ~(uintptr_t)(sizeof(*t->line) - 1));
	t->mask = lines - 1;
	for (size_t i = 0; i < t->n; i++)
		place(t, tag_of(t->cell[i].rest), (uint32_t)i);
}

static inline uint32_t
find(const struct intern *t, struct span key, const struct intern_cell *look)
{
	size_t at = home(t, tag_of(look->rest));

	for (;; at = (at + 1) & t->mask) {
		const struct intern_line *line = &t->line[at];
		unsigned hits = intern_line_hits(line, tag_of(look->rest));

		for (; hits != 0; hits &= hits - 1) {
			uint32_t id = line->id[__builtin_ctz(hits)];

			if (same_key(t, id, key, look))
				return id;
		}
		if (intern_line_hits(line, 0) != 0)
			return INTERN_NONE;
	}
}

static uint32_t
add(struct intern *t, struct span key, const struct intern_cell *look)
{
	uint32_t id = (uint32_t)t->n;

	make_cell(t);
	t->cell[id] = *look;
	t->key[t->n++] = keep(t, key);
	place(t, tag_of(look->rest), id);
	return id;
}

static inline uint32_t
find_or_add(struct intern *t, struct span key, const struct intern_cell *look)
{
	uint32_t id = find(t, key, look);

	return id != INTERN_NONE ? id : add(t, key, look);
}

uint32_t
intern_find(const struct intern *t, struct span key)
{
	struct intern_cell look = look_at(t, key);

	return t->line == NULL ? INTERN_NONE :
	    find(t, key, &look);
}

uint32_t
intern_id(struct intern *t, struct span key)
{
	struct intern_cell look;

	make_room(t, 1);
	look = look_at(t, key);
	return find_or_add(t, key, &look);
}

/* The first slot of the home line that has the tag; any if none has. */
static inline uint32_t
guess(const struct intern *t, uint32_t tag)
{
	const struct intern_line *line = &t->line[home(t, tag)];
	unsigned hits = intern_line_hits(line, tag);

	return line->id[__builtin_ctz(hits | 1u << (INTERN_LINE - 1))];
}

/* The guess was wrong, or the key is new. */
static __attribute__((noinline)) uint32_t
guessed_wrong(struct intern *t, const struct span *key)
{
	struct intern_cell look = look_at(t, *key);

	return find_or_add(t, *key, &look);
}

/*
 * Three steps, each so far behind the one before that what that one began to
 * fetch is there: the line, the cell, the comparison.
 */
static void
batch(struct intern *t, const struct span *key, uint32_t *id, size_t n)
{
	struct intern_cell look[RING], *l;
	size_t k;

	for (size_t i = 0; i < n + 2 * BEHIND; i++) {
		if (i < n) {
			l = &look[i % RING];
			*l = look_at(t, key[i]);
			__builtin_prefetch(&t->line[home(t, tag_of(l->rest))]);
		}
		if (k = i - BEHIND, k < n) {
			id[k] = guess(t, tag_of(look[k % RING].rest));
			__builtin_prefetch(&t->cell[id[k]]);
		}
		if (k = i - 2 * BEHIND, k < n &&
		    !same_key(t, id[k], key[k], &look[k % RING]))
			id[k] = guessed_wrong(t, &key[k]);
	}
}

static void
batch_small(struct intern *t, const struct span *key, uint32_t *id, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct intern_cell look = look_at(t, key[i]);

		id[i] = guess(t, tag_of(look.rest));
		if (!same_key(t, id[i], key[i], &look))
			id[i] = guessed_wrong(t, &key[i]);
	}
}

void
intern_ids(struct intern *t, const struct span *key, uint32_t *id, size_t n)
{
	for (size_t k; n > 0; n -= k, key += k, id += k) {
		k = n < BATCH ? n : BATCH;
		make_room(t, k);
		if ((t->mask + 1) * sizeof(*t->line) +
		    t->n * sizeof(*t->cell) <= SMALL)
			batch_small(t, key, id, k);
		else
			batch(t, key, id, k);
	}
}

void
intern_free(struct intern *t)
{
	struct intern_chunk *next;

	for (struct intern_chunk *c = t->chunk; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(t->memory);
	free(t->key);
	free(t->cell);
	*t = (struct intern){ 0 };
}
