#include "act/turn.h"

static void
print(struct output *out, int64_t now, const struct entry *e,
    const char *outcome, const struct doing *d)
{
	output_time(out, now);
	output_text(out, e->node);
	output_text(out, e->target);
	output_text(out, e->action);
	output_str(out, outcome);
	output_text(out, d == NULL ? SPAN("") : buf_view(&d->reason));
	output_text(out, d == NULL ? SPAN("") : buf_view(&d->command));
	output_row(out);
}

bool
turn_recover(struct actuator *a, struct output *out)
{
	struct doing d;

	for (size_t i = 0; i < a->past->list.n; i++) {
		struct entry *e = &a->past->list.v[i];

		if (!span_is(e->state, "intent"))
			continue;
		if (!actuate_recover(a, e, &d))
			return false;
		print(out, actuator_now(a), e, d.outcome, &d);
		doing_free(&d);
	}
	return true;
}

bool
turn_judge(struct actuator *a, const struct verify *v, struct output *out)
{
	const int64_t now = actuator_now(a);

	for (size_t i = 0; i < v->watch.n; i++) {
		struct entry *e = &a->past->list.v[v->watch.v[i].entry -
		    a->past->list.v];
		const char *verdict = verify_judge(v, &v->watch.v[i], now);

		if (verdict == NULL)
			continue;
		e->verdict = span_of(verdict);
		if (!ledger_verdict(a->ledger, e->id, verdict,
		    v->watch.v[i].usage))
			return false;
		print(out, now, e, verdict, NULL);
	}
	return true;
}

static bool
obey_one(struct actuator *a, struct order *o, struct output *out, bool *did)
{
	const bool stop = span_is(o->entry.action, "stop");
	struct doing d;

	if (!(stop ? actuate_stop(a, o, &d) : actuate(a, o, &d)))
		return false;
	print(out, actuator_now(a), &o->entry, d.outcome, &d);
	*did |= strcmp(d.outcome, "done") == 0 ||
	    strcmp(d.outcome, "would") == 0;
	doing_free(&d);
	return true;
}

/* Is the row one to be obeyed when it is the turn of the stops, or not? */
static bool
is_due(const struct order *o, bool stops)
{
	const struct span action = o->entry.action;

	/* Those two only inform. */
	return span_is(action, "stop") == stops &&
	    !span_is(action, "defer") && !span_is(action, "none");
}

bool
turn_obey(struct actuator *a, struct orders *orders, struct output *out,
    const volatile sig_atomic_t *end, bool *did)
{
	for (int stops = 1; stops >= 0; stops--)
		for (size_t i = 0; i < orders->list.n && !*end; i++)
			if (is_due(&orders->list.v[i], stops != 0) &&
			    !obey_one(a, &orders->list.v[i], out, did))
				return false;
	return true;
}
