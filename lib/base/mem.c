#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "base/mem.h"
#include "base/vec.h"

enum { LARGE = 4 << 20, PAGE = 4096 };

/*
 * Large tables are read here and there, and with small pages each look would
 * also miss the translation buffer.  Only advice: nothing depends on it.
 */
static void
advise(void *p, size_t n)
{
	uintptr_t from = ((uintptr_t)p + PAGE - 1) & ~(uintptr_t)(PAGE - 1);

	if (n >= LARGE)
		madvise((void *)from, n - PAGE, MADV_HUGEPAGE);
}

void *
mem_new(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		fail_memory();
	advise(p, n * size);
	return p;
}

void *
mem_resize(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n > 0 ? n : 1, size);
	if (p == NULL)
		fail_memory();
	advise(p, n * size);
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
	size_t old = *cap, n = old > 0 ? old : 8;
	void *new;

	while (n < need) {
		if (n > SIZE_MAX / 2)
			fail_memory();
		n *= 2;
	}
	*cap = n;
	if (n * size < LARGE)
		return mem_resize(v, n, size);
	/* Moved by hand: realloc() would take the small pages along. */
	new = mem_new(n, size);
	if (old > 0)
		memcpy(new, v, old * size);
	free(v);
	return new;
}
