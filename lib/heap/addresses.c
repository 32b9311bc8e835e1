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
	uint32_t frame;
};

/* Where a text is kept, or belongs. */
static inline struct addresses_text *
place(struct addresses_text *text, uint64_t head, uint64_t tail)
{
	return &text[hash_mix(head ^ 0xa0761d6478bd642fu,
	    tail ^ 0xe7037ed1a0b428dbu) & (TEXTS - 1)];
}

void
addresses_keep(struct addresses *a, struct span text, uint32_t frame)
{
	uint64_t head, tail;

	if (text.n < 8 || text.n > 16)
		return;
	if (a->text == NULL)
		a->text = mem_new(TEXTS, sizeof(*a->text));
	head = load_le64(text.s);
	tail = load_le64(text.s + text.n - 8);
	*place(a->text, head, tail) = (struct addresses_text){ head, tail,
		(uint32_t)text.n, frame };
	a->text_n = text.n;
}

size_t
addresses_take(struct addresses *a, struct span *s, uint32_t *frame)
{
	size_t n = a->text_n, taken = 0;
	const char *p = s->s, *end = p + s->n;

	while (n > 0 && (size_t)(end - p) >= n) {
		uint64_t head = load_le64(p), tail = load_le64(p + n - 8);
		const struct addresses_text *at = place(a->text, head, tail);

		if (at->head != head || at->tail != tail || at->n != n ||
		    (p + n < end && p[n] != ' '))
			break;
		frame[taken++] = at->frame;
		for (p += n; p < end && *p == ' '; p++)
			;
	}
	s->n = (size_t)(end - p);
	s->s = p;
	return taken;
}

void
addresses_free(struct addresses *a)
{
	free(a->key);
	free(a->slot);
	free(a->text);
	*a = (struct addresses){ 0 };
}
