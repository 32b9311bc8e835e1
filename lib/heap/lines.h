#ifndef RESIN_LINES_H
#define RESIN_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "table/source.h"

/*
 * lines - a dump as text lines, or as a whole.  Gzip and zstd are undone by
 * table/source.  A line comes without its LF or CRLF; spans are good until the
 * next call.  A last line without its LF is what a killed writer leaves: it may
 * end inside a number, so it is not given out, and `cut` is set.  Trouble ends
 * the lines: why[0] is then not NUL, and `fatal` says that it is not just a
 * compressed file that was cut.
 */
#define LINES_HEAD (64 << 10)	/* bytes that a format is recognised by */
#define LINES_LONGEST (16 << 20)	/* a longer line is no dump */
/* A larger JSON or profile is not read. */
#define LINES_WHOLE ((size_t)2 << 30)

struct lines {
	struct source source;
	bool open;		/* source is */
	bool end;		/* nothing more to read */
	char *b;
	size_t from, have, cap;
	size_t line;		/* number of the line given out last, 1-based */
	bool cut;		/* there was a last line without its LF */
	bool fatal;
	bool again;		/* give that line out once more */
	struct span last;
	char why[128];
};

bool lines_open(struct lines *, const char *path);	/* false: why */
/* The same from memory, which is copied. */
void lines_memory(struct lines *, const void *, size_t);
struct span lines_head(struct lines *);	/* the first bytes, not consumed */
bool lines_next(struct lines *, struct span *);
void lines_unget(struct lines *);	/* lines_next() gives it out again */
struct span lines_rest(struct lines *);	/* all that is left, at once */
void lines_close(struct lines *);

/*
 * A scanner over one line.  Each takes what it names from the front of the
 * span and says whether it was there; blanks are spaces and TABs.
 */
bool scan_str(struct span *, const char *);
void scan_blank(struct span *);
bool scan_u64(struct span *, uint64_t *); /* decimal; false on overflow too */
bool scan_hex(struct span *, uint64_t *);	/* with or without 0x */
struct span scan_until(struct span *, char);	/* up to it, or all; eats it */
/* Is `what` in `s`?  Where, or -1. */
ptrdiff_t span_find(struct span s, const char *what);
bool span_begins(struct span s, const char *what);
struct span span_trim(struct span);

#endif
