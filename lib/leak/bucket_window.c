#include "leak/bucket_window.h"

#include <string.h>

/* The first open window not before `start`. */
static size_t
search(const struct windows *w, int64_t start)
{
	size_t low = 0, high = w->open.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (w->open.v[mid].start < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct window *
windows_at(struct windows *w, int64_t ts)
{
	int64_t start = when_floor(ts, w->options.width);
	size_t i = search(w, start);

	if (i < w->open.n && w->open.v[i].start == start)
		return &w->open.v[i];
	if (w->closed != WHEN_NEVER && start <= w->closed)
		return NULL;
	vec_room(&w->open, 1);
	memmove(&w->open.v[i + 1], &w->open.v[i],
	    (w->open.n - i) * sizeof(*w->open.v));
	w->open.v[i] = (struct window){ .start = start };
	w->open.n++;
	return &w->open.v[i];
}

bool
windows_due(const struct windows *w, int64_t ts)
{
	uint64_t age;

	if (w->options.lateness == LATENESS_ALL || w->open.n == 0 ||
	    ts < w->open.v[0].start)
		return false;
	age = (uint64_t)ts - (uint64_t)w->open.v[0].start;
	return age >= (uint64_t)w->options.width +
	    (uint64_t)w->options.lateness;
}

bool
windows_close(struct windows *w, struct window *out)
{
	if (w->open.n == 0)
		return false;
	*out = w->open.v[0];
	w->closed = out->start;
	memmove(w->open.v, w->open.v + 1, --w->open.n * sizeof(*w->open.v));
	return true;
}
