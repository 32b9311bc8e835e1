#ifndef RESIN_MAPS_H
#define RESIN_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * maps - where the files of one process were mapped, as in /proc/PID/maps.
 * It turns an address, which ASLR makes new in every run, into "module+0xoff",
 * which stays: the base name of the file and the offset in the file.  Two files
 * of one base name in one process are told apart by their whole paths.
 */
struct map {
	uint64_t start, end;	/* [start, end) */
	uint64_t offset;	/* of start, in the file */
	char *path;		/* without " (deleted)" */
	const char *module;	/* within path */
	char *build_id;		/* hex, or NULL */
	bool deleted, exec;
};

struct maps {
	struct map *v;
	size_t n, cap;
	bool sorted;
	uint64_t vdso;		/* its address, which no two processes share */
};

/* A line of /proc/PID/maps.  False: it is none. */
bool maps_line(struct maps *, struct span line);
void maps_add(struct maps *, uint64_t start, uint64_t end, uint64_t offset,
    struct span path, struct span build_id);
/* Sort, and name the modules; after the last maps_add(). */
void maps_ready(struct maps *);
const struct map *maps_find(const struct maps *, uint64_t addr);
/* "module+0xoff", or "0xaddr" where nothing is mapped. */
void maps_print(const struct maps *, uint64_t addr, struct buf *);
/* The program: the file mapped lowest, or NULL. */
const struct map *maps_program(const struct maps *);
void maps_free(struct maps *);

#endif
