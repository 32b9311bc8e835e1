#ifndef RESIN_HEADER_H
#define RESIN_HEADER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"
#include "table/run.h"

/* header - the names of a table's columns, in its order.  All zero is none. */
struct header {
	VEC(struct span) name;
	struct buf text;	/* the names' own, but for header_add() */
};

/* The fields of a TSV line, of which the last may end in CR. */
void header_line(struct header *, struct span line);
/* Those of a run's first row. */
void header_row(struct header *, const struct run *);
/* One more, of text that lives on elsewhere. */
void header_add(struct header *, struct span name);

void header_free(struct header *);

#endif
