#include "heap/nearest.h"

#include <stdlib.h>

static void
take(void *arg, const struct refs_entry *e)
{
	struct nearest *all = arg;
	struct nearest_entry mine = { e->id, e->fp, e->rows, 0, NULL };
	struct buf why = { 0 };
	int i;

	mine.distance = fingerprint_distance(all->asked, &e->fp, &why);
	mine.why = mem_copy(why.s, why.n);
	buf_free(&why);
	for (i = 0; i < FP_FIELDS; i++)
		mine.fp.field[i].s = mem_copy(e->fp.field[i].s,
		    e->fp.field[i].n);
	vec_push(&all->list, mine);
}

bool
nearest_read(struct nearest *all, struct refs *r)
{
	return refs_each(r, take, all);
}

static int
nearer(const void *a, const void *b)
{
	const struct nearest_entry *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->fp.date != y->fp.date)
		return x->fp.date > y->fp.date ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

void
nearest_sort(struct nearest *all)
{
	if (all->list.n > 1)
		qsort(all->list.v, all->list.n, sizeof(*all->list.v), nearer);
}

int64_t
nearest_newest(const struct nearest *all)
{
	int64_t newest = INT64_MIN;
	size_t i;

	for (i = 0; i < all->list.n; i++)
		if (all->list.v[i].fp.date > newest)
			newest = all->list.v[i].fp.date;
	return newest;
}

void
nearest_free(struct nearest *all)
{
	size_t i, k;

	for (i = 0; i < all->list.n; i++) {
		for (k = 0; k < FP_FIELDS; k++)
			free((void *)(uintptr_t)all->list.v[i].fp.field[k].s);
		free(all->list.v[i].why);
	}
	vec_free(&all->list);
}
