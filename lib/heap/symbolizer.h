#ifndef RESIN_SYMBOLIZER_H
#define RESIN_SYMBOLIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"

/*
 * symbolizer - an offset in a program or library to the functions there, by
 * elfutils' libdwfl: the symbol table, and DWARF for what was inlined. Separate
 * debug files are found by build-id and by .gnu_debuglink, as gdb finds them.
 *
 * A data symbol is never taken for a function, nor one whose size does not
 * reach the address: a stripped program names nothing rather than the nearest
 * thing it exports.
 */
struct symbolizer_options {
	const char *debug_path;	/* directories as libdwfl wants them, or NULL */
	const char *sysroot;	/* in front of every path, or NULL */
	const char **path_from, **path_to;	/* prefixes replaced */
	size_t npath;
	bool mangled;		/* C++ and Rust names as in the file */
	bool no_inlines;
};

struct binary;

/* A module by the path it had where the dump was taken.  NULL: *why says why,
 * as in "PATH: No such file or directory"; the caller frees neither. */
struct binary *binary_open(const struct symbolizer_options *, const char *path,
    const char *build_id, struct buf *why);

/*
 * The functions at an offset in the file, outermost first, joined by ';',
 * appended to `out`; what is inlined comes last.  False: none is known.
 */
bool binary_name(struct binary *, uint64_t offset, struct buf *out);
void binary_close(struct binary *);

#endif
