#include "heap/addresses.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/load.h"
#include "base/mem.h"
#include "base/vec.h"

static void
grow(struct addresses *a)
{
	size_t slots = a->mask == 0 ? 1024 : 2 * (a->mask + 1);

	free(a->slot);
	a->slot = mem_new(slots, sizeof(a->slot[0]));
	a->mask = slots - 1;
	for (size_t i = 0; i < a->n; i++) {
		size_t h = hash_mix(a->key[i], 0x9e3779b97f4a7c15u) & a->mask;

		while (a->slot[h] != 0)
			h = (h + 1) & a->mask;
		a->slot[h] = (uint32_t)i + 1;
	}
}

uint32_t
addresses_id(struct addresses *a, uint64_t addr)
{
	size_t h;

	if (2 * a->n >= a->mask)
		grow(a);
	h = hash_mix(addr, 0x9e3779b97f4a7c15u) & a->mask;
	for (; a->slot[h] != 0; h = (h + 1) & a->mask)
		if (a->key[a->slot[h] - 1] == addr)
			return a->slot[h] - 1;
	if (a->n == a->cap)
		a->key = vec_grow(a->key, &a->cap, a->n + 1, sizeof(addr));
	a->key[a->n] = addr;
	a->slot[h] = (uint32_t)++a->n;
	return (uint32_t)(a->n - 1);
}

enum { TEXTS = 8192 };	/* a power of two; what has no place is read again */
struct addresses_text {
	uint64_t head, tail;
	uint32_t n;		/* 0: free */
	uint32_t id;
};

/* Where the text of n bytes is kept, or belongs. */
static struct addresses_text *
place(struct addresses *a, const char *s, size_t n, struct addresses_text *key)
{
	*key = (struct addresses_text){ load_le64(s), load_le64(s + n - 8),
		(uint32_t)n, 0 };
	return &a->text[hash_mix(key->head ^ 0xa0761d6478bd642fu,
	    key->tail ^ 0xe7037ed1a0b428dbu) & (TEXTS - 1)];
}

bool
addresses_seen(struct addresses *a, struct span *s, uint32_t *id)
{
	size_t n = a->text_n;
	struct addresses_text key, *at;

	if (n < 8 || s->n < n || (s->n > n && s->s[n] != ' '))
		return false;
	at = place(a, s->s, n, &key);
	if (at->head != key.head || at->tail != key.tail || at->n != key.n)
		return false;
	*id = at->id;
	s->s += n;
	s->n -= n;
	return true;
}

void
addresses_keep(struct addresses *a, struct span text, uint32_t id)
{
	struct addresses_text key, *at;

	if (text.n < 8 || text.n > 16)
		return;
	if (a->text == NULL)
		a->text = mem_new(TEXTS, sizeof(*a->text));
	at = place(a, text.s, text.n, &key);
	key.id = id;
	*at = key;
	a->text_n = text.n;
}

void
addresses_free(struct addresses *a)
{
	free(a->key);
	free(a->slot);
	free(a->text);
	*a = (struct addresses){ 0 };
}
