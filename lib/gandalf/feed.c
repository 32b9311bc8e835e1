#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "gandalf/feed.h"

const struct input_column feed_fault_columns[FEED_FAULT_COLUMNS] = {
	[FEED_TS] = { "ts", 0 },
	[FEED_NODE] = { "node", INPUT_OPTIONAL },
	[FEED_SERVICE] = { "service", INPUT_OPTIONAL },
	[FEED_COMPONENT] = { "component", INPUT_OPTIONAL },
	[FEED_CLUSTER] = { "cluster", INPUT_OPTIONAL },
	[FEED_SOURCE] = { "source", INPUT_OPTIONAL },
	[FEED_SIGNATURE] = { "signature", 0 },
	[FEED_CUSTOMER] = { "customer", INPUT_OPTIONAL },
	[FEED_VALUE] = { "value", INPUT_OPTIONAL },
	[FEED_WEIGHT] = { "weight", INPUT_OPTIONAL },
	[FEED_WHERE] = { "ts", 0 },
};

const struct input_column feed_deploy_columns[FEED_DEPLOY_COLUMNS] = {
	[FEED_TS] = { "ts", 0 },
	[FEED_NODE] = { "node", INPUT_OPTIONAL },
	[FEED_SERVICE] = { "service", INPUT_OPTIONAL },
	[FEED_COMPONENT] = { "component", 0 },
	[FEED_CLUSTER] = { "cluster", INPUT_OPTIONAL },
	[FEED_VERSION] = { "version", 0 },
	[FEED_PIVOT] = { "pivot", INPUT_OPTIONAL },
};

const char *
feed_filter(struct feed_filter *f, const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text || equals[1] == '\0')
		return "not COLUMN=VALUE,...";
	free(f->column);
	f->column = mem_copy(text, (size_t)(equals - text));
	f->values = equals + 1;
	return NULL;
}

bool
feed_passes(const struct feed_filter *f, struct input *in)
{
	struct span value;
	size_t n;

	if (f->column == NULL)
		return true;
	value = input_text(in, FEED_WHERE);
	for (const char *v = f->values;; v += n + 1) {
		n = strcspn(v, ",");
		if (span_eq((struct span){ v, n }, value))
			return true;
		if (v[n] == '\0')
			return false;
	}
}

void
feed_columns(struct input_column out[FEED_FAULT_COLUMNS],
    const struct feed_filter *f)
{
	memcpy(out, feed_fault_columns, sizeof(feed_fault_columns));
	if (f->column != NULL)
		out[FEED_WHERE].name = f->column;
}

/* Values are summed in millionths in 64 bits: a trillion is plenty. */
#define VALUE_MAX 1e12

static struct span
location(const struct events *e, struct input *in)
{
	struct span place;

	if (!e->by_value)
		return input_key(in, FEED_NODE);
	place = input_text(in, FEED_NODE);
	if (place.n == 0)
		place = input_text(in, FEED_SERVICE);
	return place.n > 0 ? place : input_text(in, FEED_COMPONENT);
}

void
feed_fault(struct events *e, struct input *in)
{
	struct event_row row = {
		.ts = input_time(in, FEED_TS),
		.node = location(e, in),
		.cluster = input_text(in, FEED_CLUSTER),
		.source = input_text(in, FEED_SOURCE),
		.signature = input_key(in, FEED_SIGNATURE),
		.customer = input_text(in, FEED_CUSTOMER),
		.value = e->by_value ? input_number(in, FEED_VALUE) : 0,
		.weight = input_number_or(in, FEED_WEIGHT, -1),
	};

	if (row.value < 0 || row.value > VALUE_MAX)
		input_fault(in, FEED_VALUE, "not between 0 and 1e12");
	if (input_has(in, FEED_WEIGHT) &&
	    (row.weight < 0 || row.weight > 100))
		input_fault(in, FEED_WEIGHT, "not between 0 and 100");
	if (!input_bad(in))
		events_fault(e, &row);
}

void
feed_deploy(struct events *e, struct input *in)
{
	struct event_row row = {
		.ts = input_time(in, FEED_TS),
		.node = location(e, in),
		.cluster = input_text(in, FEED_CLUSTER),
		.component = input_key(in, FEED_COMPONENT),
		.version = input_key(in, FEED_VERSION),
		.pivot = input_text(in, FEED_PIVOT),
	};

	if (!input_bad(in))
		events_deploy(e, &row);
}

int64_t
feed_newest(const struct events *e)
{
	int64_t low = WHEN_NEVER, newest = e->tally.newest;

	for (size_t i = 0; i < e->deploy.n; i++)
		tally_widen(&low, &newest, e->deploy.v[i].ts);
	return newest;
}

static struct span
name_or_empty(const struct events *e, uint32_t name)
{
	return name == INTERN_NONE ? SPAN("") : tally_text(&e->tally, name);
}

static int
by_row(const void *va, const void *vb, void *vs)
{
	const struct event_fault *a = va, *b = vb;
	const struct events *e = vs;
	const struct tally_signature *ga = &e->tally.signature.v[a->signature];
	const struct tally_signature *gb = &e->tally.signature.v[b->signature];
	int c;

	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	if (a->node != b->node &&
	    (c = span_cmp(e->node.key[a->node], e->node.key[b->node])) != 0)
		return c;
	if ((c = span_cmp(tally_text(&e->tally, ga->source),
	    tally_text(&e->tally, gb->source))) != 0 ||
	    (c = span_cmp(tally_text(&e->tally, ga->text),
	    tally_text(&e->tally, gb->text))) != 0 ||
	    (c = span_cmp(name_or_empty(e, a->customer),
	    name_or_empty(e, b->customer))) != 0)
		return c;
	return (a->value > b->value) - (a->value < b->value);
}

void
feed_keep(struct events *e, int64_t since, struct output *out)
{
	const struct tally *t = &e->tally;
	struct event_fault *f = mem_new(e->fault.n, sizeof(*f));
	size_t n = 0;

	for (size_t i = 0; i < e->fault.n; i++)
		if (e->fault.v[i].ts >= since)
			f[n++] = e->fault.v[i];
	qsort_r(f, n, sizeof(*f), by_row, e);
	output_header(out, "ts", "node", "cluster", "source", "signature",
	    "customer", "value", "weight", NULL);
	for (size_t i = 0; i < n; i++) {
		const struct tally_signature *g =
		    &t->signature.v[f[i].signature];

		if (i > 0 && by_row(&f[i - 1], &f[i], e) == 0)
			continue;
		output_time(out, f[i].ts);
		output_text(out, e->node.key[f[i].node]);
		output_text(out, name_or_empty(e, e->cluster.v[f[i].node]));
		output_text(out, tally_text(t, g->source));
		output_text(out, tally_text(t, g->text));
		output_text(out, name_or_empty(e, f[i].customer));
		output_number(out, (double)f[i].value / 1e6);
		if (g->weight >= 0)
			output_number(out, g->weight);
		else
			output_none(out);
		output_row(out);
	}
	free(f);
}
