#include <signal.h>
#include <string.h>

#include "act/line.h"
#include "act/template.h"
#include "base/num.h"

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
	why = line_duration(l, 1, ns);
	return why != NULL ? why : *ns <= 0 ? "not a positive duration" : NULL;
}

const char *
property_parse(struct line *l)
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
