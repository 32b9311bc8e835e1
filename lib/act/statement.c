#include <signal.h>
#include <stdio.h>

#include "act/statement.h"
#include "act/template.h"
#include "base/num.h"
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

struct line {
	struct rules *rules;
	const struct span *word;
	size_t n, number;
	struct span *at;
};

/* A NUL-terminated copy for the option parsers; too long fails in them all. */
static const char *
short_text(char out[64], struct span s)
{
	size_t n = s.n < 63 ? s.n : 63;

	memcpy(out, s.s, n);
	out[n] = '\0';
	return s.n < 64 ? out : "?";
}

static const char *
duration(struct line *l, size_t i, int64_t *ns)
{
	char text[64];

	*l->at = l->word[i];
	return num_duration(short_text(text, l->word[i]), ns);
}

/* "if CONDITIONS" from word i to the end of the line, or nothing. */
static const char *
optional_if(struct line *l, size_t i, struct conds *conds)
{
	if (i >= l->n)
		return NULL;
	*l->at = l->word[i];
	if (!span_is(l->word[i], "if"))
		return "expected 'if'";
	return conds_parse(conds, l->word + i + 1, l->n - i - 1, l->at);
}

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
	why = optional_if(l, 2, &a.conds);
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
	if (span_is(a.name, "drain"))
		a.verify = 0;	/* it frees no memory */
	why = optional_if(l, 2, &a.conds);
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
	why = optional_if(l, 2, &o.conds);
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
	why = optional_if(l, 1, &c);
	vec_push(&l->rules->kernel, c);
	return why;
}

/* HH:MM as time of the day. */
static const char *
clock_time(struct span s, int64_t *out)
{
	int h, m;

	if (s.n != 5 || s.s[2] != ':' || s.s[0] < '0' || s.s[0] > '2' ||
	    s.s[1] < '0' || s.s[1] > '9' || s.s[3] < '0' || s.s[3] > '5' ||
	    s.s[4] < '0' || s.s[4] > '9')
		return "not HH:MM-HH:MM";
	h = (s.s[0] - '0') * 10 + s.s[1] - '0';
	m = (s.s[3] - '0') * 10 + s.s[4] - '0';
	if (h > 24 || (h == 24 && m > 0))
		return "not HH:MM-HH:MM";
	*out = h * WHEN_HOUR + m * 60 * WHEN_SECOND;
	return NULL;
}

static int
day_number(struct span s)
{
	static const char *const names[] = {
		"mon", "tue", "wed", "thu", "fri", "sat", "sun",
	};

	for (int i = 0; i < 7; i++)
		if (span_is(s, names[i]))
			return i;
	return -1;
}

/* daily, sat, mon-fri (and fri-mon). */
static bool
days(struct span s, unsigned *mask)
{
	int from, to;

	if (span_is(s, "daily")) {
		*mask = 0x7f;
		return true;
	}
	if (s.n != 3 && (s.n != 7 || s.s[3] != '-'))
		return false;
	from = day_number((struct span){ s.s, 3 });
	to = day_number((struct span){ s.s + s.n - 3, 3 });
	if (from == -1 || to == -1)
		return false;
	for (*mask = 0;; from = (from + 1) % 7) {
		*mask |= 1u << from;
		if (from == to)
			return true;
	}
}

static const char *
weekly_hours(struct line *l, struct rule_blackout *b)
{
	struct span s = l->word[2];
	const char *why;

	*l->at = s;
	if (s.n != 11 || s.s[5] != '-')
		return "not HH:MM-HH:MM";
	if ((why = clock_time((struct span){ s.s, 5 }, &b->from)) != NULL)
		return why;
	return clock_time((struct span){ s.s + 6, 5 }, &b->to);
}

static const char *
parse_blackout(struct line *l)
{
	struct rule_blackout b = { .line = l->number };
	const char *why;

	if (l->n < 3)
		return "blackout is DAYS HH:MM-HH:MM or FROM TO";
	b.weekly = days(l->word[1], &b.days);
	if (b.weekly)
		why = weekly_hours(l, &b);
	else {
		*l->at = l->word[1];
		if ((why = when_parse(l->word[1], &b.from)) == NULL) {
			*l->at = l->word[2];
			why = when_parse(l->word[2], &b.to);
		}
		if (why == NULL && b.to <= b.from)
			why = "ends before it begins";
	}
	if (why == NULL)
		why = optional_if(l, 3, &b.conds);
	vec_push(&l->rules->blackout, b);
	return why;
}

static const char *
limit_most(struct line *l, struct rule_limit *m)
{
	struct span s = l->word[1];
	uint64_t whole;

	*l->at = s;
	m->percent = s.n > 0 && s.s[s.n - 1] == '%';
	if (!m->percent) {
		if (num_u64(s, &whole) != NULL)
			return "not a number of nodes, nor N%";
		m->most = (double)whole;
		return NULL;
	}
	s.n--;
	if (num_parse(s, &m->most) != NULL || m->most < 0 || m->most > 100)
		return "not 0% to 100%";
	return NULL;
}

/* What the ledger knows of an action. */
static bool
limit_group(struct span by)
{
	static const char *const groups[] = {
		"cluster", "component", "service", "leak", "target", "action",
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (span_is(by, groups[i]))
			return true;
	return false;
}

/* limit 5 nodes at once by cluster; limit 2% per 1h by component if ... */
static const char *
parse_limit(struct line *l)
{
	struct rule_limit m = { .line = l->number };
	const char *why;
	size_t i = 2;

	if (l->n < 2)
		return "limit is N or P%, then at once or per DURATION";
	if ((why = limit_most(l, &m)) != NULL)
		return why;
	if (i < l->n && span_is(l->word[i], "nodes"))
		i++;
	if (i + 1 >= l->n || (!span_is(l->word[i], "per") &&
	    (!span_is(l->word[i], "at") || !span_is(l->word[i + 1], "once")))) {
		*l->at = l->word[l->n - 1];
		return "expected 'at once' or 'per DURATION'";
	}
	if (span_is(l->word[i], "per")) {
		if ((why = duration(l, i + 1, &m.window)) != NULL)
			return why;
		if (m.window <= 0)
			return "not a positive duration";
	}
	i += 2;
	if (i + 1 < l->n && span_is(l->word[i], "by")) {
		m.by = *l->at = l->word[i + 1];
		if (!limit_group(m.by))
			return "not by cluster component service leak target "
			    "action";
		i += 2;
	}
	why = optional_if(l, i, &m.conds);
	vec_push(&l->rules->limit, m);
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

/* The properties of an action, indented below it. */

static struct span
base_name(struct span path)
{
	const char *slash = memrchr(path.s, '/', path.n);
	size_t skip = slash == NULL ? 0 : (size_t)(slash + 1 - path.s);

	return (struct span){ path.s + skip, path.n - skip };
}

static bool
is_shell(struct span program)
{
	static const char *const shells[] = {
		"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "csh",
		"tcsh", "fish", "busybox", "eval", "su",
	};

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (span_is(program, shells[i]))
			return true;
	return false;
}

/*
 * A name from telemetry must never become a program's text.  A shell with -c
 * takes no field at all; what ssh(1) passes on is read by a shell over there,
 * so each field but the host must be quoted for it.
 */
static const char *
shell_hazard(const struct span *word, size_t n, struct span *at)
{
	bool shell = false, text = false, ssh = false;

	for (size_t i = 0; i < n; i++) {
		struct span name = base_name(word[i]);

		*at = word[i];
		if (text && template_has_field(word[i]))
			return "a field in a shell's own text";
		if (ssh && template_has_bare(word[i]) &&
		    !span_is(word[i], "{node}"))
			return "ssh runs a shell: write {field|sh}";
		text = text || (shell && word[i].n > 1 &&
		    word[i].s[0] == '-' &&
		    memchr(word[i].s, 'c', word[i].n) != NULL);
		shell = shell || is_shell(name);
		ssh = ssh || span_is(name, "ssh");
	}
	return NULL;
}

static const char *
set_run(struct line *l, struct rule_action *a)
{
	const char *why;

	if (l->n < 2)
		return "nothing to run";
	*l->at = l->word[1];
	if (template_has_field(l->word[1]) || l->word[1].n == 0)
		return "the program is not a field";
	for (size_t i = 1; i < l->n; i++) {
		*l->at = l->word[i];
		if ((why = template_check(l->word[i])) != NULL)
			return why;
		a->each = a->each || template_uses(l->word[i], "pid");
		vec_push(&a->argv, l->word[i]);
	}
	a->how = HOW_RUN;
	return shell_hazard(l->word + 1, l->n - 1, l->at);
}

static const char *
set_unit(struct line *l, struct rule_action *a)
{
	if (l->n != 2)
		return "unit is one name";
	*l->at = l->word[1];
	a->how = HOW_UNIT;
	vec_push(&a->argv, l->word[1]);
	return template_check(l->word[1]);
}

static const char *
set_signal(struct line *l, struct rule_action *a)
{
	static const struct { const char *name; int number; } known[] = {
		{ "TERM", SIGTERM }, { "INT", SIGINT }, { "HUP", SIGHUP },
		{ "QUIT", SIGQUIT }, { "KILL", SIGKILL }, { "ABRT", SIGABRT },
		{ "USR1", SIGUSR1 }, { "USR2", SIGUSR2 },
	};

	if (l->n != 2)
		return "signal is one name";
	*l->at = l->word[1];
	a->how = HOW_SIGNAL;
	a->each = true;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_is(l->word[1], known[i].name)) {
			a->signal = known[i].number;
			return NULL;
		}
	return "not TERM INT HUP QUIT KILL ABRT USR1 USR2";
}

static const char *
set_fall(struct line *l, struct rule_action *a)
{
	struct span s = l->word[1];

	*l->at = s;
	if (l->n != 2 || s.n < 2 || s.s[s.n - 1] != '%')
		return "fall is N%";
	s.n--;
	if (num_parse(s, &a->fall) != NULL || a->fall <= 0 || a->fall > 100)
		return "fall is N%";
	a->fall /= 100;
	return NULL;
}

static const char *
set_duration(struct line *l, int64_t *ns)
{
	const char *why;

	if (l->n != 2)
		return "one duration expected";
	why = duration(l, 1, ns);
	return why != NULL ? why : *ns <= 0 ? "not a positive duration" : NULL;
}

static const char *
parse_property(struct line *l)
{
	struct rule_action *a;
	struct span name = l->word[0];

	*l->at = name;
	if (!l->rules->block)
		return "indented, but not below an action";
	a = &l->rules->action.v[l->rules->action.n - 1];
	if (span_is(name, "run") || span_is(name, "unit") ||
	    span_is(name, "signal")) {
		if (a->argv.n > 0 || a->how == HOW_SIGNAL)
			return "a second run, unit or signal";
		return span_is(name, "run") ? set_run(l, a) :
		    span_is(name, "unit") ? set_unit(l, a) : set_signal(l, a);
	}
	if (l->n < 2)
		return "no value";
	if (span_is(name, "fall"))
		return set_fall(l, a);
	if (span_is(name, "timeout"))
		return set_duration(l, &a->timeout);
	if (span_is(name, "cooldown"))
		return set_duration(l, &a->cooldown);
	if (span_is(name, "verify") && l->n == 2 &&
	    span_is(l->word[1], "never")) {
		a->verify = 0;
		return NULL;
	}
	if (span_is(name, "verify"))
		return set_duration(l, &a->verify);
	return "not run unit signal timeout cooldown verify fall";
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
		{ "kernel", parse_kernel }, { "blackout", parse_blackout },
		{ "limit", parse_limit }, { "stopfile", parse_stopfile },
	};
	struct line l = { r, words->list.v, words->list.n, number, at };

	if (l.n == 0)
		return NULL;
	if (indented)
		return parse_property(&l);
	*at = l.word[0];
	r->block = span_is(l.word[0], "action");
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_is(l.word[0], known[i].name))
			return known[i].parse(&l);
	return "not allow deny action owner kernel blackout limit stopfile";
}
