#include "base/when.h"
#include "gandalf/feed.h"
#include "gandalf/recent.h"

struct memory {
	struct events *events;
	int64_t since;
};

static void
add_fault(void *arg, struct input *in)
{
	struct memory *m = arg;

	feed_fault(m->events, in);
}

static void
put_faults(void *arg, struct output *out)
{
	const struct memory *m = arg;

	feed_keep(m->events, m->since, out);
}

bool
recent_join(struct state *state, const char *path, struct events *e,
    int64_t now, int64_t reach)
{
	struct memory m = { .events = e };

	if (!state_take(state, path) || !state_load(state, feed_fault_columns,
	    FEED_FAULT_COLUMNS, add_fault, &m))
		return false;
	if (now == WHEN_NEVER)
		now = feed_newest(e);
	/* Nothing was ever read: the state stays as it is. */
	if (now == WHEN_NEVER)
		return true;
	if (__builtin_sub_overflow(now, reach, &m.since))
		m.since = INT64_MIN;
	return state_save(state, put_faults, &m);
}
