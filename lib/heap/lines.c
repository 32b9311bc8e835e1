#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "heap/lines.h"

bool
lines_open(struct lines *l, const char *path)
{
	memset(l, 0, sizeof(*l));
	if (source_open(&l->source, path) == -1) {
		snprintf(l->why, sizeof(l->why), "%s", l->source.why);
		return false;
	}
	l->open = true;
	return true;
}

void
lines_memory(struct lines *l, const void *p, size_t n)
{
	memset(l, 0, sizeof(*l));
	l->b = mem_copy(p, n);
	l->have = l->cap = n;
	l->end = true;
}

void
lines_close(struct lines *l)
{
	if (l->open)
		source_close(&l->source);
	free(l->b);
	l->b = NULL;
	l->open = false;
}

/* Reads once more behind `have`; what is consumed makes room first. */
static bool
more(struct lines *l)
{
	ssize_t n;

	if (l->end)
		return false;
	if (l->from > 0 && l->from >= l->cap / 2) {
		memmove(l->b, l->b + l->from, l->have - l->from);
		l->have -= l->from;
		l->from = 0;
	}
	if (l->cap - l->have < LINES_HEAD) {
		l->cap = l->cap < LINES_HEAD ? 4 * LINES_HEAD : 2 * l->cap;
		l->b = mem_resize(l->b, l->cap, 1);
	}
	n = source_read(&l->source, l->b + l->have, l->cap - l->have);
	if (n > 0) {
		l->have += (size_t)n;
		return true;
	}
	l->end = true;
	if (n < 0)
		snprintf(l->why, sizeof(l->why), "%s", l->source.why);
	return false;
}

struct span
lines_head(struct lines *l)
{
	while (l->have - l->from < LINES_HEAD && more(l))
		;
	return (struct span){ l->b + l->from,
	    l->have - l->from < LINES_HEAD ? l->have - l->from : LINES_HEAD };
}

bool
lines_next(struct lines *l, struct span *out)
{
	size_t seen = 0, n;
	char *nl;

	if (l->again) {
		l->again = false;
		*out = l->last;
		return true;
	}
	while ((nl = l->have - l->from > seen ? memchr(l->b + l->from + seen,
	    '\n', l->have - l->from - seen) : NULL) == NULL) {
		seen = l->have - l->from;
		if (seen > LINES_LONGEST) {
			snprintf(l->why, sizeof(l->why), "line too long");
			l->fatal = l->end = true;
			return false;
		}
		if (!more(l))
			break;
	}
	if (nl == NULL) {
		l->cut = l->have > l->from;
		return false;
	}
	n = (size_t)(nl - (l->b + l->from));
	*out = (struct span){ l->b + l->from, n };
	l->from += n + 1;
	l->line++;
	if (out->n > 0 && out->s[out->n - 1] == '\r')
		out->n--;
	l->last = *out;
	return true;
}

void
lines_unget(struct lines *l)
{
	l->again = true;
}

struct span
lines_rest(struct lines *l)
{
	while (more(l))
		if (l->have - l->from > LINES_WHOLE) {
			snprintf(l->why, sizeof(l->why), "larger than 2 GiB");
			l->fatal = l->end = true;
			break;
		}
	return (struct span){ l->b + l->from, l->have - l->from };
}

bool
scan_str(struct span *s, const char *what)
{
	size_t n = strlen(what);

	if (s->n < n || memcmp(s->s, what, n) != 0)
		return false;
	s->s += n;
	s->n -= n;
	return true;
}

void
scan_blank(struct span *s)
{
	while (s->n > 0 && (*s->s == ' ' || *s->s == '\t')) {
		s->s++;
		s->n--;
	}
}

bool
scan_u64(struct span *s, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < s->n && s->s[i] >= '0' && s->s[i] <= '9'; i++) {
		uint64_t digit = (uint64_t)(s->s[i] - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (i == 0)
		return false;
	s->s += i;
	s->n -= i;
	*out = v;
	return true;
}

/* A digit's value plus one; 0: no digit. */
#define D(c, v) [c] = (v) + 1
static const unsigned char hex_digit[256] = {
	D('0', 0), D('1', 1), D('2', 2), D('3', 3), D('4', 4), D('5', 5),
	D('6', 6), D('7', 7), D('8', 8), D('9', 9), D('a', 10), D('b', 11),
	D('c', 12), D('d', 13), D('e', 14), D('f', 15), D('A', 10), D('B', 11),
	D('C', 12), D('D', 13), D('E', 14), D('F', 15),
};
#undef D

bool
scan_hex(struct span *s, uint64_t *out)
{
	const char *p = s->s, *end = p + s->n, *first;
	uint64_t v = 0;
	unsigned d;

	if (s->n > 1 && p[0] == '0' && (p[1] | 0x20) == 'x')
		p += 2;
	for (first = p; p < end && *p == '0'; p++)
		;
	for (const char *top = p; p < end &&
	    (d = hex_digit[(unsigned char)*p]) != 0; p++) {
		if (p - top == 16)
			return false;
		v = v << 4 | (d - 1);
	}
	if (p == first)
		return false;
	s->n -= (size_t)(p - s->s);
	s->s = p;
	*out = v;
	return true;
}

struct span
scan_until(struct span *s, char c)
{
	const char *at = s->n > 0 ? memchr(s->s, c, s->n) : NULL;
	struct span head = *s;

	if (at == NULL) {
		s->s += s->n;
		s->n = 0;
		return head;
	}
	head.n = (size_t)(at - s->s);
	s->s += head.n + 1;
	s->n -= head.n + 1;
	return head;
}

ptrdiff_t
span_find(struct span s, const char *what)
{
	const char *at = s.n > 0 ? memmem(s.s, s.n, what, strlen(what)) : NULL;

	return at == NULL ? -1 : at - s.s;
}

bool
span_begins(struct span s, const char *what)
{
	return scan_str(&s, what);
}

struct span
span_trim(struct span s)
{
	scan_blank(&s);
	while (s.n > 0 && (s.s[s.n - 1] == ' ' || s.s[s.n - 1] == '\t'))
		s.n--;
	return s;
}
