#include "leak/slab.h"

#include <string.h>

#include "base/num.h"
#include "leak/proc.h"

/* The last word, cut off the end of the line. */
static bool
last_u64(struct span *line, uint64_t *out)
{
	size_t n;

	while (line->n > 0 && line->s[line->n - 1] == ' ')
		line->n--;
	for (n = line->n; n > 0 && line->s[n - 1] != ' ';)
		n--;
	if (num_u64((struct span){ line->s + n, line->n - n }, out) != NULL)
		return false;
	line->n = n;
	return true;
}

/*
 * "name  active total objsize perslab pages : tunables ...": read from the
 * colon backwards, because the name itself may hold blanks.
 */
static bool
slab_line(struct span line, struct slab *slab)
{
	const char *colon = memmem(line.s, line.n, " : tunables", 11);
	uint64_t pages, perslab, size, total, active;

	if (colon == NULL)
		return false;
	line.n = (size_t)(colon - line.s);
	if (!last_u64(&line, &pages) || !last_u64(&line, &perslab) ||
	    !last_u64(&line, &size) || !last_u64(&line, &total) ||
	    !last_u64(&line, &active))
		return false;
	while (line.n > 0 && line.s[line.n - 1] == ' ')
		line.n--;
	slab->name = line;
	return line.n > 0 &&
	    !__builtin_mul_overflow(active, size, &slab->bytes);
}

int
slab_next(struct span *text, struct slab *slab)
{
	struct span line;

	while (proc_line(text, &line)) {
		if (line.n == 0 || line.s[0] == '#' ||
		    (line.n > 8 && memcmp(line.s, "slabinfo", 8) == 0))
			continue;
		return slab_line(line, slab) ? 1 : -1;
	}
	return 0;
}
