/*
 * resin-snapdiff - which stack leaks.
 * Snapshots of one process' heap go in, or the dumps themselves, and snapshots
 * of healthy ones as references; out come the stacks that leak, each with the
 * reason for its rank.
 * Memory: every distinct stack once, and a cell for each in each snapshot.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "heap/dump_series.h"
#include "heap/flame.h"
#include "heap/pprof_write.h"
#include "heap/rank.h"
#include "heap/series.h"
#include "heap/snapshots.h"
#include "heap/stack_table.h"
#include "heap/text.h"

struct options {
	struct cli cli;
	struct rank_options rank;
	VEC(char *) reference;
	int64_t from, to;	/* of the snapshots to look at */
	uint64_t top;		/* findings; 0: all */
	const char *modules;	/* file for -m */
	int form;		/* of the output: a key, 0: the table */
};

enum { KEY_ALL = 256, KEY_THRESHOLD, KEY_FOLDED, KEY_PPROF, KEY_REPORT,
	KEY_SVG };

static const struct argp_option options[] = {
	{ "all", KEY_ALL, NULL, 0,
	    "every stack that grew, whatever its score", 0 },
	{ "folded", KEY_FOLDED, NULL, 0,
	    "every stack with its bytes before and after, for flame graphs",
	    0 },
	{ "growth", 'g', "BYTES", 0, "how much the process grew", 0 },
	{ "modules", 'm', "FILE", 0,
	    "of dumps: write their programs and libraries to FILE", 0 },
	{ "pattern", 'p', "NAME", 0,
	    "how it grew: steady, stair or spike", 0 },
	{ "pprof", KEY_PPROF, NULL, 0,
	    "the growth as a profile.proto, for pprof", 0 },
	{ "reference", 'r', "FILE", 0,
	    "snapshots of a healthy process (may be repeated)", 0 },
	{ "report", KEY_REPORT, NULL, 0, "a screen of text for people", 0 },
	{ "svg", KEY_SVG, NULL, 0, "a differential flame graph", 0 },
	{ "threshold", KEY_THRESHOLD, "BYTES", 0,
	    "list what scores more (default 0)", 0 },
	{ "top", 'n', "N", 0, "no more than N findings", 0 },
	{ "window", 'w', "FROM,TO", 0,
	    "only the snapshots between two times", 0 },
	{ 0 }
};

static enum rank_pattern
pattern(const char *arg)
{
	static const char *const name[] = { "steady", "stair", "spike" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (strcmp(arg, name[i]) == 0)
			return (enum rank_pattern)(i + RANK_IS_STEADY);
	errx(EXIT_TROUBLE, "--pattern '%s': not steady, stair or spike", arg);
}

/* FROM,TO; either may be left out. */
static void
window(struct options *o, const char *arg)
{
	const char *comma = strchr(arg, ',');
	char *from;

	if (comma == NULL)
		errx(EXIT_TROUBLE, "--window '%s': not FROM,TO", arg);
	from = mem_copy(arg, (size_t)(comma - arg));
	if (*from != '\0')
		o->from = cli_time("--window", from);
	if (comma[1] != '\0')
		o->to = cli_time("--window", comma + 1);
	free(from);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case KEY_ALL:
		o->rank.all = true;
		return 0;
	case 'g':
		o->rank.growth = (double)cli_size("--growth", arg);
		return 0;
	case 'm':
		o->modules = arg;
		return 0;
	case 'p':
		o->rank.pattern = pattern(arg);
		return 0;
	case 'r':
		vec_push(&o->reference, arg);
		return 0;
	case KEY_THRESHOLD:
		o->rank.threshold = (double)cli_size("--threshold", arg);
		return 0;
	case 'n':
		o->top = cli_u64("--top", arg);
		return 0;
	case 'w':
		window(o, arg);
		return 0;
	case KEY_FOLDED:
	case KEY_PPROF:
	case KEY_REPORT:
	case KEY_SVG:
		if (o->form != 0 && o->form != key)
			errx(EXIT_TROUBLE, "one of --folded, --pprof, "
			    "--report and --svg");
		o->form = key;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE...]",
	"Rank the stacks that leak, over two or more snapshots or dumps of a "
	"heap.",
	cli_children, NULL, NULL
};

static void
read_dumps(const struct options *o, struct series *s)
{
	struct dump_series d = { .series = s, .from = o->from, .to = o->to };
	bool ok = dump_series_read(&d, o->cli.file, o->cli.nfile);

	for (size_t i = 0; i < d.dumps.warning.n; i++)
		warnx("warning: %s", d.dumps.warning.v[i]);
	if (!ok)
		errx(EXIT_TROUBLE, "%s", buf_cstr(&d.dumps.why));
	if (o->modules != NULL &&
	    module_list_save(&d.dumps.modules, o->modules) == -1)
		err(EXIT_TROUBLE, "%s", o->modules);
	dump_series_free(&d);
}

static void
read_table(const struct options *o, struct series *s)
{
	struct input in;

	if (o->modules != NULL)
		errx(EXIT_TROUBLE, "--modules: the input is no heap dump; "
		    "resin-snap --modules writes them");
	cli_open(&in, &o->cli, snapshot_columns, SNAPSHOT_COLUMNS);
	while (cli_next(&in))
		snapshots_take(&in, o->from, o->to, s);
	cli_close(&in);
}

static void
read_series(const struct options *o, struct series *s)
{
	if (o->cli.nfile > 0 && dump_series_is(o->cli.file[0]))
		read_dumps(o, s);
	else
		read_table(o, s);
	s->keep_end = o->to != INT64_MAX;
	series_finish(s);
	if (s->snap.n == 1)
		errx(EXIT_TROUBLE, "one snapshot only: growth takes two");
	if (s->ended > 0)
		warnx("warning: the last %zu of the snapshots left out: "
		    "most of the heap goes, as at a process' end "
		    "(see --window)", s->ended);
}

struct references {
	struct intern name;	/* file and column `reference` */
	VEC(struct series) list;
};

/* A file is one reference, or where it has the column, one for each value. */
static void
read_reference(const struct options *o, char **file, struct references *refs)
{
	struct buf name = { 0 };
	struct input in;
	uint32_t id;

	cli_open_file(&in, &o->cli, file, snapshot_columns, SNAPSHOT_COLUMNS);
	while (cli_next(&in)) {
		name.n = 0;
		buf_printf(&name, "%s\t", *file);
		buf_span(&name, input_text(&in, SNAPSHOT_REFERENCE));
		id = intern_id(&refs->name, buf_view(&name));
		if (id == refs->list.n)
			vec_push(&refs->list, (struct series){ 0 });
		snapshots_take(&in, INT64_MIN, INT64_MAX, &refs->list.v[id]);
	}
	cli_close(&in);
	buf_free(&name);
}

/* All of them; one that cannot show growth is left out, and that is said. */
static void
read_references(const struct options *o, struct references *refs)
{
	size_t i, n = 0;

	for (i = 0; i < o->reference.n; i++)
		read_reference(o, &o->reference.v[i], refs);
	for (i = 0; i < refs->list.n; i++) {
		series_finish(&refs->list.v[i]);
		if (refs->list.v[i].snap.n > 1)
			refs->list.v[n++] = refs->list.v[i];
		else
			series_free(&refs->list.v[i]);
	}
	refs->list.n = n;
	if (n == 0 && o->reference.n > 0)
		warnx("no reference has two snapshots: going on without");
}

static void
write_form(struct output *out, const struct options *o, const struct series *s,
    const struct ranking *rank)
{
	struct buf b = { 0 };

	switch (o->form) {
	case KEY_FOLDED:
		stack_folded(out, s);
		break;
	case KEY_PPROF:
		if (!pprof_write(s, &b))
			errx(EXIT_TROUBLE, "--pprof: too much for zlib");
		break;
	case KEY_REPORT:
		text_report(s, rank, o->rank.growth, o->top, &b);
		break;
	case KEY_SVG:
		flame_svg(s, &b);
		break;
	default:
		stack_table(out, s, rank, o->rank.growth, o->top);
	}
	if (b.n > 0)
		fwrite(b.s, 1, b.n, out->fp);
	buf_free(&b);
}

int
main(int argc, char *argv[])
{
	struct options o = { .from = INT64_MIN, .to = INT64_MAX };
	struct series s = { 0 };
	struct references refs = { 0 };
	struct ranking rank;
	struct output out;
	bool found;

	cli_parse(&parser, argc, argv, &o);
	read_series(&o, &s);
	read_references(&o, &refs);
	rank_stacks(&s, refs.list.v, refs.list.n, &o.rank, &rank);
	cli_output(&out, &o.cli);
	write_form(&out, &o, &s, &rank);
	found = rank.row.n > 0;
	rank_free(&rank);
	series_free(&s);
	while (refs.list.n > 0)
		series_free(&refs.list.v[--refs.list.n]);
	vec_free(&refs.list);
	intern_free(&refs.name);
	vec_free(&o.reference);
	cli_finish(&out, &o.cli, found);
}
