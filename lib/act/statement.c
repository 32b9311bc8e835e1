#include "act/line.h"
#include "act/statement.h"
#include "base/when.h"

/*
 * What an action does not say.  A restart takes seconds and a reboot minutes
 * (paper, Table 2: 99 % within 23 minutes, but the command returns sooner). Six
 * hours between two actions on one target is four a day at worst; telemetry
 * is hourly, so two hours show two samples of the time after.
 */
#define TIMEOUT (5 * 60 * WHEN_SECOND)
#define COOLDOWN (6 * WHEN_HOUR)
#define VERIFY (2 * WHEN_HOUR)
#define FALL 0.5

static const char *
action_name(struct line *l, struct span name)
{
	*l->at = name;
	for (size_t i = 0; i < name.n; i++)
		if (!(name.s[i] >= 'a' && name.s[i] <= 'z') &&
		    (i == 0 || ((name.s[i] < '0' || name.s[i] > '9') &&
		    name.s[i] != '-')))
			return "an action's name is a-z, 0-9 and -";
	return NULL;
}

/* Names of rows that are not actions, and "any" of deny. */
static const char *
new_name(struct line *l, struct span name)
{
	static const char *const taken[] = { "any", "stop", "defer", "none" };

	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		if (span_is(name, taken[i])) {
			*l->at = name;
			return "the name has a meaning of its own";
		}
	return action_name(l, name);
}

static const char *
parse_allow(struct line *l)
{
	struct rule_allow a = { .line = l->number };
	const char *why;

	if (l->n < 2)
		return "no action named";
	a.deny = span_is(l->word[0], "deny");
	a.action = l->word[1];
	if ((why = action_name(l, a.action)) != NULL)
		return why;
	if (!a.deny && span_is(a.action, "any"))
		return "allow names one action at a time";
	why = line_optional_if(l, 2, &a.conds);
	vec_push(&l->rules->allow, a);
	return why;
}

static const char *
parse_action(struct line *l)
{
	struct rule_action a = {
		.line = l->number, .timeout = TIMEOUT, .cooldown = COOLDOWN,
		.verify = VERIFY, .fall = FALL,
	};
	const char *why;

	if (l->n < 2)
		return "no action named";
	a.name = l->word[1];
	if ((why = new_name(l, a.name)) != NULL)
		return why;
	if (span_is(a.name, "drain") || span_is(a.name, "undrain"))
		a.verify = 0;	/* they free no memory */
	why = line_optional_if(l, 2, &a.conds);
	vec_push(&l->rules->action, a);
	return why;
}

static const char *
parse_owner(struct line *l)
{
	struct rule_owner o = { .line = l->number };
	const char *why;

	if (l->n < 4)
		return "owner is NAME if CONDITIONS";
	o.name = l->word[1];
	why = line_optional_if(l, 2, &o.conds);
	vec_push(&l->rules->owner, o);
	return why;
}

static const char *
parse_kernel(struct line *l)
{
	struct conds c = { 0 };
	const char *why;

	if (l->n < 2)
		return "kernel is if CONDITIONS";
	why = line_optional_if(l, 1, &c);
	vec_push(&l->rules->kernel, c);
	return why;
}

static const char *
parse_stopfile(struct line *l)
{
	if (l->n != 2)
		return "stopfile is PATH";
	*l->at = l->word[1];
	if (l->word[1].n == 0 || l->word[1].s[0] != '/')
		return "not an absolute path";
	l->rules->stopfile = l->word[1];
	return NULL;
}

const char *
statement_parse(struct rules *r, const struct words *words, bool indented,
    size_t number, struct span *at)
{
	static const struct {
		const char *name;
		const char *(*parse)(struct line *);
	} known[] = {
		{ "allow", parse_allow }, { "deny", parse_allow },
		{ "action", parse_action }, { "owner", parse_owner },
		{ "kernel", parse_kernel }, { "blackout", bound_blackout },
		{ "limit", bound_limit }, { "stopfile", parse_stopfile },
	};
	struct line l = { r, words->list.v, words->list.n, number, at };

	if (l.n == 0)
		return NULL;
	if (indented)
		return property_parse(&l);
	*at = l.word[0];
	r->block = span_is(l.word[0], "action");
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_is(l.word[0], known[i].name))
			return known[i].parse(&l);
	return "not allow deny action owner kernel blackout limit stopfile";
}
