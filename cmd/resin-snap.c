/*
 * resin-snap - heap dumps of many formats to one table of snapshots.
 * Dumps on the command line go in; out comes one row a stack and snapshot.
 * Memory: the stacks of one snapshot, and every distinct frame's name once.
 */
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "heap/dumps.h"
#include "heap/format.h"

struct options {
	struct cli cli;
	struct dump_options dump;
	struct dump_times times;
	const char *modules;	/* file for -m */
};

struct snap {
	const struct options *o;
	struct dumps dumps;
	struct output out;
	struct buf stack;
	size_t nmodule;		/* in the file of -m */
};

enum { KEY_RAW = 256, KEY_SNAPSHOTS, KEY_VALUE, KEY_START, KEY_INTERVAL };

static const struct argp_option options[] = {
	{ "addresses", 'a', NULL, 0,
	    "a row for each allocation, where the format has them", 0 },
	{ "format", 'f', "FORMAT", 0, "the dumps' format, whatever they look "
	    "like; \"list\" lists them", 0 },
	{ "interval", KEY_INTERVAL, "DURATION", 0,
	    "between snapshots, where nothing tells when they were "
	    "(default 30m)", 0 },
	{ "modules", 'm', "FILE", 0,
	    "write the programs and libraries of the frames to FILE", 0 },
	{ "raw", KEY_RAW, NULL, 0,
	    "keep the allocator's frames and every recursion", 0 },
	{ "snapshots", KEY_SNAPSHOTS, "N", 0,
	    "cut a continuous record into N (default 8)", 0 },
	{ "start", KEY_START, "TIME", 0,
	    "time of the first snapshot, instead of the dumps' own", 0 },
	{ "value", KEY_VALUE, "NAME", 0,
	    "sample type of a profile.proto (default: what is in use)", 0 },
	{ 0 }
};

static void
list_formats(void)
{
	for (size_t i = 0; heap_formats[i] != NULL; i++)
		puts(heap_formats[i]->name);
	finish(EXIT_OK);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'a':
		o->dump.addresses = true;
		return 0;
	case 'f':
		if (strcmp(arg, "list") == 0)
			list_formats();
		if (format_named(arg) == NULL)
			errx(EXIT_TROUBLE, "--format '%s': not a format (see "
			    "--format list)", arg);
		o->dump.format = arg;
		return 0;
	case 'm':
		o->modules = arg;
		return 0;
	case KEY_RAW:
		o->dump.raw = true;
		return 0;
	case KEY_SNAPSHOTS:
		o->dump.snapshots = cli_u64("--snapshots", arg);
		if (o->dump.snapshots == 0 || o->dump.snapshots > 10000)
			errx(EXIT_TROUBLE, "--snapshots '%s': not in 1..10000",
			    arg);
		return 0;
	case KEY_START:
		o->times.start = cli_time("--start", arg);
		return 0;
	case KEY_INTERVAL:
		o->times.interval = cli_duration("--interval", arg);
		return 0;
	case KEY_VALUE:
		o->dump.value = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE...]",
	"Turn heap dumps into snapshots: one row a stack, with its live bytes.",
	cli_children, NULL, NULL
};

/*
 * Written before the rows that need it, so that a resin-symbolize further down
 * the pipe finds each module it meets.
 */
static void
write_modules(struct snap *s)
{
	const char *path = s->o->modules;

	if (path == NULL || (s->nmodule > 0 &&
	    s->nmodule == s->dumps.modules.list.n))
		return;
	if (module_list_save(&s->dumps.modules, path) == -1)
		err(EXIT_TROUBLE, "%s", path);
	s->nmodule = s->dumps.modules.list.n;
}

/* Its frames, joined, into s->stack. */
static struct span
join(struct snap *s, const struct snapshot *t, const struct snapshot_row *r)
{
	const uint32_t *frame = t->frame + r->frame;
	struct buf *b = &s->stack;

	if (r->depth == 0)
		return SPAN(SNAPSHOT_UNKNOWN);
	b->n = 0;
	for (uint32_t i = 0; i < r->depth; i++) {
		buf_short(b, t->names->key[frame[i]]);
		buf_char(b, ';');
	}
	return (struct span){ b->s, b->n - 1 };
}

static void
write_row(struct snap *s, const struct snapshot *t,
    const struct snapshot_row *r)
{
	output_u64(&s->out, t->ordinal);
	output_time(&s->out, t->ts);
	output_text(&s->out, join(s, t, r));
	output_u64(&s->out, (uint64_t)llround(r->live.bytes));
	output_u64(&s->out, (uint64_t)llround(r->live.count));
	output_u64(&s->out, (uint64_t)llround(sample_se(&r->live)));
	output_u64(&s->out, t->complete);
	output_str(&s->out, t->process);
	output_str(&s->out, t->format);
	if (s->o->dump.addresses && r->addr != 0)
		output_u64(&s->out, r->addr);
	else if (s->o->dump.addresses)
		output_none(&s->out);
	output_row(&s->out);
}

static void
write_snapshot(void *arg, const struct snapshot *t)
{
	struct snap *s = arg;

	write_modules(s);
	for (size_t i = 0; i < t->n; i++)
		write_row(s, t, &t->row[i]);
}

static void
say_warnings(struct dumps *d)
{
	for (size_t i = 0; i < d->warning.n; i++) {
		warnx("warning: %s", d->warning.v[i]);
		free(d->warning.v[i]);
	}
	d->warning.n = 0;
}

int
main(int argc, char *argv[])
{
	struct options o = { .dump = { .snapshots = 8 },
		.times = DUMP_TIMES };
	struct snap s = { .o = &o };

	cli_parse(&parser, argc, argv, &o);
	s.dumps.options = &o.dump;
	s.dumps.emit = write_snapshot;
	s.dumps.arg = &s;
	s.dumps.times = o.times;
	dumps_order(o.cli.file, o.cli.nfile);
	if (o.times.start == WHEN_NEVER)
		dump_times_tell(&s.dumps.times, o.cli.file, o.cli.nfile);
	cli_output(&s.out, &o.cli);
	output_header(&s.out, "snapshot", "ts", "stack", "bytes", "count", "se",
	    "complete", "process", "format",
	    o.dump.addresses ? "addr" : NULL, NULL);
	for (size_t i = 0; i < (o.cli.nfile > 0 ? o.cli.nfile : 1); i++) {
		bool ok = dumps_read(&s.dumps,
		    o.cli.nfile > 0 ? o.cli.file[i] : "-");

		say_warnings(&s.dumps);
		if (!ok)
			errx(EXIT_TROUBLE, "%s", buf_cstr(&s.dumps.why));
	}
	write_modules(&s);
	dumps_free(&s.dumps);
	buf_free(&s.stack);
	cli_finish(&s.out, &o.cli, false);
}
