#include "base/when.h"
#include "gandalf/decision.h"

void
decisions_make(struct decisions *d, const struct gate *gate,
    const struct cases *c, int64_t now)
{
	d->worst = c->gcase.n == 0 ? OUTCOME_NO_DATA : OUTCOME_GOOD;
	for (size_t i = 0; i < c->gcase.n; i++) {
		const struct gcase *g = &c->gcase.v[i];
		struct decision made = { .ts = now != WHEN_NEVER ? now :
			g->feed_end };

		gate_judge(gate, c, g, &made.judgement);
		made.past = history_enter(&d->history,
		    c->name.key[g->component], c->name.key[g->version],
		    c->name.key[g->pivot], made.judgement.outcome, made.ts);
		vec_push(&d->decision, made);
		if (made.judgement.outcome > d->worst)
			d->worst = made.judgement.outcome;
	}
}

static void
write_one(const struct decision *d, const struct cases *c,
    const struct gcase *g, struct output *out)
{
	const struct span *name = c->name.key;
	const struct judgement *j = &d->judgement;
	const struct evidence *v = j->evidence;

	output_text(out, name[g->component]);
	output_text(out, name[g->version]);
	output_text(out, name[g->pivot]);
	output_str(out, outcome_name[j->outcome]);
	output_text(out, v != NULL ? name[v->source] : SPAN(""));
	output_number(out, j->value);
	output_number(out, j->threshold);
	output_str(out, j->reason);
	output_text(out, v != NULL ? name[v->signature] : SPAN(""));
	for (int f = 0; f < FEATURES; f++)
		if (v != NULL)
			output_number(out, v->feature[f]);
		else
			output_none(out);
	output_number(out, g->deployed);
	output_time(out, d->ts);
	output_time(out, d->past.now_since);
	output_str(out, outcome_name[d->past.worst]);
	output_time(out, d->past.worst_since);
	output_row(out);
}

void
decisions_write(const struct decisions *d, const struct cases *c,
    struct output *out)
{
	output_header(out, "component", "version", "pivot", "decision",
	    "source", "value", "threshold", "reason", "signature", "rate",
	    "nodes", "clusters", "nodes_per_cluster", "customers", "score",
	    "spatial", "deployed", "ts", "since", "worst", "worst_since", NULL);
	for (size_t i = 0; i < d->decision.n; i++)
		write_one(&d->decision.v[i], c, &c->gcase.v[i], out);
}

void
decisions_free(struct decisions *d)
{
	vec_free(&d->decision);
	history_free(&d->history);
}
