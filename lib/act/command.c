#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "act/command.h"
#include "act/process.h"
#include "act/run.h"
#include "act/template.h"
#include "act/unit.h"

void
doing_free(struct doing *d)
{
	buf_free(&d->reason);
	buf_free(&d->command);
}

bool
doing_end(struct doing *d, const char *outcome, const char *reason)
{
	d->outcome = outcome;
	if (reason != NULL)
		buf_str(&d->reason, reason);
	return false;
}

void
command_free(struct command *c)
{
	for (size_t i = 0; i < c->argv.n; i++)
		free(c->argv.v[i]);
	vec_free(&c->argv);
}

/*
 * One argument.  A name that begins with '-' is an option to whoever reads it,
 * unless "--" has ended them.
 */
static bool
fill(struct command *c, struct span word, const struct fields *row,
    bool ended, struct doing *d)
{
	struct buf b = { 0 };
	struct span at;
	const char *why = template_fill(&b, word, row, &at);

	if (why == NULL && !ended && b.n > 0 && b.s[0] == '-' &&
	    word.s[0] != '-') {
		why = "would be read as an option";
		at = word;
	}
	if (why == NULL) {
		template_quote(&d->command, buf_view(&b));
		vec_push(&c->argv, mem_copy(b.n > 0 ? b.s : "", b.n));
	} else {
		d->outcome = "refused";
		buf_printf(&d->reason, "%s: '%.*s'", why, span_shown(at), at.s);
	}
	buf_free(&b);
	return why == NULL;
}

static bool
fill_run(struct command *c, const struct rule_action *how,
    const struct fields *row, struct doing *d)
{
	bool ended = false;

	for (size_t i = 0; i < how->argv.n; i++) {
		if (i > 0)
			buf_char(&d->command, ' ');
		if (!fill(c, how->argv.v[i], row, ended, d))
			return false;
		ended = ended || span_is(how->argv.v[i], "--");
	}
	vec_push(&c->argv, NULL);
	return true;
}

/* On this machine only what is this machine's. */
static bool
local(struct span here, const struct entry *e, struct doing *d)
{
	return span_eq(here, e->node) ||
	    doing_end(d, "refused", "the node is not this one");
}

static bool
fill_unit(struct command *c, const struct rule_action *how,
    struct span here, const struct entry *e,
    const struct fields *row, struct doing *d)
{
	const char *why;

	buf_str(&d->command, "systemctl restart -- ");
	if (!fill(c, how->argv.v[0], row, true, d))
		return false;
	if ((why = unit_name(span_of(c->argv.v[0]))) != NULL)
		return doing_end(d, "refused", why);
	return local(here, e, d);
}

static bool
fill_signal(const struct rule_action *how, struct span here,
    const struct entry *e, struct doing *d)
{
	buf_printf(&d->command, "kill -%d ", how->signal);
	if (e->pid.n == 0 || e->start.n == 0)
		return doing_end(d, "refused", "no pid and start");
	template_quote(&d->command, e->pid);
	return local(here, e, d);
}

bool
command_prepare(struct command *c, const struct rule_action *how,
    struct span here, const struct entry *e,
    const struct fields *row, struct doing *d)
{
	switch (how->how) {
	case HOW_RUN:
		return fill_run(c, how, row, d);
	case HOW_UNIT:
		return fill_unit(c, how, here, e, row, d);
	default:
		return fill_signal(how, here, e, d);
	}
}

static void
outcome_of_run(struct run_result r, struct doing *d)
{
	switch (r.how) {
	case RUN_EXIT:
		d->outcome = r.status == 0 ? "done" : "failed";
		buf_printf(&d->reason, "exit %d", r.status);
		break;
	case RUN_SIGNAL:
		d->outcome = "failed";
		buf_printf(&d->reason, "signal %d", r.status);
		break;
	case RUN_TIMEOUT:
		d->outcome = "timeout";
		break;
	default:
		d->outcome = "failed";
		buf_str(&d->reason, strerror(r.status));
		break;
	}
}

static void
outcome_of_signal(enum process_result r, struct doing *d)
{
	switch (r) {
	case PROCESS_GONE:
		d->outcome = "done";
		break;
	case PROCESS_ALIVE:
		d->outcome = "timeout";
		buf_str(&d->reason, "the process did not end");
		break;
	case PROCESS_OTHER:
		d->outcome = "failed";
		buf_str(&d->reason, "no such process any more");
		break;
	default:
		d->outcome = "failed";
		buf_str(&d->reason, strerror(errno));
		break;
	}
}

void
command_perform(struct command *c, const struct rule_action *how,
    const struct entry *e, struct doing *d)
{
	struct buf said = { 0 };

	if (how->how == HOW_SIGNAL)
		outcome_of_signal(process_signal(e->pid, e->start, how->signal,
		    how->timeout), d);
	else if (how->how == HOW_UNIT)
		outcome_of_run(unit_restart(c->argv.v[0], how->timeout, &said),
		    d);
	else
		outcome_of_run(run_command(c->argv.v, how->timeout, &said), d);
	while (said.n > 0 && said.s[said.n - 1] == '\n')
		said.n--;
	if (said.n > 0) {
		if (d->reason.n > 0)
			buf_str(&d->reason, ": ");
		buf_span(&d->reason, buf_view(&said));
	}
	buf_free(&said);
}
