/*
 * resin-mitigate - which action for which leak: suspects or candidates in, one
 * row an action out, mildest first, nothing that the rules file does not allow.
 * Memory is proportional to the suspects and the side tables.
 */
#include <err.h>
#include <stdio.h>

#include "act/plan.h"
#include "act/planout.h"
#include "act/record.h"
#include "act/rules.h"
#include "base/when.h"
#include "cli/cli.h"

struct options {
	struct cli cli;
	char *rules, *nodes, *actions, *tracing, *telemetry;
	int64_t now, fresh;
	bool check;
};

enum { OPT_FRESH = 256, OPT_TRACING };

static const struct argp_option options[] = {
	{ "rules", 'r', "FILE", 0, "the rules, see resin-rules(5) (required)",
	    0 },
	{ "nodes", 'n', "FILE", 0, "state of the nodes", 0 },
	{ "actions", 'a', "FILE", 0,
	    "what was done before: resin-act --report", 0 },
	{ "tracing", OPT_TRACING, "FILE", 0,
	    "snapshots being taken: resin-trace's list", 0 },
	{ "telemetry", 't', "FILE", 0,
	    "the newest, to tell which suspects there still are", 0 },
	{ "fresh", OPT_FRESH, "DURATION", 0,
	    "gone is what its node has not reported for so long (2h)", 0 },
	{ "now", 'N', "TIME", 0, "instead of the newest leak_end", 0 },
	{ "check", 'c', NULL, 0,
	    "explain: one row for each rung of the ladder of each suspect", 0 },
	{ 0 }
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'r':
		o->rules = arg;
		return 0;
	case 'n':
		o->nodes = arg;
		return 0;
	case 'a':
		o->actions = arg;
		return 0;
	case OPT_TRACING:
		o->tracing = arg;
		return 0;
	case 't':
		o->telemetry = arg;
		return 0;
	case OPT_FRESH:
		o->fresh = cli_duration("--fresh", arg);
		return 0;
	case 'N':
		o->now = cli_time("--now", arg);
		return 0;
	case 'c':
		o->check = true;
		return 0;
	case ARGP_KEY_END:
		if (o->rules == NULL)
			errx(EXIT_TROUBLE, "--rules is required");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE...]",
	"Decide which action to take for each suspected leak.",
	cli_children, NULL, NULL
};

/*
 * Each row of the table at `path`, if there is one, through add(list, row).
 * --reject is for the suspects.
 */
#define READ_SIDE(manners, path, columns, ncol, add, list) \
	do { \
		struct cli strict = (manners); \
		struct input side = { 0 }; \
		if ((path) == NULL) \
			break; \
		strict.in.reject = NULL; \
		cli_open_file(&side, &strict, &(path), columns, ncol); \
		input_carry(&side); \
		while (cli_next(&side)) \
			add(list, &side); \
		cli_close(&side); \
	} while (0)

static int64_t
newest(const struct suspects *s, const struct deeds *d)
{
	int64_t now = WHEN_NEVER;

	for (size_t i = 0; i < s->list.n; i++)
		if (s->list.v[i].leak_end > now)
			now = s->list.v[i].leak_end;
	/* No suspects: the stops are as old as the last deed. */
	for (size_t i = 0; s->list.n == 0 && i < d->list.n; i++)
		if (d->list.v[i].at > now)
			now = d->list.v[i].at;
	return now;
}

static void
explain(struct output *out, const struct tree *t, const struct suspects *s)
{
	struct step step;

	output_header(out, "node", "component", "pid", "action", "verdict",
	    "line", "reason", NULL);
	for (size_t i = 0; i < s->list.n; i++) {
		tree_decide(t, &s->list.v[i], &step);
		plan_write_notes(out, &s->list.v[i], &step);
		step_free(&step);
	}
}

int
main(int argc, char *argv[])
{
	struct options o = { .now = WHEN_NEVER, .fresh = 2 * WHEN_HOUR };
	struct cli plain;
	struct rules rules = { 0 };
	struct suspects suspects = { 0 };
	struct nodes nodes = { 0 };
	struct deeds deeds = { 0 };
	struct traces traces = { 0 };
	struct seen seen = { 0 };
	struct tree tree = { &rules, &nodes, &deeds, &traces, &seen, 0, 0 };
	struct plan plan = { 0 };
	struct input in = { 0 };
	struct output out = { 0 };

	cli_parse(&parser, argc, argv, &o);
	if (!rules_read(&rules, o.rules))
		errx(EXIT_TROUBLE, "%s", rules_why(&rules));
	plain = cli_beside(&o.cli);
	READ_SIDE(plain, o.nodes, node_columns, NODE_NCOL, nodes_add, &nodes);
	READ_SIDE(plain, o.actions, deed_columns, DEED_NCOL, deeds_add, &deeds);
	READ_SIDE(plain, o.tracing, trace_columns, TRACE_NCOL, traces_add,
	    &traces);
	READ_SIDE(o.cli, o.telemetry, seen_columns, SEEN_NCOL, seen_add, &seen);
	deeds_sort(&deeds);

	cli_open(&in, &plain, suspect_columns, SUSPECT_NCOL);
	input_carry(&in);
	while (cli_next(&in))
		suspects_add(&suspects, &in);
	tree.fresh = o.fresh;
	tree.now = o.now != WHEN_NEVER ? o.now : newest(&suspects, &deeds);

	cli_output(&out, &o.cli);
	if (o.check)
		explain(&out, &tree, &suspects);
	else {
		plan_make(&plan, &tree, &suspects);
		plan_write_header(&out, in.carry, in.ncarry);
		plan_write(&out, &plan, tree.now, in.carry, in.ncarry);
	}
	bool found = plan.row.n > 0;

	cli_close(&in);
	plan_free(&plan);
	suspects_free(&suspects);
	nodes_free(&nodes);
	deeds_free(&deeds);
	traces_free(&traces);
	seen_free(&seen);
	rules_free(&rules);
	cli_finish(&out, &o.cli, found);
}
