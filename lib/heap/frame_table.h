#ifndef RESIN_FRAME_TABLE_H
#define RESIN_FRAME_TABLE_H

#include <stdint.h>

#include "base/intern.h"
#include "base/span.h"
#include "base/vec.h"
#include "heap/fold.h"

/*
 * frame_table - the names of frames as they are printed, each once, and what
 * kind of frame each is.  All zero is an empty one.
 */
struct frame_table {
	struct intern name;
	VEC(unsigned char) kind;	/* enum fold_kind of the first names */
};

/* A name's number; what would break a row of folded stacks becomes '_'. */
uint32_t frame_table_id(struct frame_table *, struct span name);
enum fold_kind frame_table_kind(struct frame_table *, uint32_t id);
void frame_table_free(struct frame_table *);

/* A row is one line of flame-graph text: control characters and ';'. */
static inline bool
frame_breaks_row(unsigned char c)
{
	return c < ' ' || c == 0x7f || c == ';';
}

#endif
