/*
 * gandalf-blame - which rollout is to blame for which signature.
 * Faults on standard input, deployments in -d; writes every suspect with its
 * rank, its score and the numbers that went into it.  Memory is some 70 bytes
 * a fault; with --state the speed layer keeps only the recent ones.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cli/cli.h"
#include "gandalf/feed.h"
#include "gandalf/lineup.h"
#include "gandalf/partial.h"
#include "gandalf/recent.h"
#include "gandalf/report.h"
#include "gandalf/rule.h"
#include "gandalf/sweep.h"
#include "table/names.h"

struct options {
	struct cli cli;
	struct rule rule;
	char *deployments, *state;
	struct cli side;	/* for deployments: --map is not for them */
	struct feed_filter where;
	int64_t now, since;	/* since: ns before now; 0: no limit */
	bool speed, by_value, by_pivot, partial, merge, calls;
};

enum {
	OPT_LAYER = 0x100, OPT_WINDOWS, OPT_WEIGHTS, OPT_SEGMENTS, OPT_LOG_BASE,
	OPT_VETO, OPT_SKEW, OPT_SPATIAL, OPT_POWER, OPT_AGE, OPT_RATE,
	OPT_FOLLOW, OPT_UNIT, OPT_NOW, OPT_SINCE, OPT_VALUE, OPT_BY_PIVOT,
	OPT_PARTIAL, OPT_MERGE, OPT_STATE, OPT_CALLS, OPT_MAP, OPT_WHERE,
};

static const struct argp_option options[] = {
	{ "deployments", 'd', "FILE", 0, "what was deployed where, when", 0 },
	{ "map-deployments", OPT_MAP, "NAME=COLUMN,...", 0, "as --map", 0 },
	{ "where", OPT_WHERE, "COLUMN=VALUE,...", 0, "which are faults", 0 },
	{ "layer", OPT_LAYER, "speed|batch", 0, "1 hour, or 72 (batch)", 0 },
	{ "windows", OPT_WINDOWS, "LIST", 0, "default 1h,24h,72h,next", 0 },
	{ "weights", OPT_WEIGHTS, "LIST", 0, "w_i of the windows (all 1)", 0 },
	{ "segments", OPT_SEGMENTS, NULL, 0, "windows do not overlap", 0 },
	{ "log-base", OPT_LOG_BASE, "N", 0, "default e", 0 },
	{ "veto", OPT_VETO, "DURATION", 0, "faults so long before (72h)", 0 },
	{ "skew", OPT_SKEW, "DURATION", 0, "how far clocks may be off (0)", 0 },
	{ "spatial", OPT_SPATIAL, "SHARE", 0, "drop pairs of less (0.5)", 0 },
	{ "spatial-power", OPT_POWER, "N", 0, "of it in the score (2)", 0 },
	{ "rate-power", OPT_RATE, "N", 0, "of nodes that fail (0.5)", 0 },
	{ "age-power", OPT_AGE, "N", 0, "of the steadiness of ages (1)", 0 },
	{ "follow", OPT_FOLLOW, "SLOPE", 0, "drop pairs below (0.5)", 0 },
	{ "decay-end", 'a', "A", 0, "decay factor in the end (0.5)", 0 },
	{ "decay-gain", 'b', "B", 0, "what it is higher at first (0.5)", 0 },
	{ "decay-span", 'W', "N", 0, "units until --decay-end (30)", 0 },
	{ "decay-unit", OPT_UNIT, "DURATION", 0, "of --decay-span (1d)", 0 },
	{ "now", OPT_NOW, "TIME", 0, "default: the newest row", 0 },
	{ "since", OPT_SINCE, "DURATION", 0, "only deployments of so long", 0 },
	{ "value", OPT_VALUE, NULL, 0, "count values instead of nodes", 0 },
	{ "by-pivot", OPT_BY_PIVOT, NULL, 0, "a row for each pivot", 0 },
	{ "partial", OPT_PARTIAL, NULL, 0, "write counts to be merged", 0 },
	{ "merge", OPT_MERGE, NULL, 0, "input is what --partial wrote", 0 },
	{ "state", OPT_STATE, "FILE", 0, "kept by --layer speed", 0 },
	{ "calls", OPT_CALLS, NULL, 0, "input is how well calls succeeded", 0 },
	{ 0 }
};

/* The options that are members of the rule, by their names. */
static error_t
parse_rule(int key, char *arg, struct options *o)
{
	const struct argp_option *opt = options;
	const char *bad;

	for (; opt->name != NULL && opt->key != key; opt++)
		;
	if (opt->name == NULL || !rule_has(opt->name))
		return ARGP_ERR_UNKNOWN;
	if ((bad = rule_set(&o->rule, opt->name, arg)) != NULL)
		errx(EXIT_TROUBLE, "--%s '%s': %s", opt->name, arg, bad);
	return 0;
}

static error_t
parse_flag(int key, struct options *o)
{
	bool *flag = key == OPT_VALUE ? &o->by_value :
	    key == OPT_BY_PIVOT ? &o->by_pivot :
	    key == OPT_PARTIAL ? &o->partial :
	    key == OPT_MERGE ? &o->merge :
	    key == OPT_CALLS ? &o->calls : NULL;

	return flag != NULL ? (*flag = true, 0) : ARGP_ERR_UNKNOWN;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	const char *bad;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'd':
		o->deployments = arg;
		return 0;
	case OPT_MAP:
		if ((bad = names_check_map(arg)) != NULL)
			errx(EXIT_TROUBLE, "--map-deployments '%s': %s",
			    arg, bad);
		o->side.in.map = arg;
		return 0;
	case OPT_WHERE:
		if ((bad = feed_filter(&o->where, arg)) != NULL)
			errx(EXIT_TROUBLE, "--where '%s': %s", arg, bad);
		return 0;
	case OPT_LAYER:
		o->speed = strcmp(arg, "speed") == 0;
		if (!o->speed && strcmp(arg, "batch") != 0)
			errx(EXIT_TROUBLE, "--layer '%s': not speed or batch",
			    arg);
		return 0;
	case OPT_NOW:
		o->now = cli_time("--now", arg);
		return 0;
	case OPT_SINCE:
		o->since = cli_period("--since", arg);
		return 0;
	case OPT_STATE:
		o->state = arg;
		return 0;
	}
	return parse_flag(key, o) == 0 ? 0 : parse_rule(key, arg, o);
}

static void
check_options(struct options *o)
{
	const char *map = o->side.in.map, *bad;

	o->side = o->cli;
	o->side.in.map = map;
	o->side.in.fields = NULL;
	if ((bad = rule_finish(&o->rule, o->speed ? &score_speed :
	    &score_batch)) != NULL)
		errx(EXIT_TROUBLE, "--weights %s", bad);
	if (o->speed && o->since == 0)
		o->since = score_reach(&o->rule.score);
	if (o->merge ? o->deployments != NULL : o->deployments == NULL)
		errx(EXIT_TROUBLE, o->merge ?
		    "--merge: deployments are in the partials already" :
		    "--deployments is required");
	if (o->state != NULL && (!o->speed || o->merge))
		errx(EXIT_TROUBLE, "--state: only with --layer speed");
	if (o->partial && !o->merge && o->since > 0 && o->now == WHEN_NEVER)
		errx(EXIT_TROUBLE, "--partial: needs --now, or shards differ");
	if (o->calls && (o->merge || o->partial || o->speed || o->by_value))
		errx(EXIT_TROUBLE, "--calls: not with --merge, --partial, "
		    "--value or --layer speed");
}

static void
read_deployments(struct events *e, struct options *o)
{
	struct input in;

	cli_open_file(&in, &o->side, &o->deployments, feed_deploy_columns,
	    FEED_DEPLOY_COLUMNS);
	while (cli_next(&in))
		feed_deploy(e, &in);
	cli_close(&in);
}

static void
read_faults(struct events *e, const struct options *o)
{
	struct input_column want[FEED_FAULT_COLUMNS];
	struct input in;

	feed_columns(want, &o->where);
	cli_open(&in, &o->cli, want, FEED_FAULT_COLUMNS);
	while (cli_next(&in))
		if (feed_passes(&o->where, &in))
			feed_fault(e, &in);
	cli_close(&in);
}

/* An hour more than the windows reach is kept, for rows that come late. */
static void
remember(struct events *e, const struct options *o)
{
	struct state state;

	if (!recent_join(&state, o->state, e, o->now, o->since +
	    o->rule.score.veto + o->rule.score.skew + WHEN_HOUR))
		errx(state.busy ? EXIT_RETRY : EXIT_TROUBLE, "%s",
		    buf_cstr(&state.why));
	state_drop(&state);
}

/* Faults and deployments into e->tally. */
static int64_t
tally_faults(struct events *e, struct options *o)
{
	int64_t now;

	read_faults(e, o);
	read_deployments(e, o);
	if (o->state != NULL)
		remember(e, o);
	now = o->now != WHEN_NEVER ? o->now : feed_newest(e);
	sweep_run(e, &o->rule.score, o->since == 0 || now == WHEN_NEVER ?
	    WHEN_NEVER : now - o->since, o->partial);
	return now;
}

static int64_t
tally_partials(struct events *e, const struct options *o,
    const struct partial *p)
{
	struct input in;

	cli_open(&in, &o->cli, p->column, p->ncolumn);
	while (cli_next(&in)) {
		partial_add(p, &e->tally, &in);
		(void)input_bad(&in);
	}
	cli_close(&in);
	return o->now != WHEN_NEVER ? o->now : tally_newest(&e->tally);
}

static _Noreturn void
blame_calls(struct options *o)
{
	struct calls c = { 0 };
	struct culprit *culprit;
	struct output out;
	struct input in;
	bool found;

	cli_open_file(&in, &o->side, &o->deployments, change_columns,
	    CHANGE_COLUMNS);
	while (cli_next(&in))
		calls_add_change(&c, &in);
	cli_close(&in);
	cli_open(&in, &o->cli, calls_columns, CALLS_COLUMNS);
	while (cli_next(&in))
		calls_add(&c, &in);
	cli_close(&in);
	culprit = culprit_judge(&c);
	cli_output(&out, &o->cli);
	found = lineup_write(&c, culprit, &out);
	free(culprit);
	calls_free(&c);
	cli_finish(&out, &o->cli, found);
}

static const struct argp parser = { options, parse_option, "[FAULTS...]",
	"Rank the rollouts that may be to blame for faults.", cli_children, 0,
	0 };

int
main(int argc, char *argv[])
{
	struct options o = { .rule = rule_default, .now = WHEN_NEVER };
	const struct score_rule *rule = &o.rule.score;
	struct events e = { .tally = TALLY_NONE };
	struct blame blame = { 0 };
	struct partial partial;
	struct output out;
	int64_t now;
	bool found;

	cli_parse(&parser, argc, argv, &o);
	check_options(&o);
	if (o.calls)
		blame_calls(&o);
	e.by_value = o.by_value;
	e.by_pivot = o.by_pivot;
	partial_init(&partial, rule, o.by_value);
	now = o.merge ? tally_partials(&e, &o, &partial) :
	    tally_faults(&e, &o);
	cli_output(&out, &o.cli);
	if (o.partial)
		partial_write(&partial, &e.tally, &out);
	else {
		blame_run(&blame, &e.tally, rule, events_unit(&e), now);
		report_write(&blame, &e.tally, rule, events_unit(&e), &out);
	}
	found = blame_found(&blame);
	blame_free(&blame);
	free(o.where.column);
	events_free(&e);
	cli_finish(&out, &o.cli, found);
}
