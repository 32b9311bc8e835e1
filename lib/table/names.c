#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "table/names.h"

/* The item at `*list`, which moves behind its comma; NULL s at the end. */
static struct span
item(const char **list)
{
	struct span s = { *list, 0 };

	if (*list == NULL)
		return s;
	s.n = strcspn(*list, ",");
	*list = s.s[s.n] == ',' ? s.s + s.n + 1 : NULL;
	return s;
}

struct span
names_map(const char *map, const char *ours)
{
	struct span s;
	size_t n = strlen(ours);

	while ((s = item(&map)).s != NULL)
		if (s.n > n && s.s[n] == '=' && memcmp(s.s, ours, n) == 0)
			return (struct span){ s.s + n + 1, s.n - n - 1 };
	return span_of(ours);
}

struct span
names_unmap(const char *map, struct span theirs)
{
	struct span s;
	const char *eq;

	while ((s = item(&map)).s != NULL) {
		eq = memchr(s.s, '=', s.n);
		if (eq != NULL && span_eq(theirs, (struct span){ eq + 1,
		    (size_t)(s.s + s.n - eq) - 1 }))
			return (struct span){ s.s, (size_t)(eq - s.s) };
	}
	return theirs;
}

const char *
names_check_map(const char *map)
{
	struct span s;
	const char *eq;

	while ((s = item(&map)).s != NULL) {
		eq = memchr(s.s, '=', s.n);
		if (eq == NULL || eq == s.s || eq == s.s + s.n - 1)
			return "not NAME=COLUMN";
	}
	return NULL;
}

size_t
names_count(const char *list)
{
	size_t n = 0;

	while (item(&list).s != NULL)
		n++;
	return n;
}

void
names_split(const char *list, struct header *h)
{
	struct span s;

	while ((s = item(&list)).s != NULL)
		header_add(h, s);
}

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance but for case; long names are never near. */
static size_t
distance(struct span a, struct span b)
{
	enum { MOST = 40 };
	size_t row[MOST + 1], corner, up;

	if (a.n > MOST || b.n > MOST)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			up = row[j];
			if (lower(a.s[i - 1]) == lower(b.s[j - 1]))
				row[j] = corner;
			else
				row[j] = 1 + least(corner, least(up,
				    row[j - 1]));
			corner = up;
		}
	}
	return row[b.n];
}

/* A name shares less than half its letters with any other by chance. */
static const struct span *
nearest(const struct span *name, size_t n, struct span missing)
{
	const struct span *best = NULL;
	size_t bound = missing.n / 2 + 1, d;

	for (size_t i = 0; i < n; i++)
		if ((d = distance(name[i], missing)) < bound) {
			bound = d;
			best = &name[i];
		}
	return best;
}

void
names_list(struct buf *out, const struct span *name, size_t n,
    struct span missing)
{
	enum { SHOWN = 12 };
	const struct span *near = nearest(name, n, missing);

	for (size_t i = 0; i < n && i < SHOWN; i++) {
		if (i > 0)
			buf_str(out, ", ");
		for (int k = 0; k < span_shown(name[i]); k++) {
			char c = name[i].s[k];

			buf_char(out, (unsigned char)c < ' ' ? '?' : c);
		}
	}
	if (n > SHOWN)
		buf_printf(out, " and %zu more", n - SHOWN);
	if (near != NULL)
		buf_printf(out, " (did you mean '%.*s'?)", span_shown(*near),
		    near->s);
}
