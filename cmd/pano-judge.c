/*
 * pano-judge - what observers say, to verdicts for each (subject, context).
 * Reads observations, `ts observer subject context status` [`score seq id`].
 * Keeps the newest --look-back observations of each observer, subject and
 * context, and a few words for each of these names: memory is proportional to
 * that product, whatever the length of the input.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cli/cli.h"
#include "pano/judge.h"
#include "pano/verdict.h"

struct options {
	struct cli cli;
	struct judge_options judge;
	VEC(struct span) detectors;
	bool changes, live;
	int64_t now;
};

enum {
	OPT_LOOK_BACK = 0x100, OPT_TTL, OPT_PENDING, OPT_FALL, OPT_RISE,
	OPT_OBSERVERS, OPT_OBSERVATIONS, OPT_DROP_SELF, OPT_FLAP_WINDOW,
	OPT_NOW, OPT_GC, OPT_LIVE,
};

static const struct argp_option options[] = {
	{ "policy", 'p', "POLICY", 0,
	    "look-back (default), panorama, latest or any", 0 },
	{ "detector", 'd', "NAME", 0,
	    "this observer is the failure detector; classify subjects", 0 },
	{ "changes", 'c', NULL, 0,
	    "a row for each change instead of the last verdicts", 0 },
	{ "look-back", OPT_LOOK_BACK, "N", 0,
	    "newest observations that count (default 5)", 0 },
	{ "ttl", OPT_TTL, "DURATION", 0,
	    "how long an observation counts (default 5m)", 0 },
	{ "pending", OPT_PENDING, "DURATION", 0,
	    "a request unanswered for so long has failed (default 3s)", 0 },
	{ "fall", OPT_FALL, "N", 0,
	    "times in a row before bad is believed (default 1)", 0 },
	{ "rise", OPT_RISE, "N", 0,
	    "times in a row before no longer bad is believed (default 1)", 0 },
	{ "observers", OPT_OBSERVERS, "N", 0,
	    "fewer are inconclusive (default 1)", 0 },
	{ "observations", OPT_OBSERVATIONS, "N", 0,
	    "fewer are inconclusive (default 1)", 0 },
	{ "drop-self", OPT_DROP_SELF, NULL, 0,
	    "what a subject says of itself has no vote", 0 },
	{ "flap-window", OPT_FLAP_WINDOW, "DURATION", 0,
	    "flaps are counted over this (default 1h)", 0 },
	{ "gc", OPT_GC, "MODE", 0,
	    "expiry of --policy panorama: none, absolute or relative", 0 },
	{ "live", OPT_LIVE, NULL, 0,
	    "while nothing comes, time goes on by the clock", 0 },
	{ "now", OPT_NOW, "TIME", 0,
	    "judge at TIME (default: the newest observation)", 0 },
	{ 0 }
};

static enum policy
policy_named(const char *arg)
{
	enum policy p;

	if (!policy_parse(arg, &p))
		errx(EXIT_TROUBLE, "--policy '%s': not look-back, panorama, "
		    "latest or any", arg);
	return p;
}

static enum expiry
expiry_named(const char *arg)
{
	enum expiry e;

	if (!expiry_parse(arg, &e))
		errx(EXIT_TROUBLE, "--gc '%s': not none, absolute or relative",
		    arg);
	return e;
}

static uint64_t
at_least_one(const char *name, const char *arg, uint64_t most)
{
	uint64_t n = cli_u64(name, arg);

	if (n < 1 || n > most)
		errx(EXIT_TROUBLE, "%s '%s': not 1 to %llu", name, arg,
		    (unsigned long long)most);
	return n;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct judge_options *j = &o->judge;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'p':
		j->policy.policy = policy_named(arg);
		return 0;
	case 'd':
		vec_push(&o->detectors, span_of(arg));
		return 0;
	case 'c':
		o->changes = true;
		return 0;
	case OPT_LOOK_BACK:
		j->look_back = at_least_one("--look-back", arg, 1000);
		return 0;
	case OPT_TTL:
		j->policy.ttl = cli_duration("--ttl", arg);
		return 0;
	case OPT_PENDING:
		j->policy.pending = cli_duration("--pending", arg);
		return 0;
	case OPT_FALL:
		j->fall = at_least_one("--fall", arg, UINT32_MAX);
		return 0;
	case OPT_RISE:
		j->rise = at_least_one("--rise", arg, UINT32_MAX);
		return 0;
	case OPT_OBSERVERS:
		j->policy.observers = at_least_one("--observers", arg,
		    UINT32_MAX);
		return 0;
	case OPT_OBSERVATIONS:
		j->policy.observations = at_least_one("--observations", arg,
		    UINT32_MAX);
		return 0;
	case OPT_DROP_SELF:
		j->drop_self = true;
		return 0;
	case OPT_FLAP_WINDOW:
		j->flap_window = cli_duration("--flap-window", arg);
		return 0;
	case OPT_GC:
		j->policy.expiry = expiry_named(arg);
		return 0;
	case OPT_LIVE:
		o->live = o->cli.out.line_buffered = true;
		return 0;
	case OPT_NOW:
		o->now = cli_time("--now", arg);
		return 0;
	case ARGP_KEY_SUCCESS:
		if (j->policy.policy != POLICY_PANORAMA)
			j->policy.expiry = EXPIRE_ABSOLUTE;
		j->detector = o->detectors.v;
		j->ndetector = o->detectors.n;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = { options, parse_option, "[FILE...]",
	"Judge subjects by what observers say of them: observations to "
	"verdicts.",
	cli_children, NULL, NULL };

enum { TS, OBSERVER, SUBJECT, CONTEXT, STATUS, SCORE, SEQ, ID, NCOL };
static const struct input_column want[NCOL] = {
	[TS] = { "ts", 0 }, [OBSERVER] = { "observer", 0 },
	[SUBJECT] = { "subject", 0 }, [CONTEXT] = { "context", 0 },
	[STATUS] = { "status", 0 }, [SCORE] = { "score", INPUT_OPTIONAL },
	[SEQ] = { "seq", INPUT_OPTIONAL }, [ID] = { "id", INPUT_OPTIONAL },
};

/* A report may speak of the subject as a whole. */
static struct span
context_of(struct input *in)
{
	struct span s = input_text(in, CONTEXT);

	return s.n == 0 ? s : input_key(in, CONTEXT);
}

static struct observation
read_observation(struct input *in)
{
	struct observation o = {
		.ts = input_time(in, TS), .observer = input_key(in, OBSERVER),
		.subject = input_key(in, SUBJECT),
		.context = context_of(in),
		.status = status_parse(input_key(in, STATUS)),
		.score = input_number_or(in, SCORE, NAN),
		.seq = input_text(in, SEQ), .id = input_text(in, ID),
	};

	if (o.status == STATUS_NONE)
		input_fault(in, STATUS, "not a status");
	return o;
}

/* Where rows go: the judge calls back for each change. */
struct report {
	struct judge judge;
	struct output out;
	struct verdict verdict;
	bool on_change;
};

static void
write_verdict(struct report *r, uint32_t key)
{
	judge_verdict(&r->judge, key, &r->verdict);
	verdict_write(&r->out, &r->verdict, r->judge.o.ndetector > 0);
}

static void
write_change(void *arg, uint32_t key)
{
	struct report *r = arg;

	if (r->on_change)
		write_verdict(r, key);
}

/* By subject, then context; true if one of them is bad. */
static bool
write_last(struct report *r, bool write)
{
	size_t n = r->judge.key.n;
	uint32_t *order = judge_order(&r->judge);
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		found = found || judge_finding(&r->judge, order[i]);
		if (write && judge_stands(&r->judge, order[i]))
			write_verdict(r, order[i]);
	}
	free(order);
	return found;
}

/* Nothing comes: what time alone changes is judged as it goes on. */
static void
idle(void *arg)
{
	struct report *r = arg;

	judge_advance(&r->judge, when_now());
}

int
main(int argc, char *argv[])
{
	struct options o = { .judge = {
		.policy = { .ttl = 300 * WHEN_SECOND,
		    .pending = 3 * WHEN_SECOND, .observers = 1,
		    .observations = 1 },
		.look_back = 5, .fall = 1, .rise = 1,
		.flap_window = WHEN_HOUR }, .now = WHEN_NEVER };
	struct report r = { 0 };
	struct input in;
	struct observation seen;
	bool found;

	cli_parse(&parser, argc, argv, &o);
	o.judge.changed = write_change;
	o.judge.arg = &r;
	r.on_change = o.changes || o.cli.out.line_buffered;
	judge_init(&r.judge, &o.judge);

	cli_open(&in, &o.cli, want, NCOL);
	cli_output(&r.out, &o.cli);
	if (r.on_change)
		verdict_header(&r.out, o.judge.ndetector > 0);
	if (o.live) {
		in.reader.source.idle = idle;
		in.reader.source.idle_arg = &r;
	}
	while (cli_next(&in)) {
		seen = read_observation(&in);
		if (!input_bad(&in))
			judge_add(&r.judge, &seen);
	}
	cli_close(&in);
	if (!r.on_change)
		verdict_header(&r.out, o.judge.ndetector > 0);
	judge_advance(&r.judge, o.now);
	found = write_last(&r, !o.changes);
	verdict_free(&r.verdict);
	judge_free(&r.judge);
	vec_free(&o.detectors);
	cli_finish(&r.out, &o.cli, found);
}
