#include <math.h>
#include <stdlib.h>

#include "act/order.h"
#include "act/record.h"
#include "base/when.h"

#define OPT INPUT_OPTIONAL

const struct input_column order_columns[ORDER_NCOL] = {
	{ "ts", 0 }, { "node", 0 }, { "target", 0 }, { "action", 0 },
	{ "leak", OPT }, { "component", OPT }, { "cluster", OPT },
	{ "service", OPT }, { "pid", OPT }, { "start", OPT }, { "usage", OPT },
	{ "growth", OPT },
};

/* Where the plan, written by hand, leaves out what goes without saying. */
static void
complete(struct order *o)
{
	struct entry *e = &o->entry;

	if (e->component.n == 0)
		e->component = e->target;
	if (e->leak.n == 0)
		e->leak = e->component;
	o->field[0] = (struct field){ SPAN("component"), e->component };
	o->field[1] = (struct field){ SPAN("leak"), e->leak };
}

void
orders_add(struct orders *all, struct input *in)
{
	struct intern *b = &all->bytes;
	struct order o = { .entry = {
		.ts = input_time(in, ORDER_TS),
		.usage = input_number_or(in, ORDER_USAGE, NAN),
		.growth = input_number_or(in, ORDER_GROWTH, NAN),
		.goal = NAN, .at = WHEN_NEVER, .ended = WHEN_NEVER,
		.until = WHEN_NEVER, .after = NAN,
	} };
	struct span *const text[] = {
		&o.entry.node, &o.entry.target, &o.entry.action, &o.entry.leak,
		&o.entry.component, &o.entry.cluster, &o.entry.service,
		&o.entry.pid, &o.entry.start,
	};

	for (size_t i = ORDER_NODE; i <= ORDER_ACTION; i++)
		input_key(in, i);
	if (input_bad(in))
		return;
	for (size_t i = ORDER_NODE; i <= ORDER_START; i++)
		*text[i - ORDER_NODE] = record_keep(b, input_text(in, i));
	o.field = record_fields(b, in, order_columns, ORDER_NCOL, 2,
	    &o.nfield);
	complete(&o);
	vec_push(&all->list, o);
}

void
orders_free(struct orders *all)
{
	for (size_t i = 0; i < all->list.n; i++)
		free(all->list.v[i].field);
	vec_free(&all->list);
	intern_free(&all->bytes);
}
