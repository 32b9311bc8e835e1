#ifndef PANO_ENTRY_H
#define PANO_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "pano/logrules.h"
#include "table/output.h"

/*
 * entry - a line of a log and the lines that belong to it, such as a stack
 * trace, joined by " | ", as far as ENTRY_MORE bytes.
 */
enum { ENTRY_MORE = 4096 };

struct entry {
	struct buf text, more;
	size_t line;
	bool held, young;
};

void entry_begin(struct entry *, struct span, size_t line);
void entry_more(struct entry *, struct span);
/* True once after each new line: more may be on its way. */
bool entry_young(struct entry *);
void entry_clear(struct entry *);
void entry_free(struct entry *);

/*
 * What an entry says, as a row of observations.  Its id is 16 hex digits that
 * are the same for the same observation, for a broker that delivers twice and
 * an observer that starts over.
 */
void event_header(struct output *);
void event_write(struct output *, const struct event *);

#endif
