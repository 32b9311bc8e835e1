#include <math.h>
#include <stdio.h>
#include <string.h>

#include "act/planout.h"

/* In the order of the rows: what the rules and resin-act need to know. */
static const char *const header[] = {
	"ts", "node", "target", "action", "priority", "reason", "leak",
	"component", "cluster", "service", "pid", "start", "leak_start",
	"leak_end", "usage", "growth", "rate", "severity",
};

static bool
ours(struct span name)
{
	for (size_t i = 0; i < sizeof(header) / sizeof(*header); i++)
		if (span_is(name, header[i]))
			return true;
	return false;
}

void
plan_write_header(struct output *out, const struct span *carry, size_t ncarry)
{
	for (size_t i = 0; i < sizeof(header) / sizeof(*header); i++)
		output_str(out, header[i]);
	for (size_t i = 0; i < ncarry; i++)
		if (!ours(carry[i]))
			output_text(out, carry[i]);
	output_row(out);
}

static void
write_carried(struct output *out, const struct suspect *s)
{
	for (size_t i = SUSPECT_NCOL; i < s->nfield; i++)
		if (!ours(s->field[i].name))
			output_text(out, s->field[i].value);
	output_row(out);
}

static const char *
tier_reason(enum tier t)
{
	static const char *const why[] = {
		"; node low on memory", "; region short of capacity",
		"; node over its reservation", "",
	};

	return why[t];
}

static void
say_reason(struct buf *b, const struct plan_row *r)
{
	const struct step *s = &r->step;

	if (s->outcome == TREE_NONE) {
		buf_str(b, "every allowed action was tried");
		return;
	}
	if (s->outcome == TREE_DEFER) {
		buf_span(b, s->action);
		buf_str(b, ": ");
		buf_span(b, buf_view(&s->reason));
		return;
	}
	buf_printf(b, "allowed by line %zu", s->line);
	buf_str(b, s->tried ? ", milder ones did not help" : "");
	buf_str(b, tier_reason(r->tier));
	if (isfinite(r->hours))
		buf_printf(b, "; memory full in %.1f h", r->hours);
}

/* Columns ts to reason. */
static void
write_head(struct output *out, int64_t now, const struct plan_row *r,
    uint64_t priority)
{
	static const char *const name[] = { NULL, "defer", "none" };
	struct buf reason = { 0 };

	output_time(out, now);
	output_text(out, r->suspect->node);
	output_text(out, r->step.outcome == TREE_NONE ? r->suspect->component :
	    r->step.target);
	if (r->step.outcome == TREE_ACT)
		output_text(out, r->step.action);
	else
		output_str(out, name[r->step.outcome]);
	output_u64(out, priority);
	say_reason(&reason, r);
	output_text(out, buf_view(&reason));
	buf_free(&reason);
}

static void
write_row(struct output *out, int64_t now, const struct plan_row *r,
    uint64_t priority)
{
	const struct suspect *s = r->suspect;
	const bool act = r->step.outcome != TREE_NONE;

	write_head(out, now, r, priority);
	output_text(out, s->component);
	output_text(out, act ? r->step.component : s->component);
	output_text(out, s->cluster);
	output_text(out, act ? r->step.service : s->service);
	output_text(out, act ? r->step.pid : s->pid);
	output_text(out, act ? r->step.start : s->start);
	output_time(out, s->leak_start);
	output_time(out, s->leak_end);
	output_number(out, s->usage);
	output_number(out, s->growth);
	output_number(out, s->rate);
	output_number(out, s->severity);
	write_carried(out, s);
}

/* A row about an earlier deed; `what` and `why` are the new one's. */
static void
write_about(struct output *out, int64_t now, const struct deed *d,
    uint64_t priority, const char *what, const char *why, size_t ncarry)
{
	output_time(out, now);
	output_text(out, d->node);
	output_text(out, d->target);
	output_str(out, what);
	output_u64(out, priority);
	output_str(out, why);
	output_text(out, d->leak);
	output_text(out, d->component);
	output_text(out, d->cluster);
	output_text(out, d->service);
	output_text(out, d->pid);
	output_text(out, d->start);
	for (size_t i = 0; i < 6 + ncarry; i++)
		output_none(out);
	output_row(out);
}

void
plan_write(struct output *out, const struct plan *p, int64_t now,
    const struct span *carry, size_t ncarry)
{
	uint64_t priority = 0;
	size_t more = 0;

	for (size_t i = 0; i < ncarry; i++)
		more += !ours(carry[i]);
	for (size_t i = 0; i < p->row.n; i++)
		write_row(out, now, &p->row.v[i], ++priority);
	for (size_t i = 0; i < p->stop.n; i++)
		write_about(out, now, &p->stop.v[i], ++priority, "stop",
		    "no longer suspected", more);
	for (size_t i = 0; i < p->back.list.n; i++) {
		char why[64];

		snprintf(why, sizeof(why), "allowed by line %zu, the leak is "
		    "gone", p->back.list.v[i].line);
		write_about(out, now, &p->back.list.v[i].drain, ++priority,
		    "undrain", why, more);
	}
}

void
plan_write_notes(struct output *out, const struct suspect *u,
    const struct step *s)
{
	for (size_t i = 0; i < s->notes.n; i++) {
		const struct note *n = &s->notes.v[i];
		bool fires = strcmp(n->verdict, "fires") == 0;

		output_text(out, u->node);
		output_text(out, u->component);
		output_text(out, u->pid);
		output_text(out, n->action);
		output_str(out, fires && s->outcome == TREE_DEFER ? "deferred" :
		    n->verdict);
		if (n->line > 0)
			output_u64(out, n->line);
		else
			output_none(out);
		output_text(out, buf_view(fires ? &s->reason : &n->reason));
		output_row(out);
	}
}
