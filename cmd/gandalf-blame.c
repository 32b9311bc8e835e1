/*
 * gandalf-blame - which rollout is to blame for which signature.
 * Faults on standard input, deployments in -d; writes every suspect with its
 * rank, its score and the numbers that went into it.  Memory is some 70 bytes
 * a fault; with --state the speed layer keeps only the recent ones.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/when.h"
#include "cli/cli.h"
#include "gandalf/lineup.h"
#include "gandalf/feed.h"
#include "gandalf/partial.h"
#include "gandalf/blame.h"
#include "gandalf/report.h"
#include "table/names.h"

struct options {
	struct cli cli;
	struct score_rule rule;
	char *deployments, *state;
	const char *windows, *weights;
	struct cli side;	/* for deployments: --map is not for them */
	struct feed_filter where;
	int64_t now, veto;
	int64_t since;		/* ns before now; 0: no limit */
	bool speed, by_value, by_pivot, partial, merge, calls;
};

enum {
	OPT_LAYER = 0x100, OPT_WINDOWS, OPT_WEIGHTS, OPT_SEGMENTS, OPT_LOG_BASE,
	OPT_VETO, OPT_SKEW, OPT_SPATIAL, OPT_POWER, OPT_AGE,
	OPT_RATE, OPT_FOLLOW, OPT_UNIT, OPT_NOW, OPT_SINCE,
	OPT_VALUE, OPT_BY_PIVOT, OPT_PARTIAL, OPT_MERGE, OPT_STATE, OPT_CALLS,
	OPT_MAP, OPT_WHERE,
};

static const struct argp_option options[] = {
	{ "deployments", 'd', "FILE", 0, "what was deployed where, when", 0 },
	{ "map-deployments", OPT_MAP, "NAME=COLUMN,...", 0,
	    "as --map, for the deployments", 0 },
	{ "where", OPT_WHERE, "COLUMN=VALUE,...", 0,
	    "only such rows are faults", 0 },
	{ "layer", OPT_LAYER, "speed|batch", 0,
	    "one hour around deployments, or 72 (default batch)", 0 },
	{ "windows", OPT_WINDOWS, "LIST", 0,
	    "votes are counted within (default 1h,24h,72h,next)", 0 },
	{ "weights", OPT_WEIGHTS, "LIST", 0,
	    "w_i of the temporal score (default all 1)", 0 },
	{ "segments", OPT_SEGMENTS, NULL, 0,
	    "count a window without those before it", 0 },
	{ "log-base", OPT_LOG_BASE, "N", 0, "default e", 0 },
	{ "veto", OPT_VETO, "DURATION", 0,
	    "faults so long before a deployment speak for it (72h)", 0 },
	{ "skew", OPT_SKEW, "DURATION", 0,
	    "clocks of faults may be so much behind (0)", 0 },
	{ "spatial", OPT_SPATIAL, "SHARE", 0,
	    "drop a pair below this spatial score (0.5)", 0 },
	{ "spatial-power", OPT_POWER, "N", 0,
	    "of the spatial score in what ranks (2)", 0 },
	{ "rate-power", OPT_RATE, "N", 0,
	    "of the share of nodes that fail in what ranks (0.5)", 0 },
	{ "age-power", OPT_AGE, "N", 0,
	    "of the steadiness of ages in what ranks (1)", 0 },
	{ "follow", OPT_FOLLOW, "SLOPE", 0,
	    "drop a pair whose faults follow deployments less (0.5)", 0 },
	{ "decay-end", 'a', "A", 0, "decay factor in the end (0.5)", 0 },
	{ "decay-gain", 'b', "B", 0, "what it is higher at first (0.5)", 0 },
	{ "decay-span", 'W', "N", 0, "units until the end (30)", 0 },
	{ "decay-unit", OPT_UNIT, "DURATION", 0, "of the decay (1d)", 0 },
	{ "now", OPT_NOW, "TIME", 0, "default: the newest row", 0 },
	{ "since", OPT_SINCE, "DURATION", 0,
	    "only deployments so long before now", 0 },
	{ "value", OPT_VALUE, NULL, 0,
	    "count the faults' column value instead of nodes", 0 },
	{ "by-pivot", OPT_BY_PIVOT, NULL, 0,
	    "a row for each pivot of the deployments", 0 },
	{ "partial", OPT_PARTIAL, NULL, 0, "write counts to be merged", 0 },
	{ "merge", OPT_MERGE, NULL, 0, "input is such counts", 0 },
	{ "state", OPT_STATE, "FILE", 0,
	    "speed layer: keep the recent faults in FILE", 0 },
	{ "calls", OPT_CALLS, NULL, 0, "input is success rates of calls, not faults",
	    0 },
	{ 0 }
};

static int64_t
positive(const char *name, const char *arg)
{
	int64_t d = cli_duration(name, arg);

	if (d <= 0)
		errx(EXIT_TROUBLE, "%s '%s': not positive", name, arg);
	return d;
}

/* The options that are members of the rule. */
static error_t
parse_rule(int key, char *arg, struct options *o)
{
	struct score_rule *r = &o->rule;

	switch (key) {
	case OPT_WINDOWS:
		o->windows = arg;
		return 0;
	case OPT_WEIGHTS:
		o->weights = arg;
		return 0;
	case OPT_SEGMENTS:
		r->segments = true;
		return 0;
	case OPT_LOG_BASE:
		r->log_base = cli_number("--log-base", arg, 1.0001, 1e9);
		return 0;
	case OPT_VETO:
		o->veto = positive("--veto", arg);
		return 0;
	case OPT_SKEW:
		r->skew = cli_duration("--skew", arg);
		return 0;
	case OPT_SPATIAL:
		r->spatial = cli_number("--spatial", arg, 0, 1);
		return 0;
	case OPT_POWER:
		r->power = cli_number("--spatial-power", arg, 0, 100);
		return 0;
	case OPT_RATE:
		r->rate_power = cli_number("--rate-power", arg, 0, 100);
		return 0;
	case OPT_AGE:
		r->age_power = cli_number("--age-power", arg, 0, 100);
		return 0;
	case OPT_FOLLOW:
		r->follow = cli_number("--follow", arg, 0, 1);
		return 0;
	case 'a':
		r->a = cli_number("--decay-end", arg, 0, 1e9);
		return 0;
	case 'b':
		r->b = cli_number("--decay-gain", arg, 0, 1e9);
		return 0;
	case 'W':
		r->span = cli_number("--decay-span", arg, 1.0001, 1e9);
		return 0;
	case OPT_UNIT:
		r->unit = positive("--decay-unit", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
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
		o->since = positive("--since", arg);
		return 0;
	case OPT_VALUE:
		o->by_value = true;
		return 0;
	case OPT_BY_PIVOT:
		o->by_pivot = true;
		return 0;
	case OPT_PARTIAL:
		o->partial = true;
		return 0;
	case OPT_MERGE:
		o->merge = true;
		return 0;
	case OPT_STATE:
		o->state = arg;
		return 0;
	case OPT_CALLS:
		o->calls = true;
		return 0;
	}
	return parse_rule(key, arg, o);
}

/* Windows and weights depend on the layer, whatever the order of options. */
static void
finish_rule(struct options *o)
{
	const struct score_rule *layer = o->speed ? &score_speed : &score_batch;
	const char *bad;
	size_t n;

	if (o->windows == NULL) {
		o->rule.nwindow = layer->nwindow;
		memcpy(o->rule.window, layer->window, sizeof(layer->window));
	} else if ((bad = score_windows(&o->rule, o->windows)) != NULL)
		errx(EXIT_TROUBLE, "--windows '%s': %s", o->windows, bad);
	if (o->weights != NULL) {
		if ((bad = score_weights(&o->rule, o->weights, &n)) != NULL)
			errx(EXIT_TROUBLE, "--weights '%s': %s", o->weights,
			    bad);
		if (n != o->rule.nwindow)
			errx(EXIT_TROUBLE, "--weights '%s': %zu for %zu windows",
			    o->weights, n, o->rule.nwindow);
	}
	o->rule.veto = o->veto > 0 ? o->veto : layer->veto;
	if (o->speed && o->since == 0)
		o->since = score_reach(&o->rule);
}

static void
check_options(struct options *o)
{
	const char *map = o->side.in.map, *bad;

	if (map != NULL && (bad = names_check_map(map)) != NULL)
		errx(EXIT_TROUBLE, "--map-deployments '%s': %s", map, bad);
	o->side = o->cli;
	o->side.in.map = map;
	o->side.in.fields = NULL;
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
read_deployments(struct sweep *s, const struct options *o)
{
	struct input in;
	char *file[1] = { o->deployments };

	cli_open_file(&in, &o->side, file, feed_deploy_columns,
	    FEED_DEPLOY_COLUMNS);
	while (cli_next(&in))
		feed_deploy(s, &in);
	cli_close(&in);
}

static void
read_faults(struct sweep *s, struct input *in, const struct feed_filter *where)
{
	while (cli_next(in))
		if (feed_passes(where, in))
			feed_fault(s, in);
	cli_close(in);
}

/* The state is in the escaped dialect: names may hold anything. */
static void
read_state(struct sweep *s, const struct options *o)
{
	static const struct cli plain = { .in.escape = true };
	static const struct feed_filter all;
	char *file[1] = { o->state };
	struct input in;

	if (access(o->state, F_OK) == -1 && errno == ENOENT)
		return;
	cli_open_file(&in, &plain, file, feed_fault_columns,
	    FEED_FAULT_COLUMNS);
	read_faults(s, &in, &all);
}

/* An hour more than the windows reach, for rows that come late. */
static void
write_state(struct sweep *s, const struct options *o, int64_t now)
{
	struct output_options to = { .path = o->state, .escape = true };
	struct output out;

	if (now == WHEN_NEVER)
		return;
	if (output_open(&out, &to) == -1)
		err(EXIT_TROUBLE, "%s", o->state);
	feed_keep(s, now - o->since - o->rule.veto - o->rule.skew - WHEN_HOUR,
	    &out);
	if (output_close(&out) == -1)
		err(EXIT_TROUBLE, "%s", o->state);
}

/* Faults and deployments into s->tally. */
static int64_t
tally_faults(struct sweep *s, const struct options *o)
{
	struct input_column want[FEED_FAULT_COLUMNS];
	struct input in;
	int64_t now;

	feed_columns(want, &o->where);
	cli_open(&in, &o->cli, want, FEED_FAULT_COLUMNS);
	if (o->state != NULL)
		read_state(s, o);
	read_faults(s, &in, &o->where);
	read_deployments(s, o);
	now = o->now != WHEN_NEVER ? o->now : feed_newest(s);
	if (o->state != NULL)
		write_state(s, o, now);
	sweep_run(s, &o->rule, o->since == 0 || now == WHEN_NEVER ? WHEN_NEVER :
	    now - o->since, o->partial);
	return now;
}

static int64_t
tally_partials(struct sweep *s, const struct options *o,
    const struct partial *p)
{
	struct tally *t = &s->tally;
	int64_t low = WHEN_NEVER, now = WHEN_NEVER;
	struct input in;

	cli_open(&in, &o->cli, p->column, p->ncolumn);
	while (cli_next(&in)) {
		partial_add(p, t, &in);
		(void)input_bad(&in);
	}
	cli_close(&in);
	tally_widen(&low, &now, t->newest);
	for (size_t i = 0; i < t->release.n; i++)
		tally_widen(&low, &now, t->release.v[i].last);
	return o->now != WHEN_NEVER ? o->now : now;
}

static _Noreturn void
blame_calls(const struct options *o)
{
	struct calls c = { 0 };
	struct culprit *culprit;
	struct output out;
	struct input in;
	char *file[1] = { o->deployments };
	bool found;

	cli_open_file(&in, &o->side, file, change_columns, CHANGE_COLUMNS);
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
	"Rank the rollouts that may be to blame for each fault signature.",
	cli_children, NULL, NULL };

int
main(int argc, char *argv[])
{
	struct options o = { .rule = score_batch, .now = WHEN_NEVER };
	struct sweep s = { .tally = TALLY_NONE };
	struct blame blame = { 0 };
	struct partial partial;
	struct output out;
	double unit;
	int64_t now;
	bool found = false;

	cli_parse(&parser, argc, argv, &o);
	finish_rule(&o);
	check_options(&o);
	if (o.calls)
		blame_calls(&o);
	s.by_value = o.by_value;
	s.by_pivot = o.by_pivot;
	unit = o.by_value ? 1e6 : 1;
	partial_init(&partial, &o.rule, o.by_value);
	now = o.merge ? tally_partials(&s, &o, &partial) :
	    tally_faults(&s, &o);
	cli_output(&out, &o.cli);
	if (o.partial)
		partial_write(&partial, &s.tally, &out);
	else {
		blame_run(&blame, &s.tally, &o.rule, unit, now);
		report_write(&blame, &s.tally, &o.rule, unit, &out);
	}
	for (size_t i = 0; i < blame.verdict.n; i++)
		found |= blame.verdict.v[i].rank == 1;
	blame_free(&blame);
	free(o.where.column);
	sweep_free(&s);
	cli_finish(&out, &o.cli, found);
}
