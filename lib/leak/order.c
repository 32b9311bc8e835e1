#include "leak/order.h"

#include <stdlib.h>

static int
by_name(const void *va, const void *vb, void *arg)
{
	const struct span *key = arg;
	const uint32_t *a = va, *b = vb;

	return span_cmp(key[*a], key[*b]);
}

/* The new ids, sorted, into the `old` sorted ones, from the end. */
static void
merge_in(struct order *o, const struct span *key, size_t old,
    const uint32_t *new, size_t n)
{
	uint32_t *id = o->id.v;
	size_t to = old + n;

	while (n > 0) {
		if (old > 0 && span_cmp(key[id[old - 1]], key[new[n - 1]]) > 0)
			id[--to] = id[--old];
		else
			id[--to] = new[--n];
	}
}

void
order_update(struct order *o, const struct intern *names)
{
	size_t old = o->id.n, n = names->n - old;
	uint32_t *new;

	if (n == 0)
		return;
	new = mem_new(n, sizeof(*new));
	for (size_t i = 0; i < n; i++)
		new[i] = (uint32_t)(old + i);
	qsort_r(new, n, sizeof(*new), by_name, names->key);
	vec_room(&o->id, n);
	merge_in(o, names->key, old, new, n);
	free(new);
	vec_room(&o->rank, n);
	o->id.n = o->rank.n = names->n;
	for (size_t i = 0; i < names->n; i++)
		o->rank.v[o->id.v[i]] = (uint32_t)i;
}

void
order_free(struct order *o)
{
	vec_free(&o->id);
	vec_free(&o->rank);
}
