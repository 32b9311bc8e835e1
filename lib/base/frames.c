#include "base/frames.h"

#include <stdbool.h>
#include <string.h>

struct span
frames_next(struct span *rest)
{
	const char *end = rest->n > 0 ? memchr(rest->s, ';', rest->n) : NULL;
	struct span frame = *rest;

	if (end == NULL) {
		rest->s += rest->n;
		rest->n = 0;
		return frame;
	}
	frame.n = (size_t)(end - rest->s);
	rest->s = end + 1;
	rest->n -= frame.n + 1;
	return frame;
}

size_t
frames_depth(struct span stack)
{
	size_t depth = stack.n > 0, i;

	for (i = 0; i < stack.n; i++)
		depth += stack.s[i] == ';';
	return depth;
}

static bool
is_library(struct span frame)
{
	static const char *const begins[] = { "std::", "void std::",
		"__gnu_cxx::", "operator new", "alloc::", "core::",
		"hashbrown::", "<std::", "<alloc::", "<core::" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (frame.n >= strlen(begins[i]) &&
		    memcmp(frame.s, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

struct span
frames_own(struct span stack)
{
	struct span own = stack;
	const char *last;

	while ((last = memrchr(own.s, ';', own.n)) != NULL &&
	    is_library((struct span){ last + 1,
		(size_t)(own.s + own.n - last - 1) }))
		own.n = (size_t)(last - own.s);
	return is_library(own) ? stack : own;
}
