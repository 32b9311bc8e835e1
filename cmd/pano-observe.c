/*
 * pano-observe - log lines in, observations out, by the rules of pano-rules(5).
 * Streams: memory is a line, the lines that belong to it, and with --merge a
 * time for each kind of observation made.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/beside.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/when.h"
#include "cli/cli.h"
#include "pano/entry.h"
#include "pano/tail.h"
#include "pano/repeats.h"
#include "pano/logrules.h"
#include "pano/logs.h"
#include "pano/word.h"

struct options {
	struct cli cli;
	const char *rules, *names, *explain, *zone;
	VEC(struct span) peer, set;	/* KEY=NAME, FIELD=VALUE */
	bool follow;
	int64_t merge, stale, now;
	char **file;
	size_t nfile;
};

enum { OPT_MERGE = 0x100, OPT_STALE, OPT_NOW, OPT_PEER, OPT_ZONE };

static const struct argp_option options[] = {
	{ "rules", 'r', "RULES", 0, "a file, or the name of a shipped set", 0 },
	{ "names", 'n', "FILE", 0,
	    "what addresses are called; the rules say how to read it", 0 },
	{ "peer", OPT_PEER, "ADDRESS=NAME", 0, "one such name", 0 },
	{ "set", 's', "FIELD=VALUE", 0, "a field that every line has", 0 },
	{ "follow", 'f', NULL, 0, "wait for more, also when rotated", 0 },
	{ "merge", OPT_MERGE, "DURATION", 0,
	    "say the same once in TIME (default 0: always)", 0 },
	{ "stale", OPT_STALE, "DURATION", 0,
	    "drop what is older than TIME (default: nothing)", 0 },
	{ "now", OPT_NOW, "TIME", 0,
	    "for --stale and dates without a year (default: the clock)", 0 },
	{ "zone", OPT_ZONE, "ZONE", 0,
	    "of times: UTC, +hhmm, or a name as Europe/Berlin", 0 },
	{ "explain", 'e', "LINE", 0, "show what the rules make of LINE", 0 },
	{ 0 }
};

static struct span
pair(const char *name, const char *arg)
{
	const char *is = strchr(arg, '=');

	if (is == NULL || is == arg || is[1] == '\0')
		errx(EXIT_TROUBLE, "%s '%s': not A=B", name, arg);
	return span_of(arg);
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
	case 'n':
		o->names = arg;
		return 0;
	case OPT_PEER:
		vec_push(&o->peer, pair("--peer", arg));
		return 0;
	case 's':
		vec_push(&o->set, pair("--set", arg));
		return 0;
	case 'f':
		o->follow = true;
		return 0;
	case OPT_MERGE:
		o->merge = cli_duration("--merge", arg);
		return 0;
	case OPT_STALE:
		o->stale = cli_duration("--stale", arg);
		return 0;
	case OPT_NOW:
		o->now = cli_time("--now", arg);
		return 0;
	case OPT_ZONE:
		o->zone = arg;
		return 0;
	case 'e':
		o->explain = arg;
		return 0;
	case ARGP_KEY_ARGS:
		o->file = state->argv + state->next;
		o->nfile = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_SUCCESS:
		if (o->rules == NULL)
			errx(EXIT_TROUBLE, "--rules is required");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = { options, parse_option, "[FILE...]",
	"Turn log lines into observations.", cli_output_children, NULL, NULL };

/* Everything the work on a line needs. */
struct observer {
	struct logrules rules;
	struct repeats merge;
	struct output out;
	int64_t stale, now;	/* WHEN_NEVER: the clock */
	const char *file;	/* where the line at hand stands */
	size_t line;
	uint8_t *stopped;	/* by line of the rules: said already */
};

static int64_t
clock_now(int64_t now)
{
	return now != WHEN_NEVER ? now : when_now();
}

static void
say_stopped(void *arg, size_t line)
{
	struct observer *o = arg;

	if (o->stopped[line] == 0)
		warnx("%s:%zu: pattern stopped by its limits at %s:%zu",
		    o->rules.path, line, o->file, o->line);
	o->stopped[line] = 1;
}

static void
say_step(void *arg, size_t line, const char *outcome)
{
	struct observer *o = arg;

	output_u64(&o->out, line);
	output_str(&o->out, outcome);
	output_text(&o->out, word_trim(o->rules.source.v[line - 1]));
	output_row(&o->out);
}

static void
write_event(struct observer *o, const struct event *e)
{
	if (o->stale > 0 && clock_now(o->now) - e->ts > o->stale)
		return;
	if (!repeats_keep(&o->merge, e))
		return;
	event_write(&o->out, e);
}

static void
observe(void *arg, const char *file, const struct entry *entry)
{
	struct observer *o = arg;
	struct event e;

	o->file = file;
	o->rules.log = span_of(file);
	o->line = entry->line;
	if (logrules_apply(&o->rules, buf_view(&entry->text),
	    buf_view(&entry->more), &e))
		write_event(o, &e);
}

/* A file as it is, or the name of a set beside the installed program. */
static char *
rules_file(const char *name)
{
	struct buf file = { 0 };
	char *path = NULL;

	buf_printf(&file, "%s.rules", name);
	if (strchr(name, '/') == NULL && access(name, R_OK) != 0)
		path = beside("../share/resin/rules/", buf_cstr(&file));
	buf_free(&file);
	return path != NULL ? path : mem_copy(name, strlen(name));
}

static void
split_pair(struct span s, struct span *a, struct span *b)
{
	const char *is = memchr(s.s, '=', s.n);

	*a = (struct span){ s.s, (size_t)(is - s.s) };
	*b = (struct span){ is + 1, s.n - a->n - 1 };
}

static void
prepare(struct logrules *r, const struct options *o)
{
	struct logtime zone;
	struct buf why = { 0 };
	struct span a, b;

	for (size_t i = 0; i < o->set.n; i++) {
		split_pair(o->set.v[i], &a, &b);
		logrules_set(r, a, b);
	}
	if (o->names != NULL && !logs_names(r, o->names, &why))
		errx(EXIT_TROUBLE, "%s", buf_cstr(&why));
	buf_free(&why);
	for (size_t i = 0; i < o->peer.n; i++) {
		split_pair(o->peer.v[i], &a, &b);
		peers_add(&r->peers, a, b);
	}
	zone = r->zone;
	if (o->zone != NULL && logtime_zone(&zone, span_of(o->zone))) {
		if (!logtime_known(o->zone))
			errx(EXIT_TROUBLE, "--zone '%s': no such zone",
			    o->zone);
		setenv("TZ", o->zone, 1);
		logtime_zone(&zone, SPAN("local"));
	}
	tzset();
	zone.today = clock_now(o->now);
	logrules_zone(r, &zone);
}

static void
explain(struct observer *o, const char *line)
{
	struct event e;

	output_header(&o->out, "rule", "outcome", "text", NULL);
	o->rules.step = say_step;
	o->file = "--explain";
	o->line = 1;
	logrules_apply(&o->rules, span_of(line), SPAN(""), &e);
}

static void
observe_files(struct observer *me, const struct options *o)
{
	char dash[] = "-", *standard_input[] = { dash };
	struct logs w = { .rules = &me->rules, .entry = observe, .arg = me };

	event_header(&me->out);
	if (!logs_read(&w, o->nfile > 0 ? o->file : standard_input,
	    o->nfile > 0 ? o->nfile : 1, o->follow))
		errx(EXIT_TROUBLE, "%s", w.why);
}

int
main(int argc, char *argv[])
{
	struct options o = { .now = WHEN_NEVER };
	struct observer me = { 0 };
	struct buf why = { 0 };
	char *path;

	cli_parse(&parser, argc, argv, &o);
	path = rules_file(o.rules);
	if (!logrules_read(&me.rules, path, &why))
		errx(EXIT_TROUBLE, "%s", buf_cstr(&why));
	prepare(&me.rules, &o);
	me.merge.within = o.merge;
	me.stale = o.stale;
	me.now = o.now;
	me.rules.stopped = say_stopped;
	me.rules.arg = &me;
	me.stopped = mem_new(me.rules.source.n + 1, 1);
	o.cli.out.line_buffered = o.cli.out.line_buffered || o.follow;

	cli_output(&me.out, &o.cli);
	if (o.explain != NULL)
		explain(&me, o.explain);
	else
		observe_files(&me, &o);
	free(me.stopped);
	free(path);
	repeats_free(&me.merge);
	logrules_free(&me.rules);
	buf_free(&why);
	vec_free(&o.peer);
	vec_free(&o.set);
	cli_finish(&me.out, &o.cli, false);
}
