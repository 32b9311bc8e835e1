/*
 * resin-act - do what resin-mitigate decided, safely: action records in, one
 * row about each out.  Without --execute it only tells what it would do.
 * Memory is proportional to the ledger's last days and the table of nodes.
 */
#include <err.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "act/actuate.h"
#include "act/record.h"
#include "act/turn.h"
#include "base/when.h"
#include "cli/cli.h"

/* Longer than any cool-down or window of a limit should be. */
#define LOOK_BACK (31 * WHEN_DAY)

struct options {
	struct cli cli, plain;	/* plain: for what is not the telemetry */
	const char *ledger, *node, *stop;
	char *rules, *nodes, *telemetry;
	int64_t now, max_age, wait;
	bool execute, report;
};

enum { OPT_NODE = 256, OPT_STOP, OPT_MAX_AGE, OPT_WAIT, OPT_REPORT, OPT_DRY };

static const struct argp_option options[] = {
	{ "rules", 'r', "FILE", 0, "the rules, see resin-rules(5)", 0 },
	{ "ledger", 'l', "FILE", 0, "what was done (required)", 0 },
	{ "execute", 'x', NULL, 0, "do it", 0 },
	{ "dry-run", OPT_DRY, NULL, 0, "only tell (the default)", 0 },
	{ "nodes", 'n', "FILE", 0, "state of the nodes", 0 },
	{ "telemetry", 't', "FILE", 0,
	    "to see whether memory fell after earlier actions", 0 },
	{ "node", OPT_NODE, "NAME", 0,
	    "name of this node, for unit and signal (default: host)", 0 },
	{ "stop", OPT_STOP, "FILE", 0, "do nothing while it exists", 0 },
	{ "max-age", OPT_MAX_AGE, "DURATION", 0,
	    "refuse plans older than this (6h)", 0 },
	{ "wait", OPT_WAIT, "DURATION", 0, "wait for another instance (0)", 0 },
	{ "now", 'N', "TIME", 0, "instead of the clock", 0 },
	{ "report", OPT_REPORT, NULL, 0, "print the ledger and exit", 0 },
	{ 0 }
};

static void
check_options(const struct options *o)
{
	if (o->ledger == NULL)
		errx(EXIT_TROUBLE, "--ledger is required");
	if (o->rules == NULL && !o->report)
		errx(EXIT_TROUBLE, "--rules is required");
}

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
	case 'l':
		o->ledger = arg;
		return 0;
	case 'x':
	case OPT_DRY:
		o->execute = key == 'x';
		return 0;
	case 'n':
		o->nodes = arg;
		return 0;
	case 't':
		o->telemetry = arg;
		return 0;
	case OPT_NODE:
		o->node = arg;
		return 0;
	case OPT_STOP:
		o->stop = arg;
		return 0;
	case OPT_MAX_AGE:
		o->max_age = cli_duration("--max-age", arg);
		return 0;
	case OPT_WAIT:
		o->wait = cli_duration("--wait", arg);
		return 0;
	case 'N':
		o->now = cli_time("--now", arg);
		return 0;
	case OPT_REPORT:
		o->report = true;
		return 0;
	case ARGP_KEY_END:
		check_options(o);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE...]",
	"Execute action records within the limits of the rules.",
	cli_children, NULL, NULL
};

static volatile sig_atomic_t asked_to_end;

static void
ask_to_end(int number)
{
	(void)number;
	asked_to_end = 1;
}

/* The ledger cannot be trusted: nothing more is done. */
static _Noreturn void
ledger_trouble(struct ledger *l)
{
	errx(EXIT_TROUBLE, "%s", ledger_why(l));
}

static void
read_nodes(struct options *o, struct nodes *nodes, struct census *census)
{
	struct cli strict = o->plain;	/* --reject is for the plan */
	struct input in = { 0 };

	if (o->nodes == NULL)
		return;
	strict.in.reject = NULL;
	cli_open_file(&in, &strict, &o->nodes, node_columns, NODE_NCOL);
	input_carry(&in);
	while (cli_next(&in)) {
		census_add(census, SPAN("cluster"), input_text(&in,
		    NODE_CLUSTER), input_text(&in, NODE_NODE));
		nodes_add(nodes, &in);
	}
	cli_close(&in);
}

static void
read_telemetry(struct options *o, struct verify *v, struct census *census)
{
	struct cli strict = o->cli;
	struct input in = { 0 };

	if (o->telemetry == NULL)
		return;
	strict.in.reject = NULL;
	cli_open_file(&in, &strict, &o->telemetry, telemetry_columns,
	    TELEMETRY_NCOL);
	while (cli_next(&in))
		verify_read(v, census, &in);
	cli_close(&in);
}

static void
open_ledger(const struct options *o, struct ledger *ledger)
{
	enum ledger_result r = ledger_open(ledger, o->ledger,
	    o->execute && !o->report, o->wait);

	if (r != LEDGER_OK)
		errx(r == LEDGER_BUSY ? EXIT_RETRY : EXIT_TROUBLE, "%s",
		    ledger_why(ledger));
}

static _Noreturn void
report(struct options *o)
{
	struct ledger ledger = { 0 };
	struct entries all = { 0 };
	struct output out = { 0 };

	open_ledger(o, &ledger);
	if (!ledger_read(&ledger, INT64_MIN, &all))
		ledger_trouble(&ledger);
	cli_output(&out, &o->cli);
	ledger_report(&all, &out);
	entries_free(&all);
	ledger_close(&ledger);
	cli_finish(&out, &o->cli, false);
}

static void
settle(struct options *o, struct actuator *a, struct census *census,
    struct output *out)
{
	struct verify verify = { 0 };

	if (o->execute && !turn_recover(a, out))
		ledger_trouble(a->ledger);
	for (size_t i = 0; i < a->past->list.n && o->execute; i++)
		if (span_is(a->past->list.v[i].verdict, "pending"))
			verify_watch(&verify, &a->past->list.v[i]);
	read_telemetry(o, &verify, census);
	if (!turn_judge(a, &verify, out))
		ledger_trouble(a->ledger);
	verify_free(&verify);
}

int
main(int argc, char *argv[])
{
	struct options o = { .now = WHEN_NEVER, .max_age = 6 * WHEN_HOUR };
	const struct sigaction gently = { .sa_handler = ask_to_end };
	char host[HOST_NAME_MAX + 1] = "";
	struct rules rules = { 0 };
	struct nodes nodes = { 0 };
	struct census census = { 0 };
	struct ledger ledger = { 0 };
	struct entries past = { 0 };
	struct orders orders = { 0 };
	struct input in = { 0 };
	struct output out = { 0 };
	bool did = false;

	gethostname(host, sizeof(host) - 1);
	o.node = host;
	cli_parse(&parser, argc, argv, &o);
	o.plain = cli_beside(&o.cli);
	if (o.rules != NULL && !rules_read(&rules, o.rules))
		errx(EXIT_TROUBLE, "%s", rules_why(&rules));
	if (o.report)
		report(&o);

	struct actuator a = {
		&rules, &nodes, &census, &ledger, &past, span_of(o.node),
		o.stop == NULL ? SPAN("") : span_of(o.stop), o.now, o.max_age,
		o.execute,
	};

	read_nodes(&o, &nodes, &census);
	cli_open(&in, &o.plain, order_columns, ORDER_NCOL);
	input_carry(&in);
	while (cli_next(&in))
		orders_add(&orders, &in);
	cli_close(&in);

	open_ledger(&o, &ledger);
	if (!ledger_read(&ledger, actuator_now(&a) - LOOK_BACK, &past))
		ledger_trouble(&ledger);
	sigaction(SIGTERM, &gently, NULL);
	sigaction(SIGINT, &gently, NULL);
	cli_output(&out, &o.cli);
	output_header(&out, "ts", "node", "target", "action", "outcome",
	    "reason", "command", NULL);
	settle(&o, &a, &census, &out);
	if (!turn_obey(&a, &orders, &out, &asked_to_end, &did))
		ledger_trouble(&ledger);
	orders_free(&orders);
	entries_free(&past);
	nodes_free(&nodes);
	census_free(&census);
	rules_free(&rules);
	ledger_close(&ledger);
	if (asked_to_end && output_close(&out) == 0)
		finish(EXIT_RETRY);
	cli_finish(&out, &o.cli, did);
}
