#ifndef RESIN_MODULE_LIST_H
#define RESIN_MODULE_LIST_H

#include <stddef.h>

#include "base/intern.h"
#include "base/vec.h"
#include "heap/maps.h"

/*
 * module_list - the programs and libraries that were mapped, each file once
 * under each name, in order of name.  All zero is an empty one.
 */
struct module {
	char *module, *path, *build_id;	/* build_id may be NULL */
};

struct module_list {
	VEC(struct module) list;
	struct intern seen;
};

/*
 * Adds what the maps have of code.  Calls `deleted` for each file that is new
 * here and was deleted or replaced while it ran.
 */
void module_list_add(struct module_list *, const struct maps *,
    void (*deleted)(void *, const char *path), void *arg);
/* A file as resin-symbolize(1) reads it, whole or not at all; -1: errno. */
int module_list_save(const struct module_list *, const char *path);
void module_list_free(struct module_list *);

#endif
