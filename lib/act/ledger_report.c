#include "act/ledger.h"

void
ledger_report(const struct entries *all, struct output *out)
{
	output_header(out, "id", "ts", "node", "leak", "target", "action",
	    "component", "cluster", "service", "pid", "start", "usage", "at",
	    "ended", "until", "state", "verdict", "after", "detail", NULL);
	for (size_t i = 0; i < all->list.n; i++) {
		const struct entry *e = &all->list.v[i];
		const struct span text[] = {
			e->node, e->leak, e->target, e->action, e->component,
			e->cluster, e->service, e->pid, e->start,
		};

		output_i64(out, e->id);
		output_time(out, e->ts);
		for (size_t k = 0; k < 9; k++)
			output_text(out, text[k]);
		output_number(out, e->usage);
		output_time(out, e->at);
		output_time(out, e->ended);
		output_time(out, e->until);
		output_text(out, e->state);
		output_text(out, e->verdict);
		output_number(out, e->after);
		output_text(out, e->detail);
		output_row(out);
	}
}
