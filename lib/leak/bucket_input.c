#include "leak/bucket_input.h"

#include <stdlib.h>

#include "base/mem.h"

enum { TS, COMPONENT, NODE, USAGE };

const struct input_column bucket_columns[BUCKET_COLUMNS] = {
	[TS] = { "ts", 0 },
	[COMPONENT] = { "component", 0 },
	[NODE] = { "node", 0 },
	[USAGE] = { "usage", 0 },
};

/* One row, unless it is bad.  key[0] is the component, then come --by's. */
static void
count_row(struct bucket *b, struct input *in, struct span *key, size_t nkey)
{
	int64_t ts = input_time(in, TS);
	struct span node = input_key(in, NODE);
	uint64_t usage = input_bytes(in, USAGE);
	const char *why;

	key[0] = input_key(in, COMPONENT);
	for (size_t i = 1; i < nkey; i++)	/* no value is a value here */
		key[i] = input_has(in, BUCKET_COLUMNS + i - 1) ?
		    input_key(in, BUCKET_COLUMNS + i - 1) : SPAN("");
	if (input_bad(in))
		return;
	if ((why = bucket_time(b, ts)) != NULL) {
		input_fault(in, TS, why);
		input_bad(in);
	} else if (nkey == 1)
		bucket_add(b, key[0], node, usage);
	else
		bucket_add_joined(b, key, nkey, node, usage);
}

/*
 * As many rows as there are, if they are plain and of the window that is open;
 * the number of them.  The first time of all goes the other way and opens it.
 */
static size_t
count_block(struct bucket *b, struct input *in)
{
	int64_t ts[PAIRS_BATCH];
	size_t n = input_rows(in);

	if (n > PAIRS_BATCH)
		n = PAIRS_BATCH;
	if (n < 2)
		return 0;
	if (!(input_same_time(in, TS, ts, n) ? bucket_holds(b, ts, 1) :
	    input_times(in, TS, ts, n) && bucket_holds(b, ts, n)) ||
	    !input_keys(in, COMPONENT, b->group, n) ||
	    !input_keys(in, NODE, b->node, n) ||
	    !input_sizes(in, USAGE, b->usage, n))
		return 0;
	b->n = n;
	return n;
}

void
bucket_read(struct bucket *b, struct input *in)
{
	size_t nkey = in->nwant - BUCKET_COLUMNS + 1;
	struct span *key = mem_new(nkey, sizeof(*key));
	size_t n;

	while (input_next(in)) {
		if (nkey == 1 && b->n == 0 && (n = count_block(b, in)) > 0) {
			input_skip(in, n - 1);
			bucket_flush(b);
			continue;
		}
		count_row(b, in, key, nkey);
		if (input_last(in))
			bucket_flush(b);
	}
	free(key);
}
