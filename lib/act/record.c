#include <math.h>

#include "act/record.h"
#include "base/buf.h"
#include "base/when.h"

#define OPT INPUT_OPTIONAL

const struct input_column suspect_columns[SUSPECT_NCOL] = {
	{ "component", 0 }, { "cluster", OPT }, { "node", 0 },
	{ "service", OPT }, { "pid", OPT }, { "start", OPT },
	{ "leak_start", OPT }, { "leak_end", OPT }, { "usage", OPT },
	{ "growth", OPT }, { "rate", OPT }, { "severity", OPT },
};

const struct input_column node_columns[NODE_NCOL] = {
	{ "node", 0 }, { "cluster", OPT }, { "vms", OPT },
	{ "low_memory", OPT }, { "short", OPT }, { "used", OPT },
	{ "reserve", OPT }, { "free", OPT },
};

const struct input_column deed_columns[DEED_NCOL] = {
	{ "node", 0 }, { "leak", 0 }, { "target", 0 }, { "action", 0 },
	{ "pid", OPT }, { "start", OPT }, { "state", 0 }, { "verdict", 0 },
	{ "component", OPT }, { "service", OPT }, { "cluster", OPT },
	{ "at", 0 }, { "until", OPT },
};

const struct input_column seen_columns[SEEN_NCOL] = {
	{ "ts", 0 }, { "node", 0 }, { "component", 0 }, { "pid", OPT },
	{ "start", OPT },
};

const struct input_column trace_columns[TRACE_NCOL] = {
	{ "node", 0 }, { "pid", OPT }, { "until", 0 },
};

struct span
record_keep(struct intern *bytes, struct span s)
{
	uint32_t id;

	if (s.n == 0)
		return (struct span){ "", 0 };
	id = intern_id(bytes, s);
	return bytes->key[id];
}

struct field *
record_fields(struct intern *bytes, struct input *in,
    const struct input_column *want, size_t nwant, size_t more, size_t *n)
{
	struct field *all, *f;

	*n = more + nwant + in->ncarry;
	all = mem_new(*n, sizeof(*all));
	f = all + more;
	for (size_t i = 0; i < nwant; i++, f++) {
		f->name = span_of(want[i].name);
		f->value = record_keep(bytes, input_text(in, i));
	}
	for (size_t i = 0; i < in->ncarry; i++, f++) {
		f->name = record_keep(bytes, in->carry[i]);
		f->value = record_keep(bytes, input_carried(in, i));
	}
	return all;
}

void
suspects_add(struct suspects *all, struct input *in)
{
	struct intern *b = &all->bytes;
	struct suspect s = {
		.leak_start = input_time_or(in, SUSPECT_LEAK_START, WHEN_NEVER),
		.leak_end = input_time_or(in, SUSPECT_LEAK_END, WHEN_NEVER),
		.usage = input_number_or(in, SUSPECT_USAGE, NAN),
		.growth = input_number_or(in, SUSPECT_GROWTH, NAN),
		.rate = input_number_or(in, SUSPECT_RATE, NAN),
		.severity = input_number_or(in, SUSPECT_SEVERITY, NAN),
	};
	struct span node = input_key(in, SUSPECT_NODE);
	struct span component = input_key(in, SUSPECT_COMPONENT);

	if (input_bad(in))
		return;
	s.node = record_keep(b, node);
	s.component = record_keep(b, component);
	s.service = record_keep(b, input_text(in, SUSPECT_SERVICE));
	s.cluster = record_keep(b, input_text(in, SUSPECT_CLUSTER));
	s.pid = record_keep(b, input_text(in, SUSPECT_PID));
	s.start = record_keep(b, input_text(in, SUSPECT_START));
	s.field = record_fields(b, in, suspect_columns, SUSPECT_NCOL, 0,
	    &s.nfield);
	vec_push(&all->list, s);
}

void
suspects_free(struct suspects *all)
{
	for (size_t i = 0; i < all->list.n; i++)
		free((void *)(uintptr_t)all->list.v[i].field);
	vec_free(&all->list);
	intern_free(&all->bytes);
}

/* Of two rows about one node the later holds. */
void
nodes_add(struct nodes *all, struct input *in)
{
	struct span name = input_key(in, NODE_NODE);
	struct node n = { .fields = { NULL, 0, NULL } };
	uint32_t id;

	for (size_t i = NODE_VMS; i < NODE_NCOL; i++)
		n.number[i] = input_number_or(in, i, NAN);
	if (input_bad(in))
		return;
	n.fields.v = record_fields(&all->bytes, in, node_columns, NODE_NCOL, 0,
	    &n.fields.n);
	id = intern_id(&all->name, name);
	if (id == all->list.n) {
		vec_push(&all->list, n);
		return;
	}
	free((void *)(uintptr_t)all->list.v[id].fields.v);
	all->list.v[id] = n;
}

const struct node *
nodes_find(const struct nodes *all, struct span name)
{
	uint32_t id;

	if (all->list.n == 0)
		return NULL;
	id = intern_find(&all->name, name);
	return id == INTERN_NONE ? NULL : &all->list.v[id];
}

void
nodes_free(struct nodes *all)
{
	for (size_t i = 0; i < all->list.n; i++)
		free((void *)(uintptr_t)all->list.v[i].fields.v);
	vec_free(&all->list);
	intern_free(&all->name);
	intern_free(&all->bytes);
}

void
deeds_add(struct deeds *all, struct input *in)
{
	struct intern *b = &all->bytes;
	struct deed d = {
		.at = input_time(in, DEED_AT),
		.until = input_time_or(in, DEED_UNTIL, WHEN_NEVER),
		.order = all->list.n,
	};
	struct span node = input_key(in, DEED_NODE);
	struct span leak = input_key(in, DEED_LEAK);

	if (input_bad(in))
		return;
	d.node = record_keep(b, node);
	d.leak = record_keep(b, leak);
	d.target = record_keep(b, input_text(in, DEED_TARGET));
	d.action = record_keep(b, input_text(in, DEED_ACTION));
	d.pid = record_keep(b, input_text(in, DEED_PID));
	d.start = record_keep(b, input_text(in, DEED_START));
	d.state = record_keep(b, input_text(in, DEED_STATE));
	d.verdict = record_keep(b, input_text(in, DEED_VERDICT));
	d.component = record_keep(b, input_text(in, DEED_COMPONENT));
	d.service = record_keep(b, input_text(in, DEED_SERVICE));
	d.cluster = record_keep(b, input_text(in, DEED_CLUSTER));
	vec_push(&all->list, d);
}

static int
by_node_and_time(const void *pa, const void *pb)
{
	const struct deed *a = pa, *b = pb;
	int c = span_cmp(a->node, b->node);

	if (c == 0)
		c = (a->at > b->at) - (a->at < b->at);
	return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

void
deeds_sort(struct deeds *all)
{
	if (all->list.n > 1)
		qsort(all->list.v, all->list.n, sizeof(*all->list.v),
		    by_node_and_time);
}

const struct deed *
deeds_of(const struct deeds *all, struct span node, size_t *n)
{
	size_t low = 0, high = all->list.n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (span_cmp(all->list.v[mid].node, node) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (high = low; high < all->list.n &&
	    span_eq(all->list.v[high].node, node); high++)
		;
	*n = high - low;
	return all->list.v + low;
}

void
deeds_free(struct deeds *all)
{
	vec_free(&all->list);
	intern_free(&all->bytes);
}

static struct span
process_key(struct buf *b, struct span node, struct span component,
    struct span pid, struct span start)
{
	const struct span part[] = { node, component, pid, start };

	b->n = 0;
	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++) {
		buf_span(b, part[i]);
		buf_char(b, '\t');
	}
	return buf_view(b);
}

void
seen_add(struct seen *all, struct input *in)
{
	const int64_t ts = input_time(in, SEEN_TS);
	struct span node = input_key(in, SEEN_NODE);
	struct span component = input_key(in, SEEN_COMPONENT);
	struct buf b = { 0 };
	uint32_t id;

	if (input_bad(in))
		return;
	id = intern_id(&all->node, node);
	if (id == all->node_last.n)
		vec_push(&all->node_last, ts);
	if (ts > all->node_last.v[id])
		all->node_last.v[id] = ts;
	id = intern_id(&all->process, process_key(&b, node, component,
	    input_text(in, SEEN_PID), input_text(in, SEEN_START)));
	buf_free(&b);
	if (id == all->process_last.n)
		vec_push(&all->process_last, ts);
	if (ts > all->process_last.v[id])
		all->process_last.v[id] = ts;
}

bool
seen_gone(const struct seen *all, const struct suspect *s, int64_t fresh)
{
	struct buf b = { 0 };
	uint32_t node, process;

	if (all->node.n == 0 ||
	    (node = intern_find(&all->node, s->node)) == INTERN_NONE)
		return false;
	process = intern_find(&all->process, process_key(&b, s->node,
	    s->component, s->pid, s->start));
	buf_free(&b);
	return process == INTERN_NONE || all->process_last.v[process] <
	    all->node_last.v[node] - fresh;
}

void
seen_free(struct seen *all)
{
	intern_free(&all->node);
	intern_free(&all->process);
	vec_free(&all->node_last);
	vec_free(&all->process_last);
}

void
traces_add(struct traces *all, struct input *in)
{
	struct trace t = { .until = input_time(in, TRACE_UNTIL) };
	struct span node = input_key(in, TRACE_NODE);

	if (input_bad(in))
		return;
	t.node = record_keep(&all->bytes, node);
	t.pid = record_keep(&all->bytes, input_text(in, TRACE_PID));
	vec_push(&all->list, t);
}

const struct trace *
traces_find(const struct traces *all, struct span node, int64_t now)
{
	for (size_t i = 0; i < all->list.n; i++)
		if (all->list.v[i].until > now &&
		    span_eq(all->list.v[i].node, node))
			return &all->list.v[i];
	return NULL;
}

void
traces_free(struct traces *all)
{
	vec_free(&all->list);
	intern_free(&all->bytes);
}
