#include "leak/bucket_cut.h"

#include <string.h>
#include <unistd.h>

#include "base/when.h"

enum { LOOK = 64 * 1024, STRIDE = 1 << 20 };

/* Whole lines of the file, from a line's beginning. */
struct lines {
	char text[LOOK];
	size_t n;
	off_t at;		/* of text[0] in the file */
};

/* The whole lines that begin at or behind `from`; a line that begins before it
 * is skipped.  False: there is none. */
static bool
look(const struct cut *c, off_t from, struct lines *l)
{
	ssize_t got;
	char *lf;

	/* One byte earlier, to see whether a line begins right here. */
	got = pread(c->fd, l->text, sizeof(l->text), from > 0 ? from - 1 : 0);
	if (got <= 0 || (lf = memchr(l->text, '\n', (size_t)got)) == NULL)
		return false;
	l->n = (size_t)(l->text + got - (lf + 1));
	l->at = (from > 0 ? from - 1 : 0) + (lf + 1 - l->text);
	memmove(l->text, lf + 1, l->n);
	lf = l->n > 0 ? memrchr(l->text, '\n', l->n) : NULL;
	l->n = lf != NULL ? (size_t)(lf + 1 - l->text) : 0;
	return l->n > 0;
}

/* The window of the line at text[i], and where the next one begins. */
static bool
window_of(const struct cut *c, const struct lines *l, size_t *i,
    int64_t *window)
{
	const char *p = l->text + *i;
	const char *lf = memchr(p, '\n', l->n - *i), *tab;
	int64_t ts;

	*i = (size_t)(lf + 1 - l->text);
	for (size_t k = 0; k < c->column; k++) {
		if ((tab = memchr(p, '\t', (size_t)(lf - p))) == NULL)
			return false;
		p = tab + 1;
	}
	tab = memchr(p, '\t', (size_t)(lf - p));
	if (tab == NULL)
		tab = lf > p && lf[-1] == '\r' ? lf - 1 : lf;
	if (when_parse((struct span){ p, (size_t)(tab - p) }, &ts) != NULL)
		return false;
	*window = when_floor(ts, c->width);
	return true;
}

static bool
first_window(const struct cut *c, off_t at, struct lines *l, int64_t *window)
{
	size_t i = 0;

	return look(c, at, l) && window_of(c, l, &i, window);
}

/* In the lines at `low` and behind them, the first of a later window. */
static off_t
scan_behind(const struct cut *c, off_t low, int64_t window, struct lines *l)
{
	int64_t here;
	size_t i, line;

	while (look(c, low, l)) {
		for (i = line = 0; i < l->n; line = i) {
			if (!window_of(c, l, &i, &here))
				return -1;
			if (here > window)
				return l->at + (off_t)line;
		}
		low = l->at + (off_t)l->n;
	}
	return low >= c->size ? c->size : -1;
}

off_t
cut_behind(const struct cut *c, off_t near)
{
	struct lines l;
	int64_t window, here;
	off_t low = near, high, step = STRIDE;

	if (near >= c->size)
		return c->size;
	if (!first_window(c, near, &l, &window))
		return -1;
	for (high = near + step; high < c->size; high += step *= 2) {
		if (!first_window(c, high, &l, &here))
			break;
		if (here > window)
			break;
		low = high;
	}
	if (high > c->size)
		high = c->size;
	while (high - low > LOOK) {
		off_t middle = low + (high - low) / 2;

		/* A line at the very end has none behind it. */
		if (first_window(c, middle, &l, &here) && here <= window)
			low = middle;
		else
			high = middle;
	}
	return scan_behind(c, low, window, &l);
}
