/* The order of stacks: that of their frames, which are ordered by bytes. */
#include <stdlib.h>

#include "base/mem.h"
#include "heap/stacks.h"

static int
by_name(const void *a, const void *b, void *arg)
{
	const struct stacks *s = arg;

	return span_cmp(s->name.key[*(const uint32_t *)a],
	    s->name.key[*(const uint32_t *)b]);
}

/* The place of each name among all of them. */
static void
sort_names(struct stacks *s)
{
	size_t n = s->name.n, i;
	uint32_t *id = mem_new(n, sizeof(*id));

	for (i = 0; i < n; i++)
		id[i] = (uint32_t)i;
	if (n > 1)
		qsort_r(id, n, sizeof(*id), by_name, s);
	free(s->place);
	s->place = mem_new(n, sizeof(*s->place));
	for (i = 0; i < n; i++)
		s->place[id[i]] = (uint32_t)i;
	free(id);
}

int
stacks_compare(const struct stacks *s, uint32_t id, const uint32_t *frame,
    size_t depth)
{
	const uint32_t *own = stacks_frames(s, id);
	size_t n = s->one.v[id].depth, i;

	for (i = 0; i < n && i < depth; i++)
		if (own[i] != frame[i])
			return s->place[own[i]] < s->place[frame[i]] ? -1 : 1;
	return i < depth ? -1 : 0;
}

/* Some frames of a stack, as one number that stands in their order. */
struct key {
	uint64_t frames;
	uint32_t id;
};

static int
by_key(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return (x->frames > y->frames) - (x->frames < y->frames);
}

/* How many frames all stacks begin with. */
static size_t
common_to_all(const struct stacks *s)
{
	size_t common = SIZE_MAX, i, n;

	for (i = 0; i < s->one.n && common > 0; i++) {
		n = stacks_common(s, 0, (uint32_t)i);
		common = n < common ? n : common;
	}
	return s->one.n > 0 ? common : 0;
}

static int
by_frames(const void *a, const void *b, void *arg)
{
	const struct key *x = a, *y = b;
	const struct stacks *s = arg;
	int c = stacks_compare(s, x->id, stacks_frames(s, y->id),
	    s->one.v[y->id].depth);

	return c != 0 ? c : s->one.v[x->id].depth > s->one.v[y->id].depth;
}

enum { FEW = 8, LEVELS = 64 };	/* so many are compared frame by frame */

/*
 * Puts stacks that are equal in their first `skip` frames in order: by the next
 * few, and those that these leave equal by more.
 */
static void
sort_from(struct stacks *s, struct key *key, size_t n, size_t skip, int level)
{
	unsigned bits = 1;
	size_t more, i, k, end;

	while (s->name.n >> bits != 0)
		bits++;
	more = skip + 64 / bits;
	for (i = 0; i < n; i++) {
		const uint32_t *frame = stacks_frames(s, key[i].id);
		size_t depth = s->one.v[key[i].id].depth;

		for (key[i].frames = 0, k = skip; k < more; k++)
			key[i].frames = key[i].frames << bits |
			    (k < depth ? s->place[frame[k]] + 1u : 0);
	}
	qsort(key, n, sizeof(*key), by_key);
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n &&
		    key[end].frames == key[i].frames; end++)
			;
		if (end - i > FEW && level < LEVELS)
			sort_from(s, key + i, end - i, more, level + 1);
		else if (end - i > 1)
			qsort_r(key + i, end - i, sizeof(*key), by_frames, s);
	}
}

void
stacks_sort(struct stacks *s, uint32_t *order)
{
	size_t n = s->one.n, i;
	struct key *key = mem_new(n, sizeof(*key));

	sort_names(s);
	for (i = 0; i < n; i++)
		key[i].id = (uint32_t)i;
	if (n > 1)
		sort_from(s, key, n, common_to_all(s), 0);
	for (i = 0; i < n; i++)
		order[i] = key[i].id;
	free(key);
}
