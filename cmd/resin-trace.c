/*
 * resin-trace - heap snapshots of the processes that resin-pattern proposes.
 * Candidates go in; each snapshot that is taken of them, on this machine, comes
 * out as a row.  Runs until every trace is complete.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "cli/cli.h"
#include "heap/actions.h"
#include "heap/candidate.h"
#include "heap/run_command.h"
#include "heap/tracer.h"

#define LOOK (5 * WHEN_SECOND)	/* at the candidates' file, and the processes */

struct options {
	struct cli cli;
	struct tracer_options tracer;
	char *actions;
	const char *node;
	bool sweep;
};

enum { KEY_ACTIONS = 256, KEY_CAP, KEY_LIMIT, KEY_MAX_SIZE, KEY_NODE,
	KEY_COMMAND, KEY_SWEEP, KEY_TIMEOUT, KEY_WAY };

static const struct argp_option options[] = {
	{ "actions", KEY_ACTIONS, "FILE", 0,
	    "resin-act --report: wait while something is done there", 0 },
	{ "cap", KEY_CAP, "N", 0,
	    "traces begun in an hour in a cluster (default 2)", 0 },
	{ "count", 'n', "N", 0,
	    "end after N snapshots of a process", 0 },
	{ "directory", 'd', "DIR", 0, "for snapshots and state (required)", 0 },
	{ "interval", 'i', "DURATION", 0,
	    "between snapshots (default 30m)", 0 },
	{ "keep", 'k', "K", 0,
	    "newest snapshots kept of a process (default 8)", 0 },
	{ "limit", KEY_LIMIT, "DURATION", 0,
	    "longest a trace may last (default 24h)", 0 },
	{ "max-size", KEY_MAX_SIZE, "SIZE", 0,
	    "largest snapshot kept (default 1G)", 0 },
	{ "node", KEY_NODE, "NAME", 0,
	    "this machine's name in the input (default: its host name)", 0 },
	{ "snapshot-cmd", KEY_COMMAND, "COMMAND", 0,
	    "takes one; {pid} and {out} are replaced, no shell", 0 },
	{ "sweep", KEY_SWEEP, NULL, 0,
	    "only clean up after killed tracers", 0 },
	{ "timeout", KEY_TIMEOUT, "DURATION", 0,
	    "for one snapshot (default 60s)", 0 },
	{ "way", KEY_WAY, "WAY", 0,
	    "auto, jvm, gperftools, jemalloc or heaptrack", 0 },
	{ 0 }
};

static void
set_command(struct options *o, const char *arg)
{
	struct buf why = { 0 };
	bool names_out;
	char **argv = run_words(arg, 0, "", &names_out, &why);

	if (argv == NULL)
		errx(EXIT_TROUBLE, "--snapshot-cmd '%s': %s", arg,
		    buf_cstr(&why));
	run_free(argv);
	o->tracer.capture.way = CAPTURE_COMMAND;
	o->tracer.capture.command = arg;
}

static void
set_way(struct options *o, const char *arg)
{
	for (int i = CAPTURE_AUTO; i <= CAPTURE_HEAPTRACK; i++)
		if (i != CAPTURE_COMMAND && strcmp(arg, capture_ways[i]) == 0) {
			o->tracer.capture.way = (enum capture_way)i;
			return;
		}
	errx(EXIT_TROUBLE, "--way '%s': not a way", arg);
}

static uint64_t
positive(const char *name, const char *arg)
{
	uint64_t v = cli_u64(name, arg);

	if (v > 0)
		return v;
	errx(EXIT_TROUBLE, "%s '%s': must be 1 or more", name, arg);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct tracer_options *t = &o->tracer;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &o->cli; return 0;
	case KEY_ACTIONS: o->actions = arg; return 0;
	case KEY_CAP: t->cap = positive("--cap", arg); return 0;
	case 'n': t->count = positive("--count", arg); return 0;
	case 'd': t->dir = arg; return 0;
	case 'i': t->interval = cli_period("--interval", arg); return 0;
	case 'k': t->keep = positive("--keep", arg); return 0;
	case KEY_LIMIT: t->limit = cli_duration("--limit", arg); return 0;
	case KEY_MAX_SIZE:
		t->capture.largest = cli_size("--max-size", arg);
		return 0;
	case KEY_NODE: o->node = arg; return 0;
	case KEY_COMMAND: set_command(o, arg); return 0;
	case KEY_SWEEP: o->sweep = true; return 0;
	case KEY_TIMEOUT:
		t->capture.timeout = cli_period("--timeout", arg);
		return 0;
	case KEY_WAY: set_way(o, arg); return 0;
	case ARGP_KEY_END:
		if (t->dir == NULL)
			errx(EXIT_TROUBLE, "--directory is required");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE]",
	"Take heap snapshots of the candidates that run on this machine.",
	cli_children, NULL, NULL
};

static volatile sig_atomic_t stopped;

static void
stop(int sig)
{
	stopped = sig;
}

static void
catch_signals(void)
{
	struct sigaction sa = { .sa_handler = stop };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

static void
write_event(void *arg, const struct tracer_event *e)
{
	struct output *out = arg;

	output_time(out, e->ts);
	output_str(out, e->entry->component);
	output_str(out, e->entry->cluster);
	output_str(out, e->entry->node);
	output_u64(out, e->entry->pid);
	output_time(out, e->entry->start);
	output_str(out, e->status);
	output_str(out, e->file);
	output_u64(out, e->bytes);
	output_str(out, e->reason);
	output_row(out);
}

/* Why a candidate has to wait, or NULL. */
static const char *
wait_for(const struct options *o, const struct trace_entry *e)
{
	struct buf why = { 0 };
	int busy = o->actions == NULL ? 0 : actions_under_way(o->actions,
	    e->node, e->component, &why);

	if (busy == -1)
		errx(EXIT_TROUBLE, "%s", buf_cstr(&why));
	return busy == 1 ? "an action is under way there" : NULL;
}

static void
read_candidates(const struct options *o, struct tracer *t)
{
	struct candidate c = { 0 };
	struct input in;

	cli_open(&in, &o->cli, candidate_columns, CANDIDATE_COLUMNS);
	while (cli_next(&in))
		if (candidate_take(&in, o->node, &c) &&
		    !tracer_candidate(t, &c.entry, c.over,
		    wait_for(o, &c.entry)))
			errx(EXIT_TROUBLE, "%s", buf_cstr(&t->why));
	cli_close(&in);
	candidate_free(&c);
}

/* Has the candidates' file been replaced since? */
static bool
changed(const struct options *o, struct stat *seen)
{
	struct stat st;
	bool news;

	if (o->cli.nfile != 1 || strcmp(o->cli.file[0], "-") == 0 ||
	    stat(o->cli.file[0], &st) == -1)
		return false;
	news = st.st_ino != seen->st_ino || st.st_size != seen->st_size ||
	    st.st_mtim.tv_sec != seen->st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != seen->st_mtim.tv_nsec;
	*seen = st;
	return news;
}

static void
run(const struct options *o, struct tracer *t)
{
	struct stat seen = { 0 };
	int64_t next, rest;

	changed(o, &seen);
	read_candidates(o, t);
	while (!stopped) {
		if (changed(o, &seen))
			read_candidates(o, t);
		if (!tracer_step(t, when_now(), &next))
			errx(EXIT_TROUBLE, "%s", buf_cstr(&t->why));
		if (!tracer_busy(t))
			break;
		rest = next - when_now();
		rest = rest < 0 ? 0 : rest > LOOK ? LOOK : rest;
		nanosleep(&(struct timespec){ rest / WHEN_SECOND,
		    rest % WHEN_SECOND }, NULL);
	}
}

int
main(int argc, char *argv[])
{
	struct options o = { .tracer = { .interval = 1800 * WHEN_SECOND,
	    .limit = WHEN_DAY, .keep = 8, .cap = 2, .capture = {
	    .timeout = 60 * WHEN_SECOND, .largest = UINT64_C(1) << 30 } } };
	char host[256] = "";
	struct output out;
	struct tracer t = { .options = &o.tracer, .event = write_event,
		.arg = &out };
	size_t lost;

	gethostname(host, sizeof(host) - 1);
	o.node = host;
	cli_parse(&parser, argc, argv, &o);
	if (mkdir(o.tracer.dir, 0700) == -1 && errno != EEXIST)
		err(EXIT_TROUBLE, "%s", o.tracer.dir);
	catch_signals();
	if (!tracer_sweep(&t, &lost))
		errx(EXIT_TROUBLE, "%s", buf_cstr(&t.why));
	if (lost > 0)
		warnx("cleaned up after %zu trace%s of a killed tracer", lost,
		    lost == 1 ? "" : "s");
	o.cli.out.line_buffered = true;
	cli_output(&out, &o.cli);
	output_header(&out, "ts", "component", "cluster", "node", "pid",
	    "start", "status", "file", "bytes", "reason", NULL);
	if (!o.sweep)
		run(&o, &t);
	if (!tracer_close(&t))
		errx(EXIT_TROUBLE, "%s", buf_cstr(&t.why));
	cli_finish(&out, &o.cli, false);
}
