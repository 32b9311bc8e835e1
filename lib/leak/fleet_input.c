#include "base/when.h"
#include "leak/fleet_input.h"

const struct input_column fleet_columns[FLEET_COLUMNS] = {
	[FLEET_COL_TS] = { "ts", 0 },
	[FLEET_COL_COMPONENT] = { "component", 0 },
	[FLEET_COL_NODE] = { "node", 0 },
	[FLEET_COL_USAGE] = { "usage", 0 },
	[FLEET_COL_CLUSTER] = { "cluster", INPUT_OPTIONAL },
	[FLEET_COL_PID] = { "pid", INPUT_OPTIONAL },
	[FLEET_COL_START] = { "start", INPUT_OPTIONAL },
	[FLEET_COL_LIMIT] = { "limit", INPUT_OPTIONAL },
};

static struct span
key_or_none(struct input *in, size_t col)
{
	return input_has(in, col) ? input_key(in, col) : SPAN("");
}

void
fleet_input_row(struct input *in, struct fleet *f, bool known)
{
	int64_t ts = input_time(in, FLEET_COL_TS);
	int64_t start = input_time_or(in, FLEET_COL_START, WHEN_NEVER);
	uint64_t usage = input_bytes(in, FLEET_COL_USAGE);
	uint64_t limit = input_bytes_or(in, FLEET_COL_LIMIT, 0);
	struct span name[FLEET_NAMES] = {
		[FLEET_COMPONENT] = input_key(in, FLEET_COL_COMPONENT),
		[FLEET_CLUSTER] = key_or_none(in, FLEET_COL_CLUSTER),
		[FLEET_NODE] = input_key(in, FLEET_COL_NODE),
		[FLEET_PID] = key_or_none(in, FLEET_COL_PID),
	};
	size_t i;

	if (input_bad(in))
		return;
	i = known ? fleet_known(f, name, start) : fleet_find(f, name, start);
	if (i == FLEET_UNKNOWN)
		return;
	fleet_sample(f, i, ts, (double)usage);
	if (limit > 0)
		f->instance.v[i].limit = (double)limit;
	for (size_t a = 0; a < f->nattribute; a++)
		if (input_has(in, FLEET_COLUMNS + a))
			fleet_attribute(f, i, a,
			    input_text(in, FLEET_COLUMNS + a));
}
