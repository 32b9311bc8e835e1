#include <math.h>

#include "act/verify.h"
#include "base/buf.h"
#include "base/when.h"

#define NONE UINT32_MAX

const struct input_column telemetry_columns[TELEMETRY_NCOL] = {
	{ "ts", 0 }, { "component", 0 }, { "node", 0 }, { "usage", 0 },
	{ "cluster", INPUT_OPTIONAL }, { "pid", INPUT_OPTIONAL },
	{ "start", INPUT_OPTIONAL },
};

static struct span
leak_key(struct buf *b, struct span node, struct span leak)
{
	b->n = 0;
	buf_span(b, node);
	buf_char(b, '\t');
	buf_span(b, leak);
	return buf_view(b);
}

void
verify_watch(struct verify *v, const struct entry *e)
{
	struct watch w = { .entry = e, .next = NONE, .last = WHEN_NEVER,
	    .usage = NAN };
	struct buf b = { 0 };
	uint32_t id = intern_id(&v->leak, leak_key(&b, e->node, e->leak));

	buf_free(&b);
	if (id == v->first.n)
		vec_push(&v->first, NONE);
	w.next = v->first.v[id];
	v->first.v[id] = (uint32_t)v->watch.n;
	vec_push(&v->watch, w);
	if (intern_id(&v->node, e->node) == v->node_last.n)
		vec_push(&v->node_last, WHEN_NEVER);
}

static bool
same_start(struct span a, struct span b)
{
	int64_t x, y;

	if (span_eq(a, b))
		return true;
	return when_parse(a, &x) == NULL && when_parse(b, &y) == NULL && x == y;
}

static void
look(struct watch *w, int64_t ts, struct span pid, struct span start,
    double usage)
{
	const struct entry *e = w->entry;
	bool same = e->pid.n > 0 && span_eq(pid, e->pid) &&
	    same_start(start, e->start);

	/* A window's ts is its start: all of it must lie after the action. */
	if (ts <= e->ended || ts < w->last)
		return;
	if (ts > w->last || (same && !w->same)) {
		w->same = same;
		w->usage = usage;
	} else if (same == w->same && usage > w->usage)
		w->usage = usage;
	w->last = ts;
}

void
verify_sample(struct verify *v, int64_t ts, struct span component,
    struct span node, struct span pid, struct span start, double usage)
{
	uint32_t id;
	struct buf b = { 0 };

	if (v->watch.n == 0 ||
	    (id = intern_find(&v->node, node)) == INTERN_NONE)
		return;
	if (ts > v->node_last.v[id])
		v->node_last.v[id] = ts;
	id = intern_find(&v->leak, leak_key(&b, node, component));
	buf_free(&b);
	if (id == INTERN_NONE)
		return;
	for (uint32_t i = v->first.v[id]; i != NONE; i = v->watch.v[i].next)
		look(&v->watch.v[i], ts, pid, start, usage);
}

void
verify_read(struct verify *v, struct census *census, struct input *in)
{
	int64_t ts = input_time(in, TELEMETRY_TS);
	double usage = input_number(in, TELEMETRY_USAGE);
	struct span component = input_key(in, TELEMETRY_COMPONENT);
	struct span node = input_key(in, TELEMETRY_NODE);

	if (input_bad(in))
		return;
	census_add(census, SPAN("cluster"), input_text(in, TELEMETRY_CLUSTER),
	    node);
	census_add(census, SPAN("component"), component, node);
	verify_sample(v, ts, component, node, input_text(in, TELEMETRY_PID),
	    input_text(in, TELEMETRY_START), usage);
}

const char *
verify_judge(const struct verify *v, const struct watch *w, int64_t now)
{
	const struct entry *e = w->entry;
	const int64_t node = v->node_last.v[intern_find(&v->node, e->node)];
	const bool due = e->until == WHEN_NEVER || now >= e->until;

	if (w->last != WHEN_NEVER && w->usage <= e->goal)
		return "fell";
	if (!due)
		return NULL;
	if (node == WHEN_NEVER || node <= e->ended)
		return "unknown";
	if (w->last == WHEN_NEVER)
		return "gone";
	return isnan(e->usage) ? "unknown" : "not";
}

void
verify_free(struct verify *v)
{
	vec_free(&v->watch);
	intern_free(&v->leak);
	vec_free(&v->first);
	intern_free(&v->node);
	vec_free(&v->node_last);
}
