#include "table/header.h"

/* Its own copy of the text.  No name is not NULL. */
static const char *
keep(struct header *h, const char *s, size_t n)
{
	buf_room(&h->text, n + 1);
	buf_add(&h->text, s, n);
	return h->text.s;
}

void
header_add(struct header *h, struct span name)
{
	vec_push(&h->name, name);
}

void
header_line(struct header *h, struct span line)
{
	const char *s = keep(h, line.s, line.n);
	size_t n = line.n, from = 0;

	if (n > 0 && s[n - 1] == '\r')
		n--;
	for (size_t i = 0; i <= n; i++)
		if (i == n || s[i] == '\t') {
			header_add(h, (struct span){ s + from, i - from });
			from = i + 1;
		}
}

void
header_row(struct header *h, const struct run *run)
{
	const char *s = keep(h, run->base, run->end[run->ncol - 1]);
	size_t from = 0;

	for (size_t i = 0; i < run->ncol; i++) {
		header_add(h, (struct span){ s + from, run->end[i] - from });
		from = run->end[i] + 1;
	}
}

void
header_free(struct header *h)
{
	vec_free(&h->name);
	buf_free(&h->text);
}
