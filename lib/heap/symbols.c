#include "heap/symbols.h"

void
symbols_add(struct symbols *s, uint64_t addr, uint32_t frame)
{
	vec_push(&s->list, (struct symbol){ addr, (uint32_t)s->list.n, frame });
}

static int
compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

void
symbols_ready(struct symbols *s)
{
	if (s->list.n > 0)
		qsort(s->list.v, s->list.n, sizeof(s->list.v[0]), compare);
}

const struct symbol *
symbols_find(const struct symbols *s, uint64_t addr, size_t *n)
{
	size_t low = 0, high = s->list.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->list.v[mid].addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	for (*n = 0; low + *n < s->list.n &&
	    s->list.v[low + *n].addr == addr; ++*n)
		;
	return *n > 0 ? s->list.v + low : NULL;
}

void
symbols_free(struct symbols *s)
{
	vec_free(&s->list);
}
