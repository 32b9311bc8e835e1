/*
 * resin-refs - the database of reference snapshots.
 * Snapshots of healthy processes go in with a fingerprint of what they ran as;
 * those nearest to a fingerprint come out, for resin-snapdiff --reference.
 * Memory: the snapshots of one reference.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cli/cli.h"
#include "heap/nearest.h"
#include "heap/refs.h"
#include "heap/snapshots.h"

struct options {
	struct cli cli;
	const char *database;
	struct fingerprint fp;
	uint64_t top;
	double limit;
	bool explain;
	int64_t before, older, now;	/* WHEN_NEVER: not given */
};

enum { KEY_CLUSTER = 256, KEY_OS, KEY_SERVICE, KEY_RELEASE, KEY_DATE,
	KEY_LIMIT, KEY_EXPLAIN, KEY_BEFORE, KEY_OLDER, KEY_NOW };

static const struct argp_option options[] = {
	{ "database", 'd', "FILE", 0, "the database (required)", 0 },
	{ NULL, 0, NULL, 0, "The fingerprint:", 1 },
	{ "cluster", KEY_CLUSTER, "NAME", 0, "where it ran", 0 },
	{ "date", KEY_DATE, "TIME", 0,
	    "when (add: the newest snapshot's time)", 0 },
	{ "os", KEY_OS, "VERSION", 0, "version of the system", 0 },
	{ "release", KEY_RELEASE, "VERSION", 0, "version of the service", 0 },
	{ "service", KEY_SERVICE, "NAME", 0,
	    "the program (required by add and match)", 0 },
	{ NULL, 0, NULL, 0, "For match:", 2 },
	{ "explain", KEY_EXPLAIN, NULL, 0,
	    "say how far each reference is, and why, instead", 0 },
	{ "limit", KEY_LIMIT, "DISTANCE", 0,
	    "none that is farther (default 8)", 0 },
	{ "top", 'n', "N", 0, "the N nearest (default 1)", 0 },
	{ NULL, 0, NULL, 0, "For expire:", 3 },
	{ "before", KEY_BEFORE, "TIME", 0, "what is from before it", 0 },
	{ "now", KEY_NOW, "TIME", 0,
	    "instead of the newest reference's date", 0 },
	{ "older", KEY_OLDER, "DURATION", 0, "what is older", 0 },
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
	case 'd':
		o->database = arg;
		return 0;
	case KEY_CLUSTER:
		o->fp.field[FP_CLUSTER] = span_of(arg);
		return 0;
	case KEY_OS:
		o->fp.field[FP_OS] = span_of(arg);
		return 0;
	case KEY_SERVICE:
		o->fp.field[FP_SERVICE] = span_of(arg);
		return 0;
	case KEY_RELEASE:
		o->fp.field[FP_VERSION] = span_of(arg);
		return 0;
	case KEY_DATE:
		o->fp.date = cli_time("--date", arg);
		return 0;
	case KEY_LIMIT:
		o->limit = cli_number("--limit", arg, 0, 1000);
		return 0;
	case KEY_EXPLAIN:
		o->explain = true;
		return 0;
	case KEY_BEFORE:
		o->before = cli_time("--before", arg);
		return 0;
	case KEY_OLDER:
		o->older = cli_duration("--older", arg);
		return 0;
	case KEY_NOW:
		o->now = cli_time("--now", arg);
		return 0;
	case 'n':
		o->top = cli_u64("--top", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option,
	"add [FILE...]\nmatch\nlist\nexpire",
	"Keep snapshots of healthy processes, and find those to compare with.",
	cli_children, NULL, NULL
};

static void
check(const struct options *o, struct refs *r, bool ok)
{
	if (!ok)
		errx(EXIT_TROUBLE, "%s: %s", o->database, buf_cstr(&r->why));
}

static void
put_entry(struct output *out, const struct nearest_entry *e)
{
	output_i64(out, e->id);
	output_text(out, e->fp.field[FP_CLUSTER]);
	output_text(out, e->fp.field[FP_OS]);
	output_text(out, e->fp.field[FP_SERVICE]);
	output_text(out, e->fp.field[FP_VERSION]);
	output_time(out, e->fp.date);
	output_u64(out, e->rows);
}

static bool
do_list(const struct options *o, struct refs *r, struct output *out)
{
	struct nearest all = { .asked = &o->fp };
	size_t i, n;

	check(o, r, nearest_read(&all, r));
	output_header(out, "reference", "cluster", "os", "service", "version",
	    "date", "rows", NULL);
	for (i = 0; i < all.list.n; i++) {
		put_entry(out, &all.list.v[i]);
		output_row(out);
	}
	n = all.list.n;
	nearest_free(&all);
	return n > 0;
}

static bool
do_add(const struct options *o, struct refs *r, struct output *out)
{
	struct nearest_entry mine = { .fp = o->fp };
	struct series s = { 0 };
	struct buf table = { 0 };
	struct input in;

	cli_open(&in, &o->cli, snapshot_columns, SNAPSHOT_COLUMNS);
	while (cli_next(&in))
		snapshots_take(&in, INT64_MIN, INT64_MAX, &s);
	cli_close(&in);
	series_finish(&s);
	if (s.snap.n < 2)
		errx(EXIT_TROUBLE, "a reference takes two snapshots or more: "
		    "what counts is what grows");
	if (mine.fp.date == WHEN_NEVER)
		mine.fp.date = s.snap.v[s.snap.n - 1].ts;
	snapshots_write(&s, &table, &mine.rows);
	check(o, r, refs_add(r, &mine.fp, buf_view(&table), mine.rows,
	    &mine.id));
	output_header(out, "reference", "cluster", "os", "service", "version",
	    "date", "rows", NULL);
	put_entry(out, &mine);
	output_row(out);
	buf_free(&table);
	series_free(&s);
	return true;
}

static void
explain(struct output *out, const struct nearest *all)
{
	size_t i;

	output_header(out, "reference", "cluster", "os", "service", "version",
	    "date", "rows", "distance", "reason", NULL);
	for (i = 0; i < all->list.n && !isinf(all->list.v[i].distance); i++) {
		put_entry(out, &all->list.v[i]);
		output_number(out, round(all->list.v[i].distance * 1e3) / 1e3);
		output_str(out, all->list.v[i].why);
		output_row(out);
	}
}

static bool
do_match(const struct options *o, struct refs *r, struct output *out)
{
	struct nearest all = { .asked = &o->fp };
	struct buf table = { 0 };
	size_t i;

	check(o, r, nearest_read(&all, r));
	nearest_sort(&all);
	if (o->explain)
		explain(out, &all);
	for (i = 0; !o->explain && i < all.list.n && i < o->top &&
	    all.list.v[i].distance <= o->limit; i++) {
		table.n = 0;
		check(o, r, refs_table(r, all.list.v[i].id, &table));
		snapshots_copy(out->fp, buf_view(&table),
		    all.list.v[i].id, i == 0);
	}
	if (!o->explain && i == 0) {
		warnx("no reference of service '%s' within %g",
		    o->fp.field[FP_SERVICE].s, o->limit);
		output_header(out, "snapshot", "ts", "stack", "bytes", "count",
		    "se", "complete", "reference", NULL);
	}
	buf_free(&table);
	nearest_free(&all);
	return i > 0;
}

static bool
do_expire(const struct options *o, struct refs *r, struct output *out)
{
	struct nearest all = { .asked = &o->fp };
	int64_t before = o->before, now;
	uint64_t n;

	if ((before == WHEN_NEVER) == (o->older == WHEN_NEVER))
		errx(EXIT_TROUBLE, "expire takes --before or --older");
	check(o, r, nearest_read(&all, r));
	now = o->now != WHEN_NEVER ? o->now : nearest_newest(&all);
	if (before == WHEN_NEVER)
		before = now < INT64_MIN + o->older ? INT64_MIN :
		    now - o->older;
	check(o, r, refs_expire(r, before, &n));
	output_header(out, "expired", NULL);
	output_u64(out, n);
	output_row(out);
	nearest_free(&all);
	return n > 0;
}

static const struct {
	const char *name;
	bool (*run)(const struct options *, struct refs *, struct output *);
	bool create, service;
} command[] = {
	{ "add", do_add, true, true },
	{ "match", do_match, false, true },
	{ "list", do_list, false, false },
	{ "expire", do_expire, false, false },
};

int
main(int argc, char *argv[])
{
	struct options o = { .top = 1, .limit = 8, .before = WHEN_NEVER,
		.older = WHEN_NEVER, .now = WHEN_NEVER,
		.fp = { .date = WHEN_NEVER } };
	struct output out;
	struct refs r;
	size_t i, n = sizeof(command) / sizeof(*command);
	bool found;

	cli_parse(&parser, argc, argv, &o);
	for (i = 0; i < n && o.cli.nfile > 0; i++)
		if (strcmp(o.cli.file[0], command[i].name) == 0)
			break;
	if (o.cli.nfile == 0)
		errx(EXIT_TROUBLE, "add, match, list or expire is required");
	if (i == n)
		errx(EXIT_TROUBLE, "'%s': not add, match, list or expire",
		    o.cli.file[0]);
	o.cli.file++;
	o.cli.nfile--;
	if (o.database == NULL)
		errx(EXIT_TROUBLE, "--database is required");
	if (command[i].service && o.fp.field[FP_SERVICE].n == 0)
		errx(EXIT_TROUBLE, "--service is required");
	check(&o, &r, refs_open(&r, o.database, command[i].create));
	cli_output(&out, &o.cli);
	found = command[i].run(&o, &r, &out);
	refs_close(&r);
	cli_finish(&out, &o.cli, found);
}
