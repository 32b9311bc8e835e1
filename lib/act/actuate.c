#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "act/actuate.h"
#include "act/limit.h"
#include "act/process.h"
#include "act/record.h"
#include "act/unit.h"
#include "base/when.h"

int64_t
actuator_now(const struct actuator *a)
{
	return a->now != WHEN_NEVER ? a->now : when_now();
}

static bool
permitted(const struct actuator *a, const struct entry *e,
    const struct fields *row, int64_t now, struct doing *d)
{
	size_t line;

	if (!rules_allowed(a->rules, e->action, row, &line, &d->reason))
		return doing_end(d, "refused", NULL);
	d->reason.n = 0;
	if (e->ts < now - a->max_age)
		return doing_end(d, "refused", "the plan is too old");
	if (e->ts > now + a->max_age)
		return doing_end(d, "refused", "the plan is of the future");
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
		return doing_end(d, "held", "the stop file is there");
	if (rules_blackout(a->rules, now, row, &until) != NULL)
		return doing_end(d, "held", "blackout");
	if (limit_target(a->past, e, how->cooldown, now, &d->reason) ||
	    limit_vain(a->past, e, now, &d->reason) ||
	    limit_reached(a->rules, a->past, a->census, e, row, now,
	    &d->reason))
		return doing_end(d, "held", NULL);
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
		return doing_end(d, "refused", why);
	if (!unit_room(&u, limit_recent(a->past, e,
	    u.interval > now ? 0 : now - u.interval)))
		return doing_end(d, "held", "StartLimitBurst of the unit");
	return true;
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
	command_perform(c, how, e, d);
	if (!record(a, e, how->verify, d))
		return false;
	remember(a->past, e);
	return true;
}

static void
pretend(struct actuator *a, const struct rule_action *how, struct entry *e,
    int64_t now, struct doing *d)
{
	doing_end(d, "would", NULL);
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
		doing_end(d, "already", "in the ledger");
	else if (!permitted(a, e, &row, now, d))
		;
	else if (how == NULL)
		doing_end(d, "refused", "no action block fits");
	else if (!command_prepare(&c, how, a->here, e, &row, d) ||
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
		doing_end(d, "already", "in the ledger");
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
		doing_end(d, "done", "cut short; the process has ended");
	}
	if (!record(a, e, how == NULL ? 2 * WHEN_HOUR : how->verify, d))
		return false;
	e->detail = SPAN("");	/* it was d's */
	return true;
}
