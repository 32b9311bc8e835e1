/*
 * gandalf-anomaly - hours in which a fault is on more nodes than expected.
 * Faults in; a row for every hour that is an anomaly or in which a signature is
 * new.  Memory is one entry a node, signature and hour.
 */
#include <err.h>
#include <string.h>

#include "base/when.h"
#include "cli/cli.h"
#include "gandalf/surge.h"

struct options {
	struct cli cli;
	struct surge_rule rule;
	const char *scope;
	int64_t now;
	bool all, partial, merge;
};

enum {
	OPT_SIGMA = 0x100, OPT_NODES, OPT_KNOWN, OPT_HISTORY, OPT_BY, OPT_NOW,
	OPT_ALL, OPT_PARTIAL, OPT_MERGE,
};

static const struct argp_option options[] = {
	{ "sigma", OPT_SIGMA, "N", 0, "deviations from the forecast (4)", 0 },
	{ "min-nodes", OPT_NODES, "N", 0, "fewer are no anomaly (3)", 0 },
	{ "known", OPT_KNOWN, "DURATION", 0,
	    "a signature unseen so long is new (30d)", 0 },
	{ "history", OPT_HISTORY, "DURATION", 0,
	    "how far back to learn from (60d)", 0 },
	{ "by", OPT_BY, "COLUMN", 0, "count apart for each value of it", 0 },
	{ "now", OPT_NOW, "TIME", 0, "default: the newest fault", 0 },
	{ "all", OPT_ALL, NULL, 0, "every hour with a fault", 0 },
	{ "partial", OPT_PARTIAL, NULL, 0, "write the nodes of each hour", 0 },
	{ "merge", OPT_MERGE, NULL, 0, "input is what --partial wrote", 0 },
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
	case OPT_SIGMA:
		o->rule.sigma = cli_number("--sigma", arg, 0, 1e9);
		return 0;
	case OPT_NODES:
		o->rule.least = cli_number("--min-nodes", arg, 0, 1e15);
		return 0;
	case OPT_KNOWN:
		o->rule.known = cli_duration("--known", arg);
		return 0;
	case OPT_HISTORY:
		o->rule.history = cli_duration("--history", arg);
		return 0;
	case OPT_BY:
		o->scope = arg;
		return 0;
	case OPT_NOW:
		o->now = cli_time("--now", arg);
		return 0;
	case OPT_ALL:
		o->all = true;
		return 0;
	case OPT_PARTIAL:
		o->partial = true;
		return 0;
	case OPT_MERGE:
		o->merge = true;
		return 0;
	case ARGP_KEY_END:
		if (o->merge && o->scope != NULL)
			errx(EXIT_TROUBLE,
			    "--by: the partials are by it already");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

enum { TS, SOURCE, SIGNATURE, SCOPE, NODE, NCOL };

/* Reads faults, or nodes an hour; widens [*from, *until]. */
static void
read_input(struct surge *s, const struct options *o, int64_t *from,
    int64_t *until)
{
	const struct input_column want[NCOL] = {
		{ "ts", 0 }, { "source", INPUT_OPTIONAL }, { "signature", 0 },
		{ o->scope != NULL ? o->scope : "scope",
		    o->scope != NULL ? 0 : INPUT_OPTIONAL },
		{ o->merge ? "nodes" : "node", 0 },
	};
	struct input in;

	cli_open(&in, &o->cli, want, NCOL);
	while (cli_next(&in)) {
		int64_t ts = input_time(&in, TS);
		struct span source = input_text(&in, SOURCE);
		struct span signature = input_key(&in, SIGNATURE);
		struct span scope = o->merge || o->scope != NULL ?
		    input_text(&in, SCOPE) : SPAN("");
		struct span node = input_key(&in, NODE);
		uint64_t nodes = o->merge ? input_u64(&in, NODE) : 0;

		if (input_bad(&in))
			continue;
		if (*from == WHEN_NEVER || ts < *from)
			*from = ts;
		if (*until == WHEN_NEVER || ts > *until)
			*until = ts;
		if (o->merge)
			surge_merge(s, ts, source, signature, scope, nodes);
		else
			surge_add(s, ts, source, signature, scope, node);
	}
	cli_close(&in);
}

struct writing {
	const struct surge *surge;
	const struct options *options;
	struct output *out;
	bool found;
};

static void
write_names(const struct surge *s, uint32_t key, struct output *out)
{
	output_text(out, s->name.key[s->key.v[key].source]);
	output_text(out, s->name.key[s->key.v[key].signature]);
	output_text(out, s->name.key[s->key.v[key].scope]);
}

static void
write_point(void *arg, const struct surge_point *p)
{
	struct writing *w = arg;

	if (!p->anomaly && !p->fresh && !w->options->all)
		return;
	w->found |= p->anomaly;
	output_time(w->out, p->hour * WHEN_HOUR);
	write_names(w->surge, p->key, w->out);
	output_number(w->out, p->nodes);
	output_number(w->out, p->forecast);
	output_number(w->out, p->deviation);
	output_number(w->out, (p->nodes - p->forecast) / p->deviation);
	output_str(w->out, p->anomaly ? p->fresh ? "anomaly,new" : "anomaly" :
	    p->fresh ? "new" : "normal");
	output_row(w->out);
}

static void
write_partial(struct surge *s, struct output *out)
{
	output_header(out, "ts", "source", "signature", "scope", "nodes",
	    NULL);
	surge_sort(s);
	for (size_t i = 0; i < s->hour.n; i++) {
		output_time(out, s->hour.v[i].hour * WHEN_HOUR);
		write_names(s, s->hour.v[i].key, out);
		output_u64(out, s->hour.v[i].nodes);
		output_row(out);
	}
}

static const struct argp parser = { options, parse_option, "[FAULTS...]",
	"Find the hours in which a fault is on more nodes than expected.",
	cli_children, NULL, NULL };

int
main(int argc, char *argv[])
{
	struct options o = { .now = WHEN_NEVER, .rule = { 4, 3, 30 * WHEN_DAY,
	    60 * WHEN_DAY } };
	struct surge s = { 0 };
	struct output out;
	struct writing w = { &s, &o, &out, false };
	int64_t from = WHEN_NEVER, until = WHEN_NEVER;

	cli_parse(&parser, argc, argv, &o);
	read_input(&s, &o, &from, &until);
	cli_output(&out, &o.cli);
	if (o.partial)
		write_partial(&s, &out);
	else {
		output_header(&out, "ts", "source", "signature", "scope",
		    "nodes", "forecast", "deviation", "sigma", "reason", NULL);
		if (o.now != WHEN_NEVER)
			until = o.now;
		if (from != WHEN_NEVER && from <= until)
			surge_run(&s, &o.rule, from, until, write_point, &w);
	}
	surge_free(&s);
	cli_finish(&out, &o.cli, w.found);
}
