#include <assert.h>

#include "gandalf/hold.h"

void
hold_put(struct hold *h, struct span value)
{
	buf_span(&h->text, value);
	vec_push(&h->end, h->text.n);
}

struct span
hold_take(struct hold *h)
{
	size_t from = h->taken > 0 ? h->end.v[h->taken - 1] : 0;

	assert(h->taken < h->end.n);
	return (struct span){ h->text.s + from, h->end.v[h->taken++] - from };
}

void
hold_free(struct hold *h)
{
	buf_free(&h->text);
	vec_free(&h->end);
	h->taken = 0;
}
