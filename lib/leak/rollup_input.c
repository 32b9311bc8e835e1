#include "leak/rollup_input.h"

#include <stdlib.h>

#include "base/mem.h"

const struct input_column rollup_columns[ROLLUP_COLUMNS] = {
	[ROLLUP_TS] = { "ts", 0 },
	[ROLLUP_COMPONENT] = { "component", 0 },
	[ROLLUP_NODE] = { "node", 0 },
	[ROLLUP_USAGE] = { "usage", 0 },
	[ROLLUP_PID] = { "pid", INPUT_OPTIONAL },
	[ROLLUP_START] = { "start", INPUT_OPTIONAL },
};

/* One sample, unless it is bad. */
static void
add_sample(struct rollup *r, struct input *in, struct span *attribute)
{
	struct rollup_row row = {
		.ts = input_time(in, ROLLUP_TS),
		.component = input_key(in, ROLLUP_COMPONENT),
		.node = input_key(in, ROLLUP_NODE),
		.usage = input_bytes(in, ROLLUP_USAGE),
		.pid = input_has(in, ROLLUP_PID) ? input_u64(in, ROLLUP_PID) :
		    ROLLUP_NO_PID,
		.start = input_time_or(in, ROLLUP_START, WHEN_NEVER),
	};
	const char *why;

	for (size_t i = 0; i < in->ncarry; i++)
		attribute[i] = input_carried(in, i);
	if (input_bad(in))
		return;
	if ((why = rollup_time(r, row.ts)) != NULL) {
		input_fault(in, ROLLUP_TS, why);
		input_bad(in);
	} else
		rollup_add(r, &row, attribute, in->ncarry);
}

static bool
read_pids(struct input *in, uint64_t *pid, size_t n)
{
	if (in->at[ROLLUP_PID] >= 0)
		return input_sizes(in, ROLLUP_PID, pid, n);
	for (size_t i = 0; i < n; i++)
		pid[i] = ROLLUP_NO_PID;
	return true;
}

static bool
read_starts(struct input *in, int64_t *start, size_t n)
{
	if (in->at[ROLLUP_START] >= 0)
		return input_times(in, ROLLUP_START, start, n);
	for (size_t i = 0; i < n; i++)
		start[i] = WHEN_NEVER;
	return true;
}

/* `column` has room for a batch of each attribute. */
static bool
read_attributes(struct rollup *r, struct input *in, struct span *column,
    size_t n)
{
	size_t ncarry = in->ncarry;

	if (ncarry == 1)
		return input_carried_fields(in, 0, r->batch.attributes, n);
	for (size_t k = 0; k < ncarry; k++)
		if (!input_carried_fields(in, k, column + k * n, n))
			return false;
	rollup_join(r, column, ncarry, n);
	return true;
}

/*
 * As many samples as there are, if they are plain and of the window that is
 * open; the number of them.  The first of all goes the other way and opens it.
 */
static size_t
add_block(struct rollup *r, struct input *in, struct span *column)
{
	struct rollup_batch *b = &r->batch;
	size_t n = input_rows(in);

	if (n > ROLLUP_BATCH)
		n = ROLLUP_BATCH;
	if (n < 2 || !input_times(in, ROLLUP_TS, b->ts, n) ||
	    !rollup_holds(r, b->ts, n) ||
	    !input_keys(in, ROLLUP_COMPONENT, b->component, n) ||
	    !input_keys(in, ROLLUP_NODE, b->node, n) ||
	    !input_sizes(in, ROLLUP_USAGE, b->usage, n) ||
	    !read_pids(in, b->pid, n) || !read_starts(in, b->start, n) ||
	    !read_attributes(r, in, column, n))
		return 0;
	b->n = n;
	return n;
}

void
rollup_read(struct rollup *r, struct input *in)
{
	struct span *attribute = mem_new((in->ncarry + 1) * ROLLUP_BATCH,
	    sizeof(*attribute));
	size_t n;

	while (input_next(in)) {
		if (r->batch.n == 0 && (n = add_block(r, in, attribute)) > 0) {
			input_skip(in, n - 1);
			rollup_flush(r);
			continue;
		}
		add_sample(r, in, attribute);
		if (input_last(in))
			rollup_flush(r);
	}
	free(attribute);
}
