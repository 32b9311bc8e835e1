#ifndef RESIN_STACKS_H
#define RESIN_STACKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * stacks - distinct stacks, numbered from 0 in order of appearance, as numbers
 * of the names of their frames.  As text a stack is its frames, outermost
 * first, joined by ';'.  Recursion is folded (heap/fold.h).  All zero is none.
 *
 * Memory: 4 bytes a frame and about 40 a stack, and each name once.
 */
struct stacks_one {
	size_t frame;		/* where its frames begin */
	uint64_t hash;		/* of its text, or of its frames */
	uint32_t depth;
};

struct stacks {
	struct intern name;
	VEC(uint32_t) frame;	/* ids of names, stack after stack */
	VEC(struct stacks_one) one;
	uint32_t *slot;		/* number + 1; 0: free */
	size_t mask;
	uint64_t seed;
	uint32_t last;		/* found; the next row's is often the next */
	uint32_t *place;	/* of each name; stacks_sort() */
	struct buf text;
};

#define STACKS_NONE UINT32_MAX

uint32_t stacks_id(struct stacks *, struct span text);	/* adds if new */
/*
 * The same of frames without recursion, as numbers of stacks.name.  Stacks are
 * found as they were added, so all of them are added in one way.
 */
uint32_t stacks_id_frames(struct stacks *, const uint32_t *frame, size_t depth);
/* The number of one without recursion, or STACKS_NONE. */
uint32_t stacks_find(const struct stacks *, struct span text);
/* Appended. */
void stacks_text(const struct stacks *, uint32_t id, struct buf *);

/*
 * Fills order[] with the numbers of the stacks, ordered by frames, which are
 * ordered by bytes: a stack stands before what it calls, and all that begin
 * with the same frames stand together.
 */
void stacks_sort(struct stacks *, uint32_t *order);
/*
 * Where a stack stands to some outermost frames, ids of names: before (-1),
 * behind (1), or it begins with them (0).  After stacks_sort() only.
 */
int stacks_compare(const struct stacks *, uint32_t id, const uint32_t *frame,
    size_t depth);
/* How many outermost frames two have in common. */
size_t stacks_common(const struct stacks *, uint32_t a, uint32_t b);
void stacks_free(struct stacks *);

static inline const uint32_t *
stacks_frames(const struct stacks *s, uint32_t id)
{
	return s->frame.v + s->one.v[id].frame;
}

#endif
