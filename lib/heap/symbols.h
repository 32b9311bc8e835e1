#ifndef RESIN_SYMBOLS_H
#define RESIN_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

/*
 * symbols - the functions at the addresses of a dump that brings its own names.
 * An address with inlined calls has several, the caller before the callee, and
 * is added once for each in that order; then symbols_ready().
 */
struct symbol {
	uint64_t addr;
	uint32_t order;		/* added as */
	uint32_t frame;		/* the caller's number for the name */
};

struct symbols {
	VEC(struct symbol) list;
};

void symbols_add(struct symbols *, uint64_t addr, uint32_t frame);
void symbols_ready(struct symbols *);
/* The functions of an address, `*n` of them; NULL: not known. */
const struct symbol *symbols_find(const struct symbols *, uint64_t addr,
    size_t *n);
void symbols_free(struct symbols *);

#endif
