#include "pano/template.h"

static const char *const filters[] = {
	[TEMPLATE_PLAIN] = "", [TEMPLATE_NAME] = "name",
	[TEMPLATE_NAME_OR] = "name?", [TEMPLATE_KNOWN] = "known",
};

static bool
find_filter(struct span name, enum template_filter *out)
{
	for (int i = TEMPLATE_NAME; i <= TEMPLATE_KNOWN; i++)
		if (span_is(name, filters[i])) {
			*out = (enum template_filter)i;
			return true;
		}
	return false;
}

/* What stands between the braces. */
static bool
parse_field(struct template *t, struct span s, struct fields *fields,
    struct buf *why)
{
	struct template_part part = { .is_field = true };
	const char *colon = memchr(s.s, ':', s.n);
	struct span name = s;

	if (colon != NULL) {
		name.n = (size_t)(colon - s.s);
		if (!find_filter((struct span){ colon + 1,
		    s.n - name.n - 1 }, &part.filter)) {
			buf_printf(why, "not name, name? or known: '%.*s'",
			    span_shown(s), s.s);
			return false;
		}
	}
	if (name.n == 0) {
		buf_str(why, "no field in {}");
		return false;
	}
	part.field = fields_number(fields, name);
	vec_push(&t->part, part);
	return true;
}

bool
template_parse(struct template *t, struct span s, size_t line,
    struct fields *fields, struct buf *why)
{
	const char *open, *close;
	size_t n;

	template_free(t);
	t->line = line;
	while (s.n > 0) {
		open = memchr(s.s, '{', s.n);
		n = open != NULL ? (size_t)(open - s.s) : s.n;
		if (n > 0)
			vec_push(&t->part, (struct template_part){
			    .literal = { s.s, n } });
		if (open == NULL)
			return true;
		s = (struct span){ open + 1, s.n - n - 1 };
		if ((close = memchr(s.s, '}', s.n)) == NULL) {
			buf_str(why, "{ without }");
			return false;
		}
		n = (size_t)(close - s.s);
		if (!parse_field(t, (struct span){ s.s, n }, fields, why))
			return false;
		s = (struct span){ close + 1, s.n - n - 1 };
	}
	return true;
}

static bool
fill_field(const struct template_part *p, const struct fields *fields,
    const struct peers *peers, struct buf *out)
{
	struct span v = fields_get(fields, p->field), name = v;
	bool found = peers->key.n == 0 || peers_find(peers, v, &name);

	switch (p->filter) {
	case TEMPLATE_NAME:
		buf_span(out, name);
		return found;
	case TEMPLATE_NAME_OR:
		buf_span(out, name);
		return true;
	case TEMPLATE_KNOWN:
		buf_span(out, v);
		return found;
	case TEMPLATE_PLAIN:
		break;
	}
	buf_span(out, v);
	return true;
}

bool
template_fill(const struct template *t, const struct fields *fields,
    const struct peers *peers, struct buf *out)
{
	for (size_t i = 0; i < t->part.n; i++) {
		const struct template_part *p = &t->part.v[i];

		if (!p->is_field)
			buf_span(out, p->literal);
		else if (!fill_field(p, fields, peers, out))
			return false;
	}
	return true;
}

void
template_free(struct template *t)
{
	vec_free(&t->part);
	t->line = 0;
}
