#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "act/actuate.h"
#include "act/limit.h"
#include "act/process.h"
#include "act/run.h"
#include "act/template.h"
#include "act/unit.h"
#include "base/when.h"

#define OPT INPUT_OPTIONAL

const struct input_column order_columns[ORDER_NCOL] = {
	{ "ts", 0 }, { "node", 0 }, { "target", 0 }, { "action", 0 },
	{ "leak", OPT }, { "component", OPT }, { "cluster", OPT },
	{ "service", OPT }, { "pid", OPT }, { "start", OPT }, { "usage", OPT },
	{ "growth", OPT },
};

/* A command on its way: argv for execvp(3). */
struct command {
	VEC(char *) argv;
	struct unit unit;
};

int64_t
actuator_now(const struct actuator *a)
{
	struct timespec t;

	if (a->now != WHEN_NEVER)
		return a->now;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * WHEN_SECOND + t.tv_nsec;
}

/* Where the plan, written by hand, leaves out what goes without saying. */
static void
complete(struct order *o)
{
	struct entry *e = &o->entry;

	if (e->component.n == 0)
		e->component = e->target;
	if (e->leak.n == 0)
		e->leak = e->component;
	o->field[0] = (struct field){ SPAN("component"), e->component };
	o->field[1] = (struct field){ SPAN("leak"), e->leak };
}

void
orders_add(struct orders *all, struct input *in)
{
	struct intern *b = &all->bytes;
	struct order o = { .entry = {
		.ts = input_time(in, ORDER_TS),
		.usage = input_number_or(in, ORDER_USAGE, NAN),
		.growth = input_number_or(in, ORDER_GROWTH, NAN),
		.goal = NAN, .at = WHEN_NEVER, .ended = WHEN_NEVER,
		.until = WHEN_NEVER, .after = NAN,
	} };
	struct span *const text[] = {
		&o.entry.node, &o.entry.target, &o.entry.action, &o.entry.leak,
		&o.entry.component, &o.entry.cluster, &o.entry.service,
		&o.entry.pid, &o.entry.start,
	};

	for (size_t i = ORDER_NODE; i <= ORDER_ACTION; i++)
		input_key(in, i);
	if (input_bad(in))
		return;
	for (size_t i = ORDER_NODE; i <= ORDER_START; i++)
		*text[i - ORDER_NODE] = record_keep(b, input_text(in, i));
	o.field = record_fields(b, in, order_columns, ORDER_NCOL, 2,
	    &o.nfield);
	complete(&o);
	vec_push(&all->list, o);
}

void
orders_free(struct orders *all)
{
	for (size_t i = 0; i < all->list.n; i++)
		free(all->list.v[i].field);
	vec_free(&all->list);
	intern_free(&all->bytes);
}

void
doing_free(struct doing *d)
{
	buf_free(&d->reason);
	buf_free(&d->command);
}

static bool
end(struct doing *d, const char *outcome, const char *reason)
{
	d->outcome = outcome;
	if (reason != NULL)
		buf_str(&d->reason, reason);
	return false;
}

static void
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
local(const struct actuator *a, const struct entry *e, struct doing *d)
{
	return span_eq(a->here, e->node) ||
	    end(d, "refused", "the node is not this one");
}

static bool
fill_unit(struct command *c, const struct actuator *a,
    const struct rule_action *how, const struct entry *e,
    const struct fields *row, struct doing *d)
{
	const char *why;

	buf_str(&d->command, "systemctl restart -- ");
	if (!fill(c, how->argv.v[0], row, true, d))
		return false;
	if ((why = unit_name(span_of(c->argv.v[0]))) != NULL)
		return end(d, "refused", why);
	return local(a, e, d);
}

static bool
fill_signal(const struct actuator *a, const struct rule_action *how,
    const struct entry *e, struct doing *d)
{
	buf_printf(&d->command, "kill -%d ", how->signal);
	if (e->pid.n == 0 || e->start.n == 0)
		return end(d, "refused", "no pid and start");
	template_quote(&d->command, e->pid);
	return local(a, e, d);
}

static bool
prepare(struct command *c, const struct actuator *a,
    const struct rule_action *how, const struct entry *e,
    const struct fields *row, struct doing *d)
{
	switch (how->how) {
	case HOW_RUN:
		return fill_run(c, how, row, d);
	case HOW_UNIT:
		return fill_unit(c, a, how, e, row, d);
	default:
		return fill_signal(a, how, e, d);
	}
}

static bool
permitted(const struct actuator *a, const struct entry *e,
    const struct fields *row, int64_t now, struct doing *d)
{
	size_t line;

	if (!rules_allowed(a->rules, e->action, row, &line, &d->reason))
		return end(d, "refused", NULL);
	d->reason.n = 0;
	if (e->ts < now - a->max_age)
		return end(d, "refused", "the plan is too old");
	if (e->ts > now + a->max_age)
		return end(d, "refused", "the plan is of the future");
	return true;
}

static bool
stopped(struct span path)
{
	char *name = mem_copy(path.s, path.n);
	/* Anything but a clear "there is no such file" stops. */
	bool stop = path.n > 0 && (access(name, F_OK) == 0 || errno != ENOENT);

	free(name);
	return stop;
}

static bool
may_now(const struct actuator *a, const struct rule_action *how,
    const struct entry *e, const struct fields *row, int64_t now,
    struct doing *d)
{
	int64_t until;

	if (stopped(a->rules->stopfile) || stopped(a->stopfile))
		return end(d, "held", "the stop file is there");
	if (rules_blackout(a->rules, now, row, &until) != NULL)
		return end(d, "held", "blackout");
	if (limit_target(a->past, e, how->cooldown, now, &d->reason) ||
	    limit_vain(a->past, e, now, &d->reason) ||
	    limit_reached(a->rules, a->past, a->census, e, row, now,
	    &d->reason))
		return end(d, "held", NULL);
	return true;
}

static bool
ask_unit(struct command *c, const struct actuator *a,
    const struct rule_action *how, const struct entry *e, int64_t now,
    struct doing *d)
{
	struct unit u;
	const char *why = unit_ask(&u, c->argv.v[0], how->timeout);

	if (why != NULL)
		return end(d, "refused", why);
	if (!unit_room(&u, limit_recent(a->past, e,
	    u.interval > now ? 0 : now - u.interval)))
		return end(d, "held", "StartLimitBurst of the unit");
	return true;
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

static void
perform(struct command *c, const struct rule_action *how,
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

/* The list keeps its own bytes: the row's are the reader's. */
static struct span
keep(struct entries *all, struct span s)
{
	char *copy = mem_copy(s.n > 0 ? s.s : "", s.n);

	vec_push(&all->bytes, copy);
	return (struct span){ copy, s.n };
}

static void
remember(struct entries *all, const struct entry *e)
{
	struct entry c = *e;
	enum { NTEXT = 11 };
	struct span *const text[NTEXT] = {
		&c.node, &c.leak, &c.target, &c.action, &c.component,
		&c.cluster, &c.service, &c.pid, &c.start, &c.state, &c.verdict,
	};

	for (size_t i = 0; i < NTEXT; i++)
		*text[i] = keep(all, *text[i]);
	c.detail = (struct span){ "", 0 };
	vec_push(&all->list, c);
}

/*
 * What ended badly may still have done something: it is verified as well.
 */
static bool
record(const struct actuator *a, struct entry *e, int64_t verify,
    const struct doing *d)
{
	e->ended = actuator_now(a);
	e->until = verify > 0 ? e->ended + verify : WHEN_NEVER;
	e->state = span_of(d->outcome);
	e->verdict = verify > 0 ? SPAN("pending") : SPAN("");
	e->detail = buf_view(&d->reason);
	return ledger_outcome(a->ledger, e);
}

/* What leaked must go, or the fall's part of it; of all where that is open. */
static double
goal(const struct entry *e, const struct rule_action *how)
{
	const bool known = e->growth > 0 && e->growth < e->usage;

	return e->usage - how->fall * (known ? e->growth : e->usage);
}

static bool
execute(struct actuator *a, struct command *c, const struct rule_action *how,
    struct entry *e, int64_t now, struct doing *d)
{
	e->at = now;
	e->goal = goal(e, how);
	e->state = SPAN("intent");
	e->verdict = SPAN("");
	if (how->how == HOW_UNIT && !ask_unit(c, a, how, e, now, d))
		return true;
	if (!ledger_intent(a->ledger, e))
		return false;
	perform(c, how, e, d);
	if (!record(a, e, how->verify, d))
		return false;
	remember(a->past, e);
	return true;
}

static void
pretend(struct actuator *a, const struct rule_action *how, struct entry *e,
    int64_t now, struct doing *d)
{
	end(d, "would", NULL);
	e->at = e->ended = now;
	e->until = now + how->verify;
	e->state = SPAN("done");
	e->verdict = how->verify > 0 ? SPAN("pending") : SPAN("");
	remember(a->past, e);
}

bool
actuate(struct actuator *a, struct order *o, struct doing *d)
{
	struct entry *e = &o->entry;
	const struct node *node = nodes_find(a->nodes, e->node);
	const struct fields row = { o->field, o->nfield,
	    node == NULL ? NULL : &node->fields };
	const struct rule_action *how = rules_action(a->rules, e->action, &row);
	const int64_t now = actuator_now(a);
	struct command c = { 0 };
	bool ok = true;

	*d = (struct doing){ .outcome = "refused" };
	if (ledger_has(a->ledger, e))
		end(d, "already", "in the ledger");
	else if (!permitted(a, e, &row, now, d))
		;
	else if (how == NULL)
		end(d, "refused", "no action block fits");
	else if (!prepare(&c, a, how, e, &row, d) ||
	    !may_now(a, how, e, &row, now, d))
		;
	else if (a->execute)
		ok = execute(a, &c, how, e, now, d);
	else
		pretend(a, how, e, now, d);
	command_free(&c);
	return ok;
}

bool
actuate_stop(struct actuator *a, struct order *o, struct doing *d)
{
	struct entry *e = &o->entry;

	*d = (struct doing){ .outcome = "stopped" };
	e->at = e->ended = actuator_now(a);
	e->state = SPAN("done");
	e->verdict = SPAN("stopped");
	e->detail = SPAN("");
	if (ledger_has(a->ledger, e)) {
		end(d, "already", "in the ledger");
		return true;
	}
	for (size_t i = 0; i < a->past->list.n; i++) {
		struct entry *p = &a->past->list.v[i];

		if (span_is(p->verdict, "pending") &&
		    span_eq(p->node, e->node) && span_eq(p->leak, e->leak))
			p->verdict = SPAN("stopped");
	}
	return !a->execute || ledger_stop(a->ledger, e);
}

/*
 * The intent is in the ledger and the outcome is not: the deed may have been
 * done or not, and is not begun again.  Only of a signal it can be told: the
 * process is there or it is not.  The rest is for the verification to find.
 */
bool
actuate_recover(struct actuator *a, struct entry *e, struct doing *d)
{
	const struct field known[] = {
		{ SPAN("node"), e->node }, { SPAN("leak"), e->leak },
		{ SPAN("target"), e->target },
		{ SPAN("component"), e->component },
		{ SPAN("cluster"), e->cluster },
		{ SPAN("service"), e->service }, { SPAN("pid"), e->pid },
	};
	const struct fields row = { known, sizeof(known) / sizeof(*known),
	    NULL };
	const struct rule_action *how = rules_action(a->rules, e->action,
	    &row);
	const bool signalled = how != NULL && how->how == HOW_SIGNAL &&
	    span_eq(a->here, e->node) && e->pid.n > 0;

	*d = (struct doing){ .outcome = "interrupted" };
	buf_str(&d->reason, "cut short; not begun again");
	if (signalled && process_find(e->pid, e->start) == PROCESS_OTHER) {
		d->reason.n = 0;
		end(d, "done", "cut short; the process has ended");
	}
	if (!record(a, e, how == NULL ? 2 * WHEN_HOUR : how->verify, d))
		return false;
	e->detail = SPAN("");	/* it was d's */
	return true;
}
