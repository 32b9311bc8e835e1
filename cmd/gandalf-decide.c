/*
 * gandalf-decide - may a rollout go on?  Reads what gandalf-blame writes;
 * writes one decision for each component, version and pivot, with the reason,
 * the value and the threshold.  Memory is one record a row.
 */
#include <err.h>

#include "base/when.h"
#include "cli/cli.h"
#include "gandalf/decision.h"
#include "gandalf/learn.h"

/* --exit-code: the gravest outcome of all rows; see the manual page. */
static const int exit_status[OUTCOMES] = {
	[OUTCOME_GOOD] = EXIT_OK,
	[OUTCOME_NEW_FAULT] = 10,
	[OUTCOME_INVESTIGATE] = 11,
	[OUTCOME_NO_GO] = 12,
	[OUTCOME_NO_DATA] = 13,
};

struct options {
	struct cli cli;
	struct gate gate;
	char *thresholds, *model, *learn, *calibrate, *state;
	int64_t now;
};

enum {
	OPT_THRESHOLDS = 0x100, OPT_MODEL, OPT_LEARN, OPT_CALIBRATE, OPT_STATE,
	OPT_NODES, OPT_SIGMA, OPT_CHANCE, OPT_PROBABILITY, OPT_BAKE, OPT_KNOWN,
	OPT_NOW,
};

static const struct argp_option options[] = {
	{ "thresholds", OPT_THRESHOLDS, "FILE", 0,
	    "source metric no_go [investigate]", 0 },
	{ "model", OPT_MODEL, "FILE", 0, "a discriminant that --learn wrote",
	    0 },
	{ "learn", OPT_LEARN, "LABELS", 0,
	    "write the model of labelled rollouts", 0 },
	{ "calibrate", OPT_CALIBRATE, "LABELS", 0,
	    "write the thresholds that labelled rollouts ask for", 0 },
	{ "state", OPT_STATE, "FILE", 0,
	    "remember current and worst decisions in FILE", 0 },
	{ "min-nodes", OPT_NODES, "N", 0, "fewer decide nothing (3)", 0 },
	{ "sigma", OPT_SIGMA, "N", 0,
	    "excess over chance that decides (2)", 0 },
	{ "chance", OPT_CHANCE, "P", 0,
	    "of a false no-go, at most, in all the input (0.01)", 0 },
	{ "probability", OPT_PROBABILITY, "P", 0,
	    "of being bad that is a no-go, with --model (0.5)", 0 },
	{ "bake", OPT_BAKE, "DURATION", 0,
	    "not good before faults were watched so long (1h)", 0 },
	{ "known", OPT_KNOWN, "DURATION", 0,
	    "a signature unseen so long is new (30d)", 0 },
	{ "now", OPT_NOW, "TIME", 0,
	    "when the decisions are made (default: the newest fault)", 0 },
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
	case OPT_THRESHOLDS:
		o->thresholds = arg;
		return 0;
	case OPT_MODEL:
		o->model = arg;
		return 0;
	case OPT_LEARN:
		o->learn = arg;
		return 0;
	case OPT_CALIBRATE:
		o->calibrate = arg;
		return 0;
	case OPT_STATE:
		o->state = arg;
		return 0;
	case OPT_NODES:
		o->gate.min_nodes = cli_number("--min-nodes", arg, 0, 1e15);
		return 0;
	case OPT_SIGMA:
		o->gate.sigma = cli_number("--sigma", arg, 0, 1e9);
		return 0;
	case OPT_CHANCE:
		o->gate.chance = cli_number("--chance", arg, 0, 1);
		return 0;
	case OPT_PROBABILITY:
		o->gate.no_go = cli_number("--probability", arg, 0, 1);
		if (o->gate.investigate > o->gate.no_go)
			o->gate.investigate = o->gate.no_go;
		return 0;
	case OPT_BAKE:
		o->gate.bake = cli_duration("--bake", arg);
		return 0;
	case OPT_KNOWN:
		o->gate.known = cli_duration("--known", arg);
		return 0;
	case OPT_NOW:
		o->now = cli_time("--now", arg);
		return 0;
	case ARGP_KEY_END:
		if ((o->learn != NULL) + (o->calibrate != NULL) +
		    (o->state != NULL) > 1)
			errx(EXIT_TROUBLE, "--learn, --calibrate and --state: "
			    "only one of them");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void
open_side(struct input *in, const struct options *o, char *path,
    const struct input_column *want, size_t n)
{
	char *file[1] = { path };
	static struct cli plain;

	plain = cli_beside(&o->cli);
	cli_open_file(in, &plain, file, want, n);
}

static void
read_gate(struct options *o)
{
	struct input in;

	if (o->thresholds != NULL) {
		open_side(&in, o, o->thresholds, limit_columns, LIMIT_COLUMNS);
		while (cli_next(&in))
			gate_add_limit(&o->gate, &in);
		cli_close(&in);
	}
	if (o->model != NULL) {
		open_side(&in, o, o->model, model_columns, MODEL_COLUMNS);
		while (cli_next(&in))
			gate_add_model(&o->gate, &in);
		cli_close(&in);
	}
}

static void
read_labels(struct labels *l, const struct options *o, char *path)
{
	struct input in;

	open_side(&in, o, path, label_columns, LABEL_COLUMNS);
	while (cli_next(&in))
		labels_add(l, &in);
	cli_close(&in);
}

static void
read_cases(struct cases *c, const struct options *o)
{
	struct input in;

	cli_open(&in, &o->cli, case_columns, CASE_COLUMNS);
	while (cli_next(&in))
		cases_add(c, &in);
	cli_close(&in);
	cases_finish(c);
}

/* Every rollout's decision; returns the gravest. */
static enum outcome
decide(const struct options *o, const struct cases *c, struct output *out)
{
	struct decisions d = { 0 };
	struct state state = { .lock = -1 };
	bool ok = o->state == NULL || (state_take(&state, o->state) &&
	    history_load(&d.history, &state));
	enum outcome worst;

	if (ok)
		decisions_make(&d, &o->gate, c, o->now);
	if (ok && o->state != NULL)
		ok = history_save(&d.history, &state);
	if (!ok)
		errx(state.busy ? EXIT_RETRY : EXIT_TROUBLE, "%s",
		    buf_cstr(&state.why));
	state_drop(&state);
	decisions_write(&d, c, out);
	worst = d.worst;
	decisions_free(&d);
	return worst;
}

static void
learn(struct options *o, const struct cases *c, struct output *out)
{
	struct labels labels = { 0 };
	const char *bad;

	read_labels(&labels, o, o->learn != NULL ? o->learn : o->calibrate);
	if (o->learn == NULL)
		learn_thresholds(&o->gate, c, &labels, out);
	else if ((bad = learn_models(&o->gate, c, &labels)) != NULL)
		errx(EXIT_TROUBLE, "--learn %s: %s", o->learn, bad);
	else
		gate_write_models(&o->gate, out);
	labels_free(&labels);
}

static const struct argp parser = { options, parse_option, "[BLAME...]",
	"Decide whether each rollout may go on.", cli_children, NULL, NULL };

int
main(int argc, char *argv[])
{
	struct options o = { .gate = gate_default, .now = WHEN_NEVER };
	struct cases cases = { 0 };
	struct output out;
	enum outcome worst = OUTCOME_GOOD;

	cli_parse(&parser, argc, argv, &o);
	read_gate(&o);
	read_cases(&cases, &o);
	cli_output(&out, &o.cli);
	if (o.learn != NULL || o.calibrate != NULL)
		learn(&o, &cases, &out);
	else
		worst = decide(&o, &cases, &out);
	cases_free(&cases);
	gate_free(&o.gate);
	cli_finish_status(&out, &o.cli,
	    o.cli.exit_code ? exit_status[worst] : EXIT_OK);
}
