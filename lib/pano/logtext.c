#include "pano/logtext.h"

static const char *const filters[] = {
	[LOGTEXT_PLAIN] = "", [LOGTEXT_NAME] = "name",
	[LOGTEXT_NAME_OR] = "name?", [LOGTEXT_KNOWN] = "known",
};

static bool
find_filter(struct span name, enum logtext_filter *out)
{
	for (int i = LOGTEXT_NAME; i <= LOGTEXT_KNOWN; i++)
		if (span_is(name, filters[i])) {
			*out = (enum logtext_filter)i;
			return true;
		}
	return false;
}

/* What stands between the braces. */
static bool
parse_field(struct logtext *t, struct span s, struct values *fields,
    struct buf *why)
{
	struct logtext_part part = { .is_field = true };
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
	part.field = values_number(fields, name);
	vec_push(&t->part, part);
	return true;
}

bool
logtext_parse(struct logtext *t, struct span s, size_t line,
    struct values *fields, struct buf *why)
{
	const char *open, *close;
	size_t n;

	logtext_free(t);
	t->line = line;
	while (s.n > 0) {
		open = memchr(s.s, '{', s.n);
		n = open != NULL ? (size_t)(open - s.s) : s.n;
		if (n > 0)
			vec_push(&t->part, (struct logtext_part){
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
fill_field(const struct logtext_part *p, const struct values *fields,
    const struct peers *peers, bool must, struct buf *out)
{
	struct span v = values_get(fields, p->field), name = v;
	bool found = peers->key.n == 0 || peers_find(peers, v, &name);

	if (must && v.n == 0)
		return false;
	switch (p->filter) {
	case LOGTEXT_NAME:
		buf_span(out, name);
		return found;
	case LOGTEXT_NAME_OR:
		buf_span(out, name);
		return true;
	case LOGTEXT_KNOWN:
		buf_span(out, v);
		return found;
	case LOGTEXT_PLAIN:
		break;
	}
	buf_span(out, v);
	return true;
}

bool
logtext_fill(const struct logtext *t, const struct values *fields,
    const struct peers *peers, bool must, struct buf *out)
{
	for (size_t i = 0; i < t->part.n; i++) {
		const struct logtext_part *p = &t->part.v[i];

		if (!p->is_field)
			buf_span(out, p->literal);
		else if (!fill_field(p, fields, peers, must, out))
			return false;
	}
	return true;
}

void
logtext_free(struct logtext *t)
{
	vec_free(&t->part);
	t->line = 0;
}
