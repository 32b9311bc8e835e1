#ifndef RESIN_NAMING_H
#define RESIN_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/span.h"
#include "base/vec.h"
#include "heap/symbolizer.h"

/*
 * naming - stacks with "module+0xoff" frames to stacks of function names.  Each
 * distinct frame is looked up once; a module is opened when first met.  What
 * cannot be named stays as it is, and `say` hears why, once a module.
 */
struct naming_module {
	char *path, *build_id;
	struct binary *binary;
	bool tried;
};

struct naming {
	const struct symbolizer_options *options;
	bool raw;		/* keep allocators' frames and recursion */
	/* Are there more modules now?  Calls naming_module() if so. */
	bool (*more)(void *);
	void (*say)(void *, const char *);
	void *arg;

	struct intern modules;
	VEC(struct naming_module) module;	/* by id in modules */
	struct intern frame;	/* as given */
	VEC(struct name_list { size_t from; uint32_t n; }) name;
	VEC(uint32_t) names;	/* of text, outermost first */
	struct intern text;	/* function names */
	VEC(uint32_t) stack;
};

void naming_module(struct naming *, struct span module, struct span path,
    struct span build_id);
void naming_stack(struct naming *, struct span stack, struct buf *out);
void naming_free(struct naming *);

#endif
