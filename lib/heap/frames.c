#include "heap/frames.h"

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
