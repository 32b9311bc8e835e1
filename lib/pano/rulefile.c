#include <string.h>

#include "pano/rulefile.h"
#include "pano/word.h"

/* The state of reading a file of rules. */
struct parse {
	struct logrules *r;
	size_t line;		/* 1-based */
	struct buf why;
	struct branch *branch;	/* the open ones; NULL: none */
	struct rule *rule;
	struct derive *derive;
};

static bool
fault(struct parse *p, const char *reason, struct span text)
{
	buf_printf(&p->why, "%s: '%.*s'", reason, span_shown(text), text.s);
	return false;
}

static bool
parse_line(struct parse *p, struct span rest)
{
	struct logrules *r = p->r;
	struct clause c = { .text = rest };

	if (!clause_pattern(&c, rest, p->line, r->whole, &r->fields, &p->why))
		return false;
	vec_push(&r->line, c);
	return true;
}

static bool
parse_json(struct parse *p, struct span rest)
{
	if (rest.n > 0)
		return fault(p, "json takes nothing", rest);
	p->r->json = true;
	return true;
}

static bool
parse_time(struct parse *p, struct span rest)
{
	struct span field = word_next(&rest);
	struct moment m = { .line = p->line };

	if (rest.n == 0)
		return fault(p, "not FIELD FORMAT", field);
	m.field = values_number(&p->r->fields, field);
	logtime_format(&m.format, rest);
	vec_push(&p->r->time, m);
	return true;
}

static bool
parse_zone(struct parse *p, struct span rest)
{
	const char *bad = logtime_zone(&p->r->zone, rest);

	return bad == NULL || fault(p, bad, rest);
}

static bool
parse_drop(struct parse *p, struct span rest)
{
	struct clause c;

	if (!clause_parse(&c, rest, p->line, &p->r->fields, &p->why))
		return false;
	vec_push(&p->r->drop, c);
	return true;
}

static bool
parse_derive(struct parse *p, struct span rest)
{
	struct logrules *r = p->r;
	struct derive d = { .line = p->line, .always = rest.n == 0 };

	if (p->branch != NULL)
		return fault(p, "derive comes before when", rest);
	if (!d.always && !clause_parse(&d.clause, rest, p->line, &r->fields,
	    &p->why))
		return false;
	vec_push(&r->derive, d);
	p->derive = &r->derive.v[r->derive.n - 1];
	return true;
}

static bool
parse_field_text(struct parse *p, struct span rest, uint32_t *field,
    struct logtext *text)
{
	struct span name = word_next(&rest);

	if (name.n == 0)
		return fault(p, "not FIELD TEXT", rest);
	if (!logtext_parse(text, rest, p->line, &p->r->fields, &p->why)) {
		logtext_free(text);
		return false;
	}
	*field = values_number(&p->r->fields, name);
	return true;
}

static bool
parse_default(struct parse *p, struct span rest)
{
	struct fallback f = { 0 };

	if (p->branch != NULL)
		return fault(p, "default comes before when", rest);
	if (!parse_field_text(p, rest, &f.field, &f.value))
		return false;
	vec_push(&p->r->fallback, f);
	return true;
}

static bool
parse_set(struct parse *p, struct span rest)
{
	struct logtext t = { 0 };
	uint32_t field;

	if (p->derive == NULL)
		return fault(p, "set without derive", word_next(&rest));
	if (!parse_field_text(p, rest, &field, &t))
		return false;
	vec_push(&p->derive->field, field);
	vec_push(&p->derive->value, t);
	return true;
}

static struct rule *
open_rule(struct parse *p)
{
	if (p->rule == NULL) {
		vec_push(&p->branch->rule, (struct rule){ .line = p->line });
		p->rule = &p->branch->rule.v[p->branch->rule.n - 1];
	}
	return p->rule;
}

static bool
parse_when(struct parse *p, struct span rest)
{
	struct logrules *r = p->r;
	struct clause c;

	if (p->rule != NULL)
		return fault(p, "the rule before has no then", rest);
	for (size_t i = 0; i < r->branch.n; i++)
		if (span_eq(r->branch.v[i].head.text, rest))
			return fault(p, "never reached, as it is there before",
			    rest);
	if (!clause_parse(&c, rest, p->line, &r->fields, &p->why))
		return false;
	vec_push(&r->branch, (struct branch){ .head = c });
	p->branch = &r->branch.v[r->branch.n - 1];
	p->derive = NULL;
	return true;
}

static bool
parse_if(struct parse *p, struct span rest)
{
	struct clause c;

	if (p->branch == NULL)
		return fault(p, "if without when", rest);
	if (!clause_parse(&c, rest, p->line, &p->r->fields, &p->why))
		return false;
	vec_push(&open_rule(p)->clause, c);
	return true;
}

static bool
parse_then(struct parse *p, struct span rest)
{
	struct span status = word_next(&rest);
	struct rule *rule;

	if (p->branch == NULL)
		return fault(p, "then without when", status);
	rule = open_rule(p);
	rule->line = p->line;
	p->rule = NULL;
	if (span_is(status, "nothing"))
		return rest.n == 0 || fault(p, "nothing has no score", rest);
	if ((rule->status = status_parse(status)) == STATUS_NONE)
		return fault(p, "not a status", status);
	return rest.n == 0 || logtext_parse(&rule->score, rest, p->line,
	    &p->r->fields, &p->why);
}

static bool
parse_template(struct parse *p, struct logtext *global, struct logtext *own,
    struct span rest)
{
	struct logtext *t = p->branch == NULL ? global : own;

	if (t->line != 0)
		return fault(p, "said twice", rest);
	if (rest.n == 0)
		return fault(p, "empty", rest);
	return logtext_parse(t, rest, p->line, &p->r->fields, &p->why);
}

#define PARSE_TEMPLATE(name) \
	static bool \
	parse_##name(struct parse *p, struct span rest) \
	{ \
		return parse_template(p, &p->r->name, \
		    p->branch != NULL ? &open_rule(p)->name : NULL, rest); \
	}
PARSE_TEMPLATE(observer)
PARSE_TEMPLATE(subject)
PARSE_TEMPLATE(context)
PARSE_TEMPLATE(detail)

static bool
parse_names(struct parse *p, struct span rest)
{
	char reason[128];
	size_t at;

	pattern_free(p->r->names);
	p->r->names = pattern_compile(rest, reason, &at);
	return p->r->names != NULL || fault(p, reason, rest);
}

static bool
parse_name(struct parse *p, struct span rest)
{
	return logtext_parse(&p->r->name, rest, p->line, &p->r->fields,
	    &p->why);
}

static const struct {
	const char *word;
	bool (*parse)(struct parse *, struct span rest);
} statements[] = {
	{ "line", parse_line }, { "json", parse_json }, { "time", parse_time },
	{ "zone", parse_zone }, { "default", parse_default },
	{ "drop", parse_drop },
	{ "derive", parse_derive }, { "set", parse_set },
	{ "observer", parse_observer }, { "subject", parse_subject },
	{ "context", parse_context }, { "detail", parse_detail },
	{ "names", parse_names }, { "name", parse_name },
	{ "when", parse_when }, { "if", parse_if }, { "then", parse_then },
};

static bool
parse_statement(struct parse *p, struct span s)
{
	struct span rest = word_trim(s), word;

	if (rest.n == 0 || rest.s[0] == '#')
		return true;
	word = word_next(&rest);
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++)
		if (span_is(word, statements[i].word))
			return statements[i].parse(p, rest);
	return fault(p, "not a statement", word);
}

/* What no single line can be blamed for. */
static const char *
incomplete(const struct parse *p)
{
	const struct logrules *r = p->r;

	if (p->rule != NULL)
		return "the last rule has no then";
	if (!r->json && r->line.n == 0)
		return "no line and no json";
	if (r->time.n == 0)
		return "no time";
	if (r->observer.line == 0 || r->subject.line == 0 ||
	    r->context.line == 0)
		return "observer, subject and context must each have a default";
	if (r->branch.n == 0)
		return "no when";
	if (r->names != NULL && r->name.line == 0)
		return "names without name";
	return NULL;
}

static bool
parse_text(struct parse *p)
{
	struct logrules *r = p->r;
	const char *s = r->text, *end = s + r->ntext, *nl;
	const char *bad;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		nl = nl != NULL ? nl : end;
		p->line++;
		vec_push(&r->source, (struct span){ s, (size_t)(nl - s) });
		if (!parse_statement(p, r->source.v[p->line - 1]))
			return false;
	}
	if ((bad = incomplete(p)) != NULL) {
		buf_str(&p->why, bad);
		return false;
	}
	return true;
}

bool
rulefile_parse(struct logrules *r, struct buf *why)
{
	struct parse p = { .r = r };
	bool ok = parse_text(&p);

	if (!ok)
		buf_printf(why, "%s:%zu: %s", r->path, p.line,
		    buf_cstr(&p.why));
	buf_free(&p.why);
	return ok;
}
