#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "pano/logrules.h"
#include "pano/word.h"

enum { DETAIL_MAX = 1024 };	/* bytes */

static enum pattern_result
test(struct logrules *r, const struct clause *c)
{
	static const char *const outcome[] = {
		[PATTERN_NO] = "no", [PATTERN_YES] = "yes",
		[PATTERN_STOPPED] = "stopped",
	};
	enum pattern_result result = clause_test(c, &r->fields);

	if (result == PATTERN_STOPPED && r->stopped != NULL)
		r->stopped(r->arg, c->line);
	if (r->step != NULL)
		r->step(r->arg, c->line, outcome[result]);
	return result;
}

static bool
holds(struct logrules *r, const struct clause *c)
{
	return test(r, c) == PATTERN_YES;
}

static bool
told(struct logrules *r, size_t line, const char *outcome)
{
	if (r->step != NULL)
		r->step(r->arg, line, outcome);
	return false;
}

/* A member by its dotted path: a.b.0, also where a name has dots itself. */
static json_t *
member(json_t *v, struct span path)
{
	const char *dot;
	struct span head = path;
	json_t *next;

	if (path.n == 0 || v == NULL)
		return path.n == 0 ? v : NULL;
	if (json_is_object(v) &&
	    (next = json_object_getn(v, path.s, path.n)) != NULL)
		return next;
	if ((dot = memchr(path.s, '.', path.n)) != NULL)
		head.n = (size_t)(dot - path.s);
	path.s += head.n + (dot != NULL);
	path.n -= head.n + (dot != NULL);
	if (json_is_array(v)) {
		uint64_t i;

		next = num_u64(head, &i) == NULL ? json_array_get(v, i) : NULL;
	} else {
		next = dot != NULL ? json_object_getn(v, head.s, head.n) : NULL;
	}
	return member(next, path);
}

static void
take_member(struct logrules *r, uint32_t field, json_t *v)
{
	char number[NUM_MAX];
	size_t n;

	switch (json_typeof(v)) {
	case JSON_STRING:
		values_set(&r->fields, field, (struct span){
		    json_string_value(v), json_string_length(v) });
		break;
	case JSON_INTEGER:
		n = (size_t)snprintf(number, sizeof(number), "%lld",
		    (long long)json_integer_value(v));
		values_own(&r->fields, field, (struct span){ number, n });
		break;
	case JSON_REAL:
		n = num_print(number, json_real_value(v));
		values_own(&r->fields, field, (struct span){ number, n });
		break;
	case JSON_TRUE:
		values_set(&r->fields, field, SPAN("true"));
		break;
	case JSON_FALSE:
		values_set(&r->fields, field, SPAN("false"));
		break;
	default:
		break;
	}
}

static bool
split_json(struct logrules *r, struct span line)
{
	json_t *doc = json_loadb(line.s, line.n, 0, NULL), *v;

	json_decref(r->document);
	r->document = doc;
	if (!json_is_object(doc))
		return false;
	for (uint32_t i = r->file + 1; i < r->fields.v.n; i++)
		if ((v = member(doc, r->fields.name.key[i])) != NULL)
			take_member(r, i, v);
	return true;
}

static bool
may_be_json(const struct logrules *r, struct span line)
{
	return r->json && (r->line.n == 0 || (line.n > 0 && line.s[0] == '{'));
}

/* Cut the line into fields. */
static bool
split(struct logrules *r, struct span line)
{
	if (may_be_json(r, line))
		return split_json(r, line);
	for (size_t i = 0; i < r->line.n; i++)
		if (holds(r, &r->line.v[i]))
			return true;
	return false;
}

static void
begin(struct logrules *r, struct span line)
{
	values_clear(&r->fields);
	values_set(&r->fields, r->whole, line);
	values_set(&r->fields, r->file, r->log);
}

/* What the line does not say: the caller does, or the rules. */
static void
fill_in(struct logrules *r)
{
	for (size_t i = 0; i < r->constant.n; i++)
		if (values_get(&r->fields, r->constant.v[i].field).n == 0)
			values_set(&r->fields, r->constant.v[i].field,
			    r->constant.v[i].value);
	for (size_t i = 0; i < r->fallback.n; i++) {
		const struct fallback *f = &r->fallback.v[i];

		r->scratch.n = 0;
		if (!r->fields.v.v[f->field].set && logtext_fill(&f->value,
		    &r->fields, &r->peers, true, &r->scratch))
			values_own(&r->fields, f->field,
			    buf_view(&r->scratch));
	}
}

bool
logrules_head(struct logrules *r, struct span line)
{
	if (may_be_json(r, line))
		return true;
	begin(r, line);
	for (size_t i = 0; i < r->line.n; i++)
		if (clause_test(&r->line.v[i], &r->fields) == PATTERN_YES)
			return true;
	return false;
}

/* The first derive that holds; none is fine.  False: a name is unknown. */
static bool
derive(struct logrules *r)
{
	for (size_t i = 0; i < r->derive.n; i++) {
		const struct derive *d = &r->derive.v[i];

		if (!d->always && !holds(r, &d->clause))
			continue;
		for (size_t k = 0; k < d->field.n; k++) {
			r->scratch.n = 0;
			if (!logtext_fill(&d->value.v[k], &r->fields,
			    &r->peers, false, &r->scratch))
				return told(r, d->value.v[k].line,
				    "unknown name");
			values_own(&r->fields, d->field.v[k],
			    buf_view(&r->scratch));
		}
		return true;
	}
	return true;
}

static const struct rule *
find_rule(struct logrules *r, const struct branch *b)
{
	for (size_t i = 0; i < b->rule.n; i++) {
		const struct rule *rule = &b->rule.v[i];
		size_t k = 0;

		while (k < rule->clause.n && holds(r, &rule->clause.v[k]))
			k++;
		if (k == rule->clause.n)
			return rule;
	}
	return NULL;
}

/* The first branch whose head holds has the line, whatever comes of it. */
static const struct rule *
classify(struct logrules *r)
{
	for (size_t i = 0; i < r->branch.n; i++)
		if (holds(r, &r->branch.v[i].head))
			return find_rule(r, &r->branch.v[i]);
	return NULL;
}

/* One after the other into the scratch; spans are made when it rests. */
static bool
fill(struct logrules *r, const struct logtext *own,
    const struct logtext *global, size_t *end)
{
	const struct logtext *t = own->line != 0 ? own : global;

	if (!logtext_fill(t, &r->fields, &r->peers, global != &r->detail,
	    &r->scratch))
		return told(r, t->line, "empty or unknown");
	*end = r->scratch.n;
	return true;
}

static bool
read_score(struct logrules *r, const struct rule *rule, double *score)
{
	*score = NAN;
	if (rule->score.line == 0)
		return true;
	r->scratch.n = 0;
	if (!logtext_fill(&rule->score, &r->fields, &r->peers, false,
	    &r->scratch) ||
	    num_parse(buf_view(&r->scratch), score) != NULL) {
		*score = NAN;
		return told(r, rule->score.line, "score is not a number");
	}
	return true;
}

static bool
read_time(const struct logrules *r, int64_t *ts)
{
	for (size_t i = 0; i < r->time.n; i++)
		if (logtime_parse(&r->time.v[i].format,
		    values_get(&r->fields, r->time.v[i].field), ts))
			return true;
	return false;
}

static bool
describe(struct logrules *r, const struct rule *rule, struct event *e)
{
	size_t end[4];
	const char *s;

	if (!read_score(r, rule, &e->score))
		return false;
	r->scratch.n = 0;
	if (!fill(r, &rule->observer, &r->observer, &end[0]) ||
	    !fill(r, &rule->subject, &r->subject, &end[1]) ||
	    !fill(r, &rule->context, &r->context, &end[2]) ||
	    !fill(r, &rule->detail, &r->detail, &end[3]))
		return false;
	s = r->scratch.s;
	e->observer = (struct span){ s, end[0] };
	e->subject = (struct span){ s + end[0], end[1] - end[0] };
	e->context = (struct span){ s + end[1], end[2] - end[1] };
	e->detail = word_trim((struct span){ s + end[2], end[3] - end[2] });
	if (e->detail.n > DETAIL_MAX)
		e->detail.n = DETAIL_MAX;
	e->status = rule->status;
	return true;
}

bool
logrules_apply(struct logrules *r, struct span line, struct span more,
    struct event *e)
{
	const struct rule *rule;

	begin(r, line);
	if (!split(r, line))
		return false;
	fill_in(r);
	if (more.n > 0)
		values_set(&r->fields, r->more, more);
	for (size_t i = 0; i < r->drop.n; i++)
		if (holds(r, &r->drop.v[i]))
			return false;
	if (!derive(r) || (rule = classify(r)) == NULL)
		return false;
	if (rule->status == STATUS_NONE)
		return told(r, rule->line, "nothing");
	if (!read_time(r, &e->ts))
		return told(r, r->time.v[0].line, "not a time");
	if (!describe(r, rule, e))
		return false;
	told(r, rule->line, status_name(rule->status));
	return true;
}

bool
logrules_peer(struct logrules *r, struct span line)
{
	struct span v;

	if (pattern_match(r->names, line) != PATTERN_YES)
		return false;
	values_clear(&r->fields);
	for (size_t i = 0; pattern_group(r->names, i).n > 0; i++)
		if (pattern_value(r->names, i, &v))
			values_set(&r->fields, values_number(&r->fields,
			    pattern_group(r->names, i)), v);
	r->scratch.n = 0;
	logtext_fill(&r->name, &r->fields, &(struct peers){ 0 }, false,
	    &r->scratch);
	for (size_t i = 0; pattern_group(r->names, i).n > 0; i++)
		if (pattern_value(r->names, i, &v))
			peers_add(&r->peers, v, buf_view(&r->scratch));
	return true;
}

void
logrules_set(struct logrules *r, struct span name, struct span value)
{
	vec_push(&r->constant, (struct constant){
	    values_number(&r->fields, name), value });
}
