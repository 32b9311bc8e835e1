#include "gandalf/spread.h"
#include "gandalf/sweep.h"
#include "gandalf/vote.h"

/* Which pairs' spread is wanted: all, or those with votes. */
static void
ask_spread(struct tally *t, bool all)
{
	if (!all)
		for (size_t i = 0; i < t->cell.n; i++)
			if (t->cell.v[i].first != WHEN_NEVER)
				tally_spread(t, t->rollout.v
				    [t->cell.v[i].rollout].release,
				    t->cell.v[i].signature);
	for (uint32_t r = 0; all && r < t->release.n; r++)
		for (uint32_t s = 0; s < t->signature.n; s++)
			tally_spread(t, r, s);
}

void
sweep_run(struct events *e, const struct score_rule *rule, int64_t since,
    bool all_spread)
{
	struct stints s = { 0 };

	stints_make(&s, e, since);
	events_by_node(e);
	votes_count(e, &s, rule);
	ask_spread(&e->tally, all_spread);
	spread_count(e, rule);
	stints_free(&s);
}
