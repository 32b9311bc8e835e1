/*
 * resin-snapdiff - which stack leaks.
 * Snapshots of one process' heap go in, and of healthy ones as references; out
 * come the stacks that leak, each with the reason for its rank.
 * Memory: every distinct stack once, and a cell for each in each snapshot.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "heap/flame.h"
#include "heap/pprof_write.h"
#include "heap/rank.h"
#include "heap/series.h"
#include "heap/stack_table.h"
#include "heap/text.h"

struct options {
	struct cli cli;
	struct rank_options rank;
	VEC(char *) reference;
	int64_t from, to;	/* of the snapshots to look at */
	uint64_t top;		/* findings; 0: all */
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
	"Rank the stacks that leak, over two or more snapshots of a heap.",
	cli_children, NULL, NULL
};

enum { SNAPSHOT, TS, STACK, BYTES, COUNT, SE, COMPLETE, ADDR, NCOL };
static const struct input_column want[NCOL] = {
	{ "snapshot", INPUT_OPTIONAL }, { "ts", 0 }, { "stack", 0 },
	{ "bytes", 0 }, { "count", 0 }, { "se", INPUT_OPTIONAL },
	{ "complete", INPUT_OPTIONAL }, { "addr", INPUT_OPTIONAL },
};

static void
read_row(struct input *in, const struct options *o, struct series *s)
{
	struct series_snap at = { input_time(in, TS),
		input_bytes_or(in, SNAPSHOT, 0), !input_bytes_or(in, COMPLETE, 1) };
	struct span stack = input_key(in, STACK);
	double se = input_number_or(in, SE, 0), count = input_number(in, COUNT);
	uint64_t addr = input_bytes_or(in, ADDR, 0);
	struct series_cell cell = { input_bytes(in, BYTES), 0,
		series_var(se * se) };

	if (count < 0 || count > 0x1p53)
		input_fault(in, COUNT, "not a count");
	if (cell.bytes > UINT64_C(1) << 53)
		input_fault(in, BYTES, "more than any heap");
	if (input_bad(in) || at.ts < o->from || at.ts > o->to)
		return;
	cell.milli = (uint64_t)llround(count * 1000);
	s->has_var |= input_has(in, SE);
	series_add(s, at, stack, cell, addr);
}

static void
read_series(struct input *in, const struct options *o, struct series *s)
{
	while (cli_next(in))
		read_row(in, o, s);
	cli_close(in);
	series_finish(s);
}

static void
write_folded(struct output *out, const struct series *s)
{
	size_t i, n = s->snap.n;

	for (i = 0; n > 0 && i < s->n; i++) {
		struct span stack = series_stack(s, i);

		fwrite(stack.s, 1, stack.n, out->fp);
		fprintf(out->fp, " %ju %ju\n",
		    (uintmax_t)series_cells(s, i)[0].bytes,
		    (uintmax_t)series_cells(s, i)[n - 1].bytes);
	}
}

static void
write_form(struct output *out, const struct options *o, const struct series *s,
    const struct ranking *rank)
{
	struct buf b = { 0 };

	switch (o->form) {
	case KEY_FOLDED:
		write_folded(out, s);
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
	fwrite(b.s, 1, b.n, out->fp);
	buf_free(&b);
}

int
main(int argc, char *argv[])
{
	struct options o = { .from = INT64_MIN, .to = INT64_MAX };
	struct series s = { 0 }, *reference;
	struct ranking rank;
	struct input in;
	struct output out;
	size_t i;
	bool found;

	cli_parse(&parser, argc, argv, &o);
	cli_open(&in, &o.cli, want, NCOL);
	reference = mem_new(o.reference.n + 1, sizeof(*reference));
	read_series(&in, &o, &s);
	o.from = INT64_MIN;
	o.to = INT64_MAX;
	for (i = 0; i < o.reference.n; i++) {
		cli_open_file(&in, &o.cli, &o.reference.v[i], want, NCOL);
		read_series(&in, &o, &reference[i]);
	}
	if (s.snap.n == 1)
		errx(EXIT_TROUBLE, "one snapshot only: growth takes two");
	rank_stacks(&s, reference, o.reference.n, &o.rank, &rank);
	cli_output(&out, &o.cli);
	write_form(&out, &o, &s, &rank);
	found = rank.row.n > 0;
	rank_free(&rank);
	series_free(&s);
	for (i = 0; i < o.reference.n; i++)
		series_free(&reference[i]);
	free(reference);
	vec_free(&o.reference);
	cli_finish(&out, &o.cli, found);
}
