#include "report/ticket.h"

#include <math.h>

#include "base/when.h"

static struct span
keep(struct ticket *t, struct input *in, size_t col)
{
	struct span s = input_text(in, col);

	uint32_t id;

	if (s.n == 0)
		return SPAN("");
	id = intern_id(&t->text, s);	/* may move the keys */
	return t->text.key[id];
}

enum { A_COMPONENT, A_BUCKET, A_START, A_END, A_NODES, A_MEAN, A_SD,
	A_SEVERITY, A_N };
static const struct input_column alerts[A_N] = {
	{ "component", 0 }, { "bucket", INPUT_OPTIONAL },
	{ "start", INPUT_OPTIONAL }, { "end", INPUT_OPTIONAL },
	{ "nodes", INPUT_OPTIONAL }, { "mean", INPUT_OPTIONAL },
	{ "sd", INPUT_OPTIONAL }, { "severity", INPUT_OPTIONAL },
};

static void
take_alert(struct ticket *t, struct input *in)
{
	struct ticket_alert a = { keep(t, in, A_COMPONENT),
		input_bytes_or(in, A_BUCKET, 0),
		input_time_or(in, A_START, WHEN_NEVER),
		input_time_or(in, A_END, WHEN_NEVER),
		input_number_or(in, A_NODES, NAN),
		input_number_or(in, A_MEAN, NAN),
		input_number_or(in, A_SD, NAN),
		input_number_or(in, A_SEVERITY, NAN) };

	if (!input_bad(in))
		vec_push(&t->alert, a);
}

enum { P_COMPONENT, P_CLUSTER, P_NODE, P_PID, P_START, P_LEAK_START,
	P_LEAK_END, P_EXHAUSTS, P_USAGE, P_GROWTH, P_RATE, P_SEVERITY,
	P_PATTERN, P_COMMON, P_N };
static const struct input_column processes[P_N] = {
	{ "component", 0 }, { "cluster", INPUT_OPTIONAL }, { "node", 0 },
	{ "pid", INPUT_OPTIONAL }, { "start", INPUT_OPTIONAL },
	{ "leak_start", INPUT_OPTIONAL }, { "leak_end", INPUT_OPTIONAL },
	{ "exhausts", INPUT_OPTIONAL }, { "usage", INPUT_OPTIONAL },
	{ "growth", INPUT_OPTIONAL }, { "rate", INPUT_OPTIONAL },
	{ "severity", INPUT_OPTIONAL }, { "pattern", INPUT_OPTIONAL },
	{ "common", INPUT_OPTIONAL },
};

static void
take_process(struct ticket *t, struct input *in)
{
	struct ticket_process p = { keep(t, in, P_COMPONENT),
		keep(t, in, P_CLUSTER), keep(t, in, P_NODE), keep(t, in, P_PID),
		input_time_or(in, P_START, WHEN_NEVER),
		input_time_or(in, P_LEAK_START, WHEN_NEVER),
		input_time_or(in, P_LEAK_END, WHEN_NEVER),
		input_time_or(in, P_EXHAUSTS, WHEN_NEVER),
		input_number_or(in, P_USAGE, NAN),
		input_number_or(in, P_GROWTH, NAN),
		input_number_or(in, P_RATE, NAN),
		input_number_or(in, P_SEVERITY, NAN), keep(t, in, P_PATTERN),
		keep(t, in, P_COMMON) };

	if (!input_bad(in))
		vec_push(&t->process, p);
}

enum { S_RANK, S_STACK, S_REASON, S_GROWTH, S_OBJECTS, S_SHARE, S_CLASS,
	S_COMPONENT, S_N };
static const struct input_column stacks[S_N] = {
	{ "rank", 0 }, { "stack", 0 }, { "reason", 0 }, { "growth", 0 },
	{ "count_growth", INPUT_OPTIONAL }, { "share", INPUT_OPTIONAL },
	{ "class", INPUT_OPTIONAL }, { "component", INPUT_OPTIONAL },
};

static void
take_stack(struct ticket *t, struct input *in)
{
	struct ticket_stack s = { input_bytes_or(in, S_RANK, 0),
		keep(t, in, S_COMPONENT), keep(t, in, S_STACK),
		keep(t, in, S_REASON), keep(t, in, S_CLASS),
		input_number(in, S_GROWTH), input_number_or(in, S_OBJECTS, NAN),
		input_number_or(in, S_SHARE, NAN) };

	if (!input_bad(in))
		vec_push(&t->stack, s);
}

enum { C_COMPONENT, C_NODE, C_TARGET, C_ACTION, C_REASON, C_PRIORITY,
	C_LEAK, C_N };
static const struct input_column actions[C_N] = {
	{ "component", INPUT_OPTIONAL }, { "node", 0 }, { "target", 0 },
	{ "action", 0 }, { "reason", INPUT_OPTIONAL },
	{ "priority", INPUT_OPTIONAL }, { "leak", INPUT_OPTIONAL },
};

static void
take_action(struct ticket *t, struct input *in)
{
	size_t whose = input_has(in, C_LEAK) ? C_LEAK : C_COMPONENT;
	struct ticket_action a = { keep(t, in, whose), keep(t, in, C_NODE),
		keep(t, in, C_TARGET), keep(t, in, C_ACTION),
		keep(t, in, C_REASON), input_number_or(in, C_PRIORITY, NAN) };

	if (!input_bad(in))
		vec_push(&t->action, a);
}

enum { T_TS, T_COMPONENT, T_NODE, T_USAGE, T_CLUSTER, T_PID, T_START, T_N };
static const struct input_column telemetry[T_N] = {
	{ "ts", 0 }, { "component", 0 }, { "node", 0 }, { "usage", 0 },
	{ "cluster", INPUT_OPTIONAL }, { "pid", INPUT_OPTIONAL },
	{ "start", INPUT_OPTIONAL },
};

static void
take_sample(struct ticket *t, struct input *in)
{
	struct plot_point p = { input_time(in, T_TS),
		(double)input_bytes(in, T_USAGE) };
	int64_t start = input_time_or(in, T_START, WHEN_NEVER);
	struct buf key = { 0 };
	uint32_t id;

	if (!input_bad(in)) {
		buf_span(&key, input_text(in, T_COMPONENT));
		buf_char(&key, '\t');
		buf_span(&key, input_text(in, T_CLUSTER));
		buf_char(&key, '\t');
		buf_span(&key, input_text(in, T_NODE));
		buf_char(&key, '\t');
		buf_span(&key, input_text(in, T_PID));
		buf_printf(&key, "\t%jd", (intmax_t)start);
		id = intern_id(&t->key, buf_view(&key));
		if (id == t->series.n)
			vec_push(&t->series, (struct ticket_series){
			    keep(t, in, T_COMPONENT), keep(t, in, T_CLUSTER),
			    keep(t, in, T_NODE), keep(t, in, T_PID), start,
			    { 0 } });
		vec_push(&t->series.v[id].point, p);
	}
	buf_free(&key);
}

const struct ticket_table ticket_tables[TICKET_TABLES] = {
	[TICKET_ALERTS] = { alerts, A_N, take_alert },
	[TICKET_PROCESSES] = { processes, P_N, take_process },
	[TICKET_STACKS] = { stacks, S_N, take_stack },
	[TICKET_ACTIONS] = { actions, C_N, take_action },
	[TICKET_TELEMETRY] = { telemetry, T_N, take_sample },
};

void
ticket_free(struct ticket *t)
{
	size_t i;

	for (i = 0; i < t->series.n; i++)
		vec_free(&t->series.v[i].point);
	vec_free(&t->series);
	vec_free(&t->alert);
	vec_free(&t->process);
	vec_free(&t->stack);
	vec_free(&t->action);
	intern_free(&t->text);
	intern_free(&t->key);
}
