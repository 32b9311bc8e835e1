/*
 * resin-bucket - telemetry in; out, for each window, component and size bucket,
 * the number of distinct nodes at or above it.  Memory is proportional to the
 * (component, node) pairs of the open windows; with --merge to the parts.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "cli/cli.h"
#include "leak/bucket.h"
#include "leak/bucket_input.h"
#include "leak/bucket_jobs.h"
#include "leak/bucket_merge.h"
#include "leak/bucket_shards.h"
#include "leak/bucket_write.h"

enum { OPT_EDGES = 256, OPT_LATENESS, OPT_MERGE, OPT_SHARDS, OPT_SUM };

struct options {
	struct cli cli;
	struct bucket_options bucket;
	struct edges edges;
	VEC(struct input_column) want;	/* the fixed ones, then --by's */
	bool merge;
	const char *shards;
	uint64_t jobs;
};

static const struct argp_option option_table[] = {
	{ "window", 'w', "DURATION", 0, "width of a window (1h)", 0 },
	{ "edges", OPT_EDGES, "EDGES", 0,
	    "size buckets: paper, N/octave or 50M,100M,... (4/octave)", 0 },
	{ "by", 'b', "NAME,...", 0,
	    "count apart for each value of these columns", 0 },
	{ "sum", OPT_SUM, NULL, 0,
	    "bucket a node by the sum of its processes, not the largest", 0 },
	{ "lateness", OPT_LATENESS, "DURATION|all", 0,
	    "how late a row may come; all: hold every window (0; all for "
	    "several files)", 0 },
	{ "jobs", 'j', "N", 0, "count a file with N threads (1)", 0 },
	{ "merge", OPT_MERGE, NULL, 0,
	    "add tables that were counted from disjoint nodes", 0 },
	{ "expect-shards", OPT_SHARDS, "FILE", 0,
	    "merge only if every name in FILE is an operand", 0 },
	{ 0 }
};

static bool
is_ours(const char *name)
{
	return strcmp(name, "bucket") == 0 || strcmp(name, "nodes") == 0 ||
	    strcmp(name, "window") == 0 || strcmp(name, "edges") == 0;
}

static void
add_columns(struct options *o, char *names)
{
	for (char *save, *name = strtok_r(names, ",", &save); name != NULL;
	    name = strtok_r(NULL, ",", &save)) {
		bool used = is_ours(name);

		for (size_t i = 0; i < o->want.n; i++)
			used |= strcmp(o->want.v[i].name, name) == 0;
		if (used)
			errx(EXIT_TROUBLE, "--by '%s': used already", name);
		vec_push(&o->want, (struct input_column){ name, 0 });
	}
	if (o->want.n == BUCKET_COLUMNS)
		errx(EXIT_TROUBLE, "--by '': no names");
}

static void
set_edges(struct options *o, const char *spec)
{
	const char *why;

	edges_free(&o->edges);
	if ((why = edges_parse(&o->edges, spec)) != NULL)
		errx(EXIT_TROUBLE, "--edges '%s': %s", spec, why);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct windows_options *windows = &o->bucket.windows;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'b':
		add_columns(o, arg);
		return 0;
	case OPT_EDGES:
		set_edges(o, arg);
		return 0;
	case OPT_LATENESS:
		windows->lateness = strcmp(arg, "all") == 0 ? LATENESS_ALL :
		    cli_duration("--lateness", arg);
		return 0;
	case 'j':
		o->jobs = cli_u64("--jobs", arg);
		if (o->jobs < 1 || o->jobs > 64)
			errx(EXIT_TROUBLE, "--jobs '%s': not 1 to 64", arg);
		return 0;
	case OPT_MERGE:
		o->merge = true;
		return 0;
	case OPT_SHARDS:
		o->shards = arg;
		return 0;
	case OPT_SUM:
		o->bucket.sum = true;
		return 0;
	case 'w':
		windows->width = cli_duration("--window", arg);
		if (windows->width <= 0)
			errx(EXIT_TROUBLE, "--window '%s': not above 0", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	option_table, parse_option, "[FILE...]",
	"Count the distinct nodes in each window, component and size bucket.",
	cli_children, NULL, NULL
};

/* What threads have written already is not written again. */
struct resume {
	struct bucket_writer *writer;
	int64_t written;
};

static void
put_rest(void *arg, int64_t start, struct span group, const uint64_t *nodes)
{
	const struct resume *r = arg;

	if (r->written == WHEN_NEVER || start > r->written)
		bucket_write_group(r->writer, start, group, nodes);
}

static bool
count_in_threads(struct options *o, struct bucket_writer *w, int64_t *written)
{
	struct bucket_jobs jobs = {
		.input = &o->cli.in,
		.file = o->cli.nfile == 1 ? o->cli.file[0] : NULL,
		.want = o->want.v,
		.nwant = o->want.n,
		.bucket = &o->bucket,
		.writer = w,
		.threads = (unsigned)o->jobs,
	};

	return o->jobs > 1 && jobs.file != NULL &&
	    strcmp(jobs.file, "-") != 0 && o->cli.in.reject == NULL &&
	    o->bucket.windows.lateness == 0 && bucket_jobs(&jobs, written);
}

static void
count(struct options *o, struct bucket_writer *w, struct output *out)
{
	size_t nby = o->want.n - BUCKET_COLUMNS;
	struct span *by = mem_new(nby, sizeof(*by));
	struct resume rest = { .writer = w, .written = WHEN_NEVER };
	struct bucket b;
	struct input in;
	char window[NUM_MAX];
	const char *why;

	w->window = (struct span){ window, num_print(window,
	    when_seconds(o->bucket.windows.width)) };
	w->edges = &o->edges;
	w->edges_text = span_of(o->edges.text);
	for (size_t i = 0; i < nby; i++)
		by[i] = span_of(o->want.v[BUCKET_COLUMNS + i].name);
	cli_open(&in, &o->cli, o->want.v, o->want.n);
	cli_output(out, &o->cli);
	bucket_write_header(out, by, nby);
	if (!count_in_threads(o, w, &rest.written)) {
		bucket_init(&b, &o->bucket, put_rest, &rest);
		bucket_read(&b, &in);
		cli_close(&in);
		if ((why = bucket_end(&b)) != NULL)
			errx(EXIT_TROUBLE, "%s", why);
		bucket_free(&b);
	} else
		cli_close(&in);
	free(by);
}

static void
add_parts(struct merge *m, struct bucket_writer *w)
{
	struct merge_row row;
	struct input *in;
	const char *why;

	while (merge_next(m, &row)) {
		w->window = buf_view(&m->window_text);
		w->edges_text = buf_view(&m->edges_text);
		bucket_write_row(w, row.ts, row.key, row.bucket, row.nodes);
	}
	why = merge_why(m, &in);
	if (why != NULL && in != NULL)
		errx(EXIT_TROUBLE, "%s: %s", input_name(in), why);
	if (why != NULL)
		errx(EXIT_TROUBLE, "%s", why);
	for (size_t i = 0; i < m->npart; i++)
		cli_close(&m->part[i].in);
}

static void
check_shards(const struct options *o)
{
	struct buf missing = { 0 };

	switch (shards_check(o->shards, o->cli.file, o->cli.nfile, &missing)) {
	case -1:
		err(EXIT_TROUBLE, "%s", o->shards);
	case 0:
		errx(EXIT_TROUBLE, "%s: not among the parts: '%s'", o->shards,
		    buf_cstr(&missing));
	}
}

static void
merge(struct options *o, struct bucket_writer *w, struct output *out)
{
	static char *standard_input[] = { "-" };
	char **file = o->cli.nfile > 0 ? o->cli.file : standard_input;
	size_t n = o->cli.nfile > 0 ? o->cli.nfile : 1;
	struct merge_part *part;
	struct merge m;

	if (o->shards != NULL)
		check_shards(o);
	part = mem_new(n, sizeof(*part));
	for (size_t i = 0; i < n; i++) {
		cli_open_file(&part[i].in, &o->cli, &file[i], merge_columns,
		    MERGE_COLUMNS);
		input_carry(&part[i].in);
	}
	cli_output(out, &o->cli);
	bucket_write_header(out, part[0].in.carry, part[0].in.ncarry);
	merge_init(&m, part, n);
	add_parts(&m, w);
	merge_free(&m);
	free(part);
}

int
main(int argc, char *argv[])
{
	struct options o = { .bucket.windows = { WHEN_HOUR, -1 } };
	struct output out;
	struct bucket_writer w = { .out = &out };

	for (size_t i = 0; i < BUCKET_COLUMNS; i++)
		vec_push(&o.want, bucket_columns[i]);
	set_edges(&o, "4/octave");
	cli_parse(&parser, argc, argv, &o);
	if (o.shards != NULL && !o.merge)
		errx(EXIT_TROUBLE, "--expect-shards goes with --merge");
	o.bucket.edges = &o.edges;
	if (o.bucket.windows.lateness == -1)
		o.bucket.windows.lateness = o.cli.nfile > 1 ? LATENESS_ALL : 0;
	if (o.merge)
		merge(&o, &w, &out);
	else
		count(&o, &w, &out);
	bucket_writer_free(&w);
	edges_free(&o.edges);
	vec_free(&o.want);
	cli_finish(&out, &o.cli, false);
}
