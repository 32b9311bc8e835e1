#include "heap/dump_times.h"

#include <sys/stat.h>

#define COPIED WHEN_SECOND	/* files closer than that were copied */

bool
dump_times_tell(struct dump_times *t, char **path, size_t n)
{
	int64_t first = INT64_MAX, last = INT64_MIN, at;
	struct stat st;

	for (size_t i = 0; i < n; i++) {
		if (stat(path[i], &st) == -1 || !S_ISREG(st.st_mode))
			return true;
		at = (int64_t)st.st_mtim.tv_sec * WHEN_SECOND +
		    st.st_mtim.tv_nsec;
		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	t->even = WHEN_NEVER;
	if (n < 2 || last - first >= (int64_t)(n - 1) * COPIED)
		return true;
	t->even = first;
	return false;
}

int64_t
dump_times_next(struct dump_times *t, int64_t ts, int64_t mtime, bool *late)
{
	int64_t nth = (int64_t)t->n * t->interval, own = ts;

	*late = false;
	if (t->start != WHEN_NEVER)
		ts = t->start + nth;
	else if (ts == WHEN_NEVER)
		ts = t->even != WHEN_NEVER ? t->even + nth : mtime;
	if (t->start == WHEN_NEVER && t->n > 0 && ts <= t->newest) {
		*late = true;
		if (own == WHEN_NEVER)
			ts = t->newest + t->interval;
	}
	t->n++;
	return t->newest = ts;
}
