#include "heap/candidate.h"

#include "base/when.h"
#include "heap/host.h"

const struct input_column candidate_columns[CANDIDATE_COLUMNS] = {
	{ "component", 0 }, { "node", 0 }, { "pid", 0 },
	{ "start", INPUT_OPTIONAL }, { "cluster", INPUT_OPTIONAL },
	{ "complete", INPUT_OPTIONAL },
};

bool
candidate_take(struct input *in, const char *node, struct candidate *c)
{
	struct span over = input_text(in, CANDIDATE_COMPLETE);
	struct trace_entry *e = &c->entry;

	if (!span_is(input_text(in, CANDIDATE_NODE), node) ||
	    !input_has(in, CANDIDATE_PID))
		return false;	/* another machine's, or the kernel's */
	*e = (struct trace_entry){ 0 };
	e->component = buf_again(&c->component,
	    input_text(in, CANDIDATE_COMPONENT));
	e->node = buf_again(&c->node, input_text(in, CANDIDATE_NODE));
	e->cluster = buf_again(&c->cluster, input_text(in, CANDIDATE_CLUSTER));
	e->pid = input_u64(in, CANDIDATE_PID);
	e->start = input_time_or(in, CANDIDATE_START, WHEN_NEVER);
	if (input_bad(in))
		return false;
	if (e->start == WHEN_NEVER &&
	    (e->start = host_start(e->pid)) == WHEN_NEVER)
		e->start = 0;	/* no such process */
	c->over = over.n > 0 && !span_is(over, "0") && !span_is(over, "no") &&
	    !span_is(over, "false");
	return true;
}

void
candidate_free(struct candidate *c)
{
	buf_free(&c->component);
	buf_free(&c->node);
	buf_free(&c->cluster);
}
