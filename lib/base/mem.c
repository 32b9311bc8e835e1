#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "base/vec.h"

void *
mem_new(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		fail_memory();
	return p;
}

void *
mem_resize(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n > 0 ? n : 1, size);
	if (p == NULL)
		fail_memory();
	return p;
}

char *
mem_copy(const void *s, size_t n)
{
	char *p = mem_new(n + 1, 1);

	if (n > 0)
		memcpy(p, s, n);
	return p;
}

void *
vec_grow(void *v, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap > 0 ? *cap : 8;

	while (n < need) {
		if (n > SIZE_MAX / 2)
			fail_memory();
		n *= 2;
	}
	*cap = n;
	return mem_resize(v, n, size);
}
