#include "pano/due.h"

static bool
before(const struct due *a, const struct due *b)
{
	return a->at != b->at ? a->at < b->at : a->what < b->what;
}

void
due_push(struct due_queue *q, int64_t at, uint32_t what)
{
	struct due new = { at, what };
	size_t i = q->heap.n, up;

	vec_push(&q->heap, new);
	for (; i > 0 && before(&new, &q->heap.v[up = (i - 1) / 2]); i = up)
		q->heap.v[i] = q->heap.v[up];
	q->heap.v[i] = new;
}

bool
due_pop(struct due_queue *q, int64_t now, struct due *out)
{
	struct due *h = q->heap.v, last;
	size_t i = 0, down, n;

	if (q->heap.n == 0 || h[0].at > now)
		return false;
	*out = h[0];
	last = h[n = --q->heap.n];
	for (; (down = 2 * i + 1) < n; i = down) {
		if (down + 1 < n && before(&h[down + 1], &h[down]))
			down++;
		if (!before(&h[down], &last))
			break;
		h[i] = h[down];
	}
	if (n > 0)
		h[i] = last;
	return true;
}

void
due_free(struct due_queue *q)
{
	vec_free(&q->heap);
}
