#include "act/template.h"

struct hole {
	struct span field;
	bool sh;
};

/*
 * The next piece of the template at *p: text up to a hole, then the hole.
 * False when there is no further hole; *why says what is wrong with it.
 */
static bool
next_hole(const char **p, const char *end, struct span *text, struct hole *h,
    const char **why)
{
	const char *open = memchr(*p, '{', (size_t)(end - *p)), *close;

	*why = NULL;
	if (open == NULL) {
		*text = (struct span){ *p, (size_t)(end - *p) };
		*p = end;
		return false;
	}
	if (open + 1 < end && open[1] == '{') {
		*text = (struct span){ *p, (size_t)(open + 1 - *p) };
		*h = (struct hole){ { "", 0 }, false };
		*p = open + 2;
		return true;
	}
	*text = (struct span){ *p, (size_t)(open - *p) };
	if ((close = memchr(open, '}', (size_t)(end - open))) == NULL) {
		*why = "{ without }";
		return false;
	}
	h->field = (struct span){ open + 1, (size_t)(close - open - 1) };
	h->sh = h->field.n > 3 && memcmp(close - 3, "|sh", 3) == 0;
	if (h->sh)
		h->field.n -= 3;
	*p = close + 1;
	if (h->field.n == 0 || memchr(h->field.s, '|', h->field.n) != NULL)
		*why = "not {field} or {field|sh}";
	return *why == NULL;
}

const char *
template_check(struct span t)
{
	const char *p = t.s, *why;
	struct span text;
	struct hole h;

	while (next_hole(&p, t.s + t.n, &text, &h, &why))
		;
	return why;
}

bool
template_has_field(struct span t)
{
	const char *p = t.s, *why;
	struct span text;
	struct hole h;

	while (next_hole(&p, t.s + t.n, &text, &h, &why))
		if (h.field.n > 0)
			return true;
	return false;
}

bool
template_has_bare(struct span t)
{
	const char *p = t.s, *why;
	struct span text;
	struct hole h;

	while (next_hole(&p, t.s + t.n, &text, &h, &why))
		if (h.field.n > 0 && !h.sh)
			return true;
	return false;
}

bool
template_uses(struct span t, const char *field)
{
	const char *p = t.s, *why;
	struct span text;
	struct hole h;

	while (next_hole(&p, t.s + t.n, &text, &h, &why))
		if (span_is(h.field, field))
			return true;
	return false;
}

static bool
plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr("_@%+=:,./-", c));
}

void
template_quote(struct buf *b, struct span s)
{
	size_t i = 0;

	while (i < s.n && plain(s.s[i]))
		i++;
	if (i == s.n && s.n > 0) {
		buf_span(b, s);
		return;
	}
	buf_char(b, '\'');
	for (i = 0; i < s.n; i++)
		if (s.s[i] == '\'')
			buf_str(b, "'\\''");
		else
			buf_char(b, s.s[i]);
	buf_char(b, '\'');
}

const char *
template_fill(struct buf *b, struct span t, const struct fields *row,
    struct span *at)
{
	const char *p = t.s, *why;
	struct span text, value;
	struct hole h;

	while (next_hole(&p, t.s + t.n, &text, &h, &why)) {
		buf_span(b, text);
		if (h.field.n == 0)
			continue;
		*at = h.field;
		value = fields_get(row, h.field);
		if (value.n == 0)
			return "no value for the field";
		if (memchr(value.s, '\0', value.n) != NULL)
			return "NUL in the field";
		if (h.sh)
			template_quote(b, value);
		else
			buf_span(b, value);
	}
	*at = t;
	if (why == NULL)
		buf_span(b, text);
	return why;
}
