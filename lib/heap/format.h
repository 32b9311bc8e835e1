#ifndef RESIN_FORMAT_H
#define RESIN_FORMAT_H

#include <stdbool.h>

#include "base/span.h"
#include "heap/dump.h"

/*
 * The formats of heap dumps.  A new one is a file with a sniff and a read
 * function and a line in format.c's table; the more specific go first there.
 */
struct heap_format {
	const char *name;	/* -f NAME, and the column "format" */
	bool (*sniff)(struct span head);	/* of up to LINES_HEAD bytes */
	bool (*read)(struct dump *);	/* false: dump_fail() said why */
};

extern const struct heap_format *const heap_formats[];	/* NULL-terminated */

const struct heap_format *format_named(const char *);	/* or NULL */
const struct heap_format *format_sniff(struct span head);	/* or NULL */

#endif
