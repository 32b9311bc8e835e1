#ifndef RESIN_VEC_H
#define RESIN_VEC_H

#include <stdlib.h>

#include "base/mem.h"

/*
 * vec - a growable array of one type; all zero is an empty one.
 *
 *	VEC(struct row) rows = { 0 };
 *	vec_push(&rows, row);			rows.v[rows.n - 1]
 *	vec_free(&rows);
 *
 * Pointers into v are good until the next push.
 */
#define VEC(type) struct { type *v; size_t n, cap; }

#define vec_push(a, ...) \
	do { \
		vec_room((a), 1); \
		(a)->v[(a)->n++] = (__VA_ARGS__); \
	} while (0)

/* Room for `k` more, not yet counted in n. */
#define vec_room(a, k) \
	((a)->n + (k) > (a)->cap ? \
	    (void)((a)->v = vec_grow((a)->v, &(a)->cap, (a)->n + (k), \
	    sizeof(*(a)->v))) : (void)0)

#define vec_free(a) \
	do { \
		free((a)->v); \
		(a)->v = NULL; \
		(a)->n = (a)->cap = 0; \
	} while (0)

void *vec_grow(void *v, size_t *cap, size_t need, size_t size);

#endif
