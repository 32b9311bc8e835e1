#include <stdio.h>

#include "base/num.h"
#include "base/when.h"
#include "gandalf/report.h"

static void
write_header(const struct score_rule *rule, struct output *out)
{
	static const char *const before[] = { "component", "version",
	    "signature", "score", "votes", "veto", "spatial", "decay", "rank",
	    "reason", "source", "pivot", "temporal", "weight", "total",
	    "rival", "age_spread", "follow", "chance", "burst" };
	static const char *const after[] = { "hit", "seen", "deployed",
		"deployed_clusters", "clusters", "customers", "first", "last",
		"start", "end", "since", "feed_start", "feed_end" };
	char window[24], name[32];

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
		output_str(out, before[i]);
	for (size_t i = 0; i < rule->nwindow; i++) {
		score_window_name(window, rule->window[i]);
		snprintf(name, sizeof(name), "votes_%s", window);
		output_str(out, name);
	}
	for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++)
		output_str(out, after[i]);
	output_row(out);
}

static void
write_dropped(const char *what, double value, double limit, struct output *out)
{
	char a[NUM_MAX], b[NUM_MAX], text[96];

	a[num_print(a, value)] = '\0';
	b[num_print(b, limit)] = '\0';
	snprintf(text, sizeof(text), "%s %s < %s", what, a, b);
	output_str(out, text);
}

/* Why the row has the rank it has: the rule, the value and the threshold. */
static void
write_reason(const struct blame_verdict *v, const struct score_rule *rule,
    struct output *out)
{
	switch (v->reason) {
	case SUSPECT_BLAMED:
		output_str(out, "blamed");
		return;
	case SUSPECT_TIE:
		output_str(out, "tie");
		return;
	case SUSPECT_RUNNER_UP:
		output_str(out, "runner-up");
		return;
	case SUSPECT_SPATIAL:
		write_dropped("spatial", v->spatial, rule->spatial, out);
		return;
	case SUSPECT_FOLLOW:
		write_dropped("follow", v->follow, rule->follow, out);
		return;
	case SUSPECT_TEMPORAL:
		output_str(out, "temporal <= 0");
		return;
	case SUSPECT_WEIGHT:
		output_str(out, "weight 0");
		return;
	case SUSPECT_QUIET:
		output_str(out, "quiet");
		return;
	}
}

static void
write_count(uint64_t count, double unit, struct output *out)
{
	output_number(out, (double)count / unit);
}

static void
write_times(const struct blame_verdict *v, const struct tally *t,
    struct output *out)
{
	const struct tally_rollout *o = &t->rollout.v[v->rollout];

	output_time(out, v->first);
	output_time(out, v->last);
	output_time(out, o->start);
	output_time(out, o->last);
	output_time(out, v->signature == INTERN_NONE ? WHEN_NEVER :
	    t->signature.v[v->signature].first);
	output_time(out, t->oldest);
	output_time(out, t->newest);
}

static void
write_verdict(const struct blame_verdict *v, const struct tally *t,
    const struct score_rule *rule, double unit, struct output *out)
{
	const struct tally_rollout *o = &t->rollout.v[v->rollout];
	const struct tally_release *r = &t->release.v[o->release];
	bool quiet = v->signature == INTERN_NONE;
	const struct tally_signature *g = quiet ? NULL :
	    &t->signature.v[v->signature];

	output_text(out, tally_text(t, r->component));
	output_text(out, tally_text(t, r->version));
	output_text(out, quiet ? SPAN("") : tally_text(t, g->text));
	output_number(out, v->score);
	write_count(v->within, unit, out);
	write_count(v->veto, unit, out);
	output_number(out, v->spatial);
	output_number(out, v->decay);
	if (v->rank > 0)
		output_u64(out, v->rank);
	else
		output_none(out);
	write_reason(v, rule, out);
	output_text(out, quiet ? SPAN("") : tally_text(t, g->source));
	output_text(out, tally_text(t, o->pivot));
	output_number(out, v->temporal);
	output_number(out, v->weight);
	output_number(out, v->total);
	output_number(out, v->rival);
	output_number(out, v->age_spread);
	output_number(out, v->follow);
	output_number(out, v->chance);
	output_number(out, v->burst);
	for (size_t i = 0; i < rule->nwindow; i++)
		write_count(v->votes[i], unit, out);
	output_u64(out, v->hit);
	output_u64(out, v->seen);
	output_u64(out, o->deployed);
	output_u64(out, o->clusters);
	output_u64(out, v->clusters);
	output_u64(out, v->customers);
	write_times(v, t, out);
	output_row(out);
}

void
report_write(const struct blame *blame, const struct tally *t,
    const struct score_rule *rule, double unit, struct output *out)
{
	write_header(rule, out);
	for (size_t i = 0; i < blame->verdict.n; i++)
		write_verdict(&blame->verdict.v[i], t, rule, unit, out);
}
