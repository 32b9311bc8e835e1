#include "heap/kin.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "heap/recursion.h"

/* Frames of a distinct stack without recursion, as bytes. */
struct plain {
	const uint32_t *frame;
	size_t depth;
	uint32_t id;
};

/* Numbers the stacks by what is left of them without recursion. */
static void
strip(const struct stacks *s, const uint32_t *id, size_t n,
    struct intern *plain, uint32_t *kin)
{
	struct recursion rec = { 0 };
	VEC(uint32_t) frame = { 0 };
	size_t i, depth;

	for (i = 0; i < n; i++)
		recursion_add(&rec, stacks_frames(s, id[i]),
		    s->one.v[id[i]].depth, s->name.key);
	recursion_find(&rec);
	for (i = 0; i < n; i++) {
		vec_room(&frame, s->one.v[id[i]].depth + 1u);
		depth = recursion_strip(&rec, stacks_frames(s, id[i]),
		    s->one.v[id[i]].depth, frame.v);
		kin[i] = intern_id(plain, (struct span){
		    (const char *)frame.v, depth * sizeof(*frame.v) });
	}
	recursion_free(&rec);
	vec_free(&frame);
}

/* Innermost frames first, so that what ends alike stands together. */
static int
from_inside(const void *a, const void *b)
{
	const struct plain *x = a, *y = b;
	size_t i;

	for (i = 1; i <= x->depth && i <= y->depth; i++) {
		uint32_t f = x->frame[x->depth - i],
			 g = y->frame[y->depth - i];

		if (f != g)
			return f < g ? -1 : 1;
	}
	return (x->depth > y->depth) - (x->depth < y->depth);
}

static bool
is_end(const struct plain *inner, const struct plain *whole)
{
	size_t i;

	if (inner->depth == 0 || inner->depth > whole->depth)
		return false;
	for (i = 1; i <= inner->depth; i++)
		if (inner->frame[inner->depth - i] !=
		    whole->frame[whole->depth - i])
			return false;
	return true;
}

/*
 * In this order the stacks that end in one follow it.  It is the end of the
 * last of them alone if each of these is an end of the next.
 */
static void
join_ends(const struct plain *p, size_t n, uint32_t *whole)
{
	size_t *behind = mem_new(n, sizeof(*behind)), i, next;

	for (i = n; i-- > 0;) {
		for (next = i + 1; next < n && is_end(&p[i], &p[next]);)
			next = behind[next];
		behind[i] = next;	/* the first that does not end in it */
		whole[p[i].id] = p[i].id;
		if (next > i + 1 && behind[i + 1] == next &&
		    (next == i + 2 || whole[p[i + 1].id] != p[i + 1].id))
			whole[p[i].id] = whole[p[i + 1].id];
	}
	free(behind);
}

void
kin_find(const struct stacks *s, const uint32_t *id, size_t n, uint32_t *kin)
{
	struct intern plain = { 0 };
	struct plain *p;
	uint32_t *frame, *whole;
	size_t total = 0, i;

	strip(s, id, n, &plain, kin);
	for (i = 0; i < plain.n; i++)
		total += plain.key[i].n;
	frame = mem_new(total + 1, 1);
	p = mem_new(plain.n, sizeof(*p));
	whole = mem_new(plain.n, sizeof(*whole));
	for (i = 0, total = 0; i < plain.n; i++) {
		size_t depth = plain.key[i].n / sizeof(*frame);

		memcpy(frame + total, plain.key[i].s, plain.key[i].n);
		p[i] = (struct plain){ frame + total, depth, (uint32_t)i };
		total += depth;
	}
	if (plain.n > 1)
		qsort(p, plain.n, sizeof(*p), from_inside);
	join_ends(p, plain.n, whole);
	for (i = 0; i < n; i++)
		kin[i] = whole[kin[i]];
	free(frame);
	free(p);
	free(whole);
	intern_free(&plain);
}
