#include "heap/stacks.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/load.h"
#include "base/mem.h"
#include "heap/fold.h"
#include "base/frames.h"

enum { FIRST_SLOTS = 1024 };

/* Names are short: eight bytes at a time, the last ones overlapping. */
static inline bool
begins(const char *s, struct span name)
{
	if (name.n < 8)
		return memcmp(s, name.s, name.n) == 0;
	for (size_t i = 0; i + 8 < name.n; i += 8)
		if (load_le64(s + i) != load_le64(name.s + i))
			return false;
	return load_le64(s + name.n - 8) == load_le64(name.s + name.n - 8);
}

static bool
is_text(const struct stacks *s, uint32_t id, struct span text)
{
	const uint32_t *frame = stacks_frames(s, id);
	size_t depth = s->one.v[id].depth, at = 0, i;

	for (i = 0; i < depth; i++) {
		struct span name = s->name.key[frame[i]];

		if (i > 0 && (at == text.n || text.s[at++] != ';'))
			return false;
		if (text.n - at < name.n ||
		    (name.n > 0 && !begins(text.s + at, name)))
			return false;
		at += name.n;
	}
	return at == text.n;
}

/* Load factor at most one half. */
static void
make_room(struct stacks *s)
{
	size_t slots = s->slot == NULL ? FIRST_SLOTS : s->mask + 1, i, h;

	if (s->one.n >= UINT32_MAX - 1)
		fail_memory();
	if (s->slot != NULL && 2 * (s->one.n + 1) <= slots)
		return;
	if (s->slot == NULL) {
		s->seed = hash_seed();
		vec_room(&s->frame, 1);	/* one of no frames has a place, too */
	} else {
		slots *= 2;
	}
	free(s->slot);
	s->slot = mem_new(slots, sizeof(*s->slot));
	s->mask = slots - 1;
	for (i = 0; i < s->one.n; i++) {
		for (h = s->one.v[i].hash & s->mask; s->slot[h] != 0;)
			h = (h + 1) & s->mask;
		s->slot[h] = (uint32_t)i + 1;
	}
}

/* The slot of a stack, or the free one where it belongs. */
static size_t
slot_of(const struct stacks *s, struct span text, uint64_t hash)
{
	size_t h = hash & s->mask;

	for (; s->slot[h] != 0; h = (h + 1) & s->mask)
		if (s->one.v[s->slot[h] - 1].hash == hash &&
		    is_text(s, s->slot[h] - 1, text))
			break;
	return h;
}

static void
split(struct stacks *s, struct span text)
{
	while (text.n > 0)
		vec_push(&s->frame, intern_id(&s->name, frames_next(&text)));
}

static void
print(const struct stacks *s, const uint32_t *frame, size_t depth,
    struct buf *out)
{
	for (size_t i = 0; i < depth; i++) {
		if (i > 0)
			buf_char(out, ';');
		buf_short(out, s->name.key[frame[i]]);
	}
}

/*
 * A stack that is not there.  Of one with recursion only what is left when that
 * is folded is kept, which may be there already.
 */
static uint32_t
add(struct stacks *s, struct span text, uint64_t hash, size_t h)
{
	size_t from = s->frame.n, depth, given;

	split(s, text);
	given = s->frame.n - from;
	depth = fold_recursion(s->frame.v + from, given);
	if (depth < given || (text.n > 0 && text.s[text.n - 1] == ';')) {
		s->text.n = 0;
		print(s, s->frame.v + from, depth, &s->text);
		text = buf_view(&s->text);
		depth = text.n > 0 ? depth : 0;
		hash = hash_keyed(s->seed, text.s, text.n);
		h = slot_of(s, text, hash);
	}
	s->frame.n = from + depth;
	if (s->slot[h] != 0) {
		s->frame.n = from;
		return s->slot[h] - 1;
	}
	vec_push(&s->one, (struct stacks_one){ from, hash, (uint32_t)depth });
	s->slot[h] = (uint32_t)s->one.n;
	return s->slot[h] - 1;
}

uint32_t
stacks_id(struct stacks *s, struct span text)
{
	uint32_t next = s->last + 1;
	uint64_t hash;
	size_t h;

	if (next < s->one.n && is_text(s, next, text))
		return s->last = next;
	make_room(s);
	hash = hash_keyed(s->seed, text.s, text.n);
	h = slot_of(s, text, hash);
	s->last = s->slot[h] != 0 ? s->slot[h] - 1 : add(s, text, hash, h);
	return s->last;
}

static bool
is_frames(const struct stacks *s, uint32_t id, const uint32_t *frame,
    size_t depth)
{
	return s->one.v[id].depth == depth && memcmp(stacks_frames(s, id),
	    frame, depth * sizeof(*frame)) == 0;
}

uint32_t
stacks_id_frames(struct stacks *s, const uint32_t *frame, size_t depth)
{
	uint32_t next = s->last + 1;
	uint64_t hash;
	size_t h, i;

	if (next < s->one.n && is_frames(s, next, frame, depth))
		return s->last = next;
	make_room(s);
	hash = hash_keyed(s->seed, frame, depth * sizeof(*frame));
	for (h = hash & s->mask; s->slot[h] != 0; h = (h + 1) & s->mask)
		if (s->one.v[s->slot[h] - 1].hash == hash &&
		    is_frames(s, s->slot[h] - 1, frame, depth))
			return s->last = s->slot[h] - 1;
	vec_push(&s->one, (struct stacks_one){ s->frame.n, hash,
	    (uint32_t)depth });
	s->slot[h] = (uint32_t)s->one.n;
	for (i = 0; i < depth; i++)
		vec_push(&s->frame, frame[i]);
	return s->last = s->slot[h] - 1;
}

uint32_t
stacks_find(const struct stacks *s, struct span text)
{
	size_t h;

	if (s->slot == NULL)
		return STACKS_NONE;
	h = slot_of(s, text, hash_keyed(s->seed, text.s, text.n));
	return s->slot[h] != 0 ? s->slot[h] - 1 : STACKS_NONE;
}

void
stacks_text(const struct stacks *s, uint32_t id, struct buf *out)
{
	print(s, stacks_frames(s, id), s->one.v[id].depth, out);
}

size_t
stacks_common(const struct stacks *s, uint32_t a, uint32_t b)
{
	const uint32_t *x = stacks_frames(s, a), *y = stacks_frames(s, b);
	size_t n = s->one.v[a].depth, m = s->one.v[b].depth, i = 0;

	while (i < n && i < m && x[i] == y[i])
		i++;
	return i;
}

void
stacks_free(struct stacks *s)
{
	intern_free(&s->name);
	vec_free(&s->frame);
	vec_free(&s->one);
	free(s->slot);
	free(s->place);
	buf_free(&s->text);
	*s = (struct stacks){ 0 };
}
