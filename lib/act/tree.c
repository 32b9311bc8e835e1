#include <math.h>

#include "act/past.h"
#include "act/tree.h"
#include "base/when.h"

/* One rung of the ladder for one suspect. */
enum rung { RESTART, OWN, RELOAD, OWNER, DRAIN, SOFT, REBOOT };

struct climb {
	const struct tree *tree;
	const struct suspect *suspect;
	const struct node *node;		/* or NULL */
	const struct rule_owner *owner;		/* or NULL */
	bool kernel;
	struct fields own;	/* the suspect's columns, then the node's */
	struct field over[5];
	struct step *step;
	bool fired;
};

static double
vms(const struct climb *c)
{
	return c->node == NULL ? NAN : c->node->number[NODE_VMS];
}

/* A drain that went through has done its part, if it still shows. */
static bool
drained(const struct climb *c)
{
	const struct deed *d;

	past_action(c->tree->deeds, c->suspect, SPAN("drain"),
	    c->suspect->node, c->tree->now, &d);
	return d != NULL && span_is(d->state, "done") && !(vms(c) > 0);
}

static struct note *
add_note(struct climb *c, struct span action)
{
	struct note n = { .action = action, .verdict = "unfit" };

	vec_push(&c->step->notes, n);
	return &c->step->notes.v[c->step->notes.n - 1];
}

/* Is there a way to do it?  The ladder's own need none to be planned. */
static bool
defined(const struct climb *c, struct span action, const struct fields *row,
    const struct rule_action **how, struct note *note)
{
	const struct rules *r = c->tree->rules;
	const struct cond *which;
	enum truth t;
	bool any = false;

	if ((*how = rules_action(r, action, row)) != NULL)
		return true;
	for (size_t i = 0; i < r->action.n; i++) {
		if (!span_eq(r->action.v[i].name, action))
			continue;
		any = true;
		t = conds_test(&r->action.v[i].conds, row, &which);
		note->line = r->action.v[i].line;
		note->reason.n = 0;
		rules_say(&note->reason, t, which);
	}
	return !any;
}

static void
say_time(struct buf *b, int64_t ns)
{
	char text[WHEN_MAX];

	buf_add(b, text, when_print(text, ns, true));
}

/* The rung is fit and allowed: it is the one, unless it was tried in vain. */
static void
try_rung(struct climb *c, struct note *note, const struct rule_action *how,
    struct span target, struct span component, bool node)
{
	struct step *s = c->step;
	const struct suspect *u = c->suspect;
	const struct deed *last;
	bool owner = !node && !span_eq(component, u->component);

	if (past_action(c->tree->deeds, u, note->action, target, c->tree->now,
	    &last) == PAST_VAIN) {
		note->verdict = "tried";
		note->reason.n = 0;
		buf_str(&note->reason, "did not help at ");
		say_time(&note->reason, last->at);
		s->tried = true;
		return;
	}
	note->verdict = "later";
	if (c->fired) {
		note->reason.n = 0;
		buf_str(&note->reason, "a milder one comes first");
		return;
	}
	note->verdict = "fires";
	note->reason.n = 0;
	s->action = note->action;
	s->target = target;
	s->line = note->line;
	s->node = node;
	s->drained = node && drained(c);
	s->component = component;
	s->service = owner ? target : u->service;
	s->pid = owner ? (struct span){ "", 0 } : u->pid;
	s->start = owner ? (struct span){ "", 0 } : u->start;
	s->each = !node && !owner && u->pid.n > 0 &&
	    (how == NULL || how->each);
	c->fired = true;
}

static struct span
own_target(const struct suspect *s)
{
	return s->service.n > 0 ? s->service : s->component;
}

/* The columns as the rules see them, for an action on `target`. */
static struct fields
view(struct climb *c, struct span target, struct span component)
{
	size_t n = 0;

	c->over[n++] = (struct field){ SPAN("target"), target };
	c->over[n++] = (struct field){ SPAN("leak"), c->suspect->component };
	if (!span_eq(component, c->suspect->component)) {
		c->over[n++] = (struct field){ SPAN("component"), component };
		c->over[n++] = (struct field){ SPAN("service"), component };
	}
	return (struct fields){ c->over, n, &c->own };
}

/* Why a node cannot take this rung now, or NULL. */
static const char *
node_unfit(const struct climb *c, enum rung rung)
{
	const bool empty = vms(c) == 0;

	switch (rung) {
	case DRAIN:
		return empty ? "the node is empty" :
		    drained(c) ? "already drained" : NULL;
	case SOFT:
		return drained(c) ? NULL : empty ?
		    "the node is empty: reboot" : "the node is not drained";
	default:
		return drained(c) || empty ? NULL : "the node is not empty";
	}
}

static const char *
process_unfit(const struct climb *c, enum rung rung)
{
	if (rung == RESTART && c->kernel)
		return "kernel memory";
	if (rung == OWNER && !c->kernel)
		return "not kernel memory";
	if (rung == OWNER && c->owner == NULL)
		return "no owner known";
	return NULL;
}

static void
rung(struct climb *c, enum rung kind, struct span action)
{
	const struct suspect *s = c->suspect;
	const bool on_node = kind >= DRAIN;
	struct span component = kind == OWNER && c->owner != NULL ?
	    c->owner->name : s->component;
	struct span target = on_node ? s->node : kind == OWNER ? component :
	    own_target(s);
	struct fields row = view(c, target, component);
	struct note *note = add_note(c, action);
	const struct rule_action *how;
	const char *why = on_node ? node_unfit(c, kind) :
	    process_unfit(c, kind);

	if (why != NULL) {
		buf_str(&note->reason, why);
		return;
	}
	if (!defined(c, action, &row, &how, note))
		return;
	note->line = 0;
	if (!rules_allowed(c->tree->rules, action, &row, &note->line,
	    &note->reason)) {
		note->verdict = "refused";
		return;
	}
	try_rung(c, note, how, target, component, on_node);
}

/* Each of the team's own once, where its first block stands. */
static void
own_rungs(struct climb *c)
{
	const struct rules *r = c->tree->rules;
	size_t first;

	for (size_t i = 0; i < r->action.n; i++) {
		struct span name = r->action.v[i].name;

		for (first = 0; !span_eq(r->action.v[first].name, name);
		    first++)
			;
		if (first == i && !rules_builtin(name))
			rung(c, OWN, name);
	}
}

static bool
is_kernel(const struct tree *t, const struct suspect *s,
    const struct fields *row)
{
	const struct cond *which;

	if (s->component.n >= 5 && memcmp(s->component.s, "slab:", 5) == 0)
		return true;
	for (size_t i = 0; i < t->rules->kernel.n; i++)
		if (conds_test(&t->rules->kernel.v[i], row, &which) == COND_YES)
			return true;
	return false;
}

static const struct rule_owner *
find_owner(const struct tree *t, const struct fields *row)
{
	const struct cond *which;

	for (size_t i = 0; i < t->rules->owner.n; i++)
		if (conds_test(&t->rules->owner.v[i].conds, row, &which) ==
		    COND_YES)
			return &t->rules->owner.v[i];
	return NULL;
}

static bool
defer(struct step *s, const char *why, int64_t until)
{
	s->outcome = TREE_DEFER;
	s->reason.n = 0;
	buf_str(&s->reason, why);
	if (until != WHEN_NEVER) {
		buf_str(&s->reason, " until ");
		say_time(&s->reason, until);
	}
	return true;
}

/* An escalation does not wait for the cool-down of what did not help. */
static bool
cooling(const struct climb *c, const struct fields *row)
{
	const struct deed *d = past_latest(c->tree->deeds, c->suspect,
	    c->step->target);
	const struct rule_action *how;
	enum past p;

	if (d == NULL)
		return false;
	p = past_same_leak(d, c->suspect) ?
	    past_deed(d, c->suspect, c->tree->now) : PAST_DONE;
	if (p == PAST_PENDING)
		return defer(c->step, "the last action is not yet verified",
		    d->until);
	if (p == PAST_VAIN || !span_eq(d->action, c->step->action))
		return false;
	how = rules_action(c->tree->rules, d->action, row);
	if (how != NULL && c->tree->now < d->at + how->cooldown)
		return defer(c->step, "cool-down", d->at + how->cooldown);
	return false;
}

static void
gates(struct climb *c)
{
	struct step *s = c->step;
	struct fields row = view(c, s->target, s->component);
	const struct trace *t = traces_find(c->tree->traces, c->suspect->node,
	    c->tree->now);
	int64_t until;

	if (t != NULL)
		defer(s, "a snapshot is being taken", t->until);
	else if (rules_blackout(c->tree->rules, c->tree->now, &row, &until))
		defer(s, "blackout", until);
	else
		cooling(c, &row);
}

void
tree_decide(const struct tree *t, const struct suspect *u, struct step *s)
{
	struct climb c = { .tree = t, .suspect = u, .step = s };

	*s = (struct step){ .outcome = TREE_NONE };
	s->over = past_ended(t->deeds, u) || seen_gone(t->seen, u, t->fresh);
	if (s->over) {
		struct note *n = add_note(&c, SPAN(""));

		n->verdict = "over";
		buf_str(&n->reason, "the process is gone");
		return;
	}
	c.node = nodes_find(t->nodes, u->node);
	c.own = (struct fields){ u->field, u->nfield,
	    c.node == NULL ? NULL : &c.node->fields };
	c.kernel = is_kernel(t, u, &c.own);
	c.owner = c.kernel ? find_owner(t, &c.own) : NULL;
	rung(&c, RESTART, SPAN("restart"));
	own_rungs(&c);
	rung(&c, RELOAD, SPAN("reload"));
	if (c.kernel)
		rung(&c, OWNER, SPAN("restart"));
	rung(&c, DRAIN, SPAN("drain"));
	rung(&c, SOFT, SPAN("soft-reboot"));
	rung(&c, REBOOT, SPAN("reboot"));
	if (!c.fired)
		return;
	s->outcome = TREE_ACT;
	gates(&c);
}

void
step_free(struct step *s)
{
	for (size_t i = 0; i < s->notes.n; i++)
		buf_free(&s->notes.v[i].reason);
	vec_free(&s->notes);
	buf_free(&s->reason);
}
