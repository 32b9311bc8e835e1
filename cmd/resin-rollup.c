/*
 * resin-rollup - samples of any interval in; out, the mean of each process in
 * each window, without extreme outliers.  Memory is proportional to the samples
 * of the open windows.
 */
#include <err.h>
#include <string.h>

#include "base/num.h"
#include "cli/cli.h"
#include "leak/rollup.h"
#include "leak/rollup_input.h"

enum { OPT_LATENESS = 256 };

struct options {
	struct cli cli;
	struct windows_options windows;
};

static const struct argp_option option_table[] = {
	{ "window", 'w', "DURATION", 0, "width of a window (1h)", 0 },
	{ "lateness", OPT_LATENESS, "DURATION|all", 0,
	    "how late a row may come; all: hold every window (0; all for "
	    "several files)", 0 },
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
	case OPT_LATENESS:
		o->windows.lateness = strcmp(arg, "all") == 0 ? LATENESS_ALL :
		    cli_duration("--lateness", arg);
		return 0;
	case 'w':
		o->windows.width = cli_duration("--window", arg);
		if (o->windows.width <= 0)
			errx(EXIT_TROUBLE, "--window '%s': not above 0", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	option_table, parse_option, "[FILE...]",
	"Average the samples of each process over windows of time.",
	cli_children, NULL, NULL
};

struct writer {
	struct output out;
	bool pid, start;		/* the input has these columns */
	size_t nattribute;
};

static void
write_header(struct writer *w, const struct input *in)
{
	w->pid = in->at[ROLLUP_PID] != -1;
	w->start = in->at[ROLLUP_START] != -1;
	w->nattribute = in->ncarry;
	output_str(&w->out, "ts");
	output_str(&w->out, "component");
	output_str(&w->out, "node");
	output_str(&w->out, "usage");
	if (w->pid)
		output_str(&w->out, "pid");
	if (w->start)
		output_str(&w->out, "start");
	for (size_t i = 0; i < in->ncarry; i++)
		output_text(&w->out, in->carry[i]);
	output_row(&w->out);
}

static void
write_attributes(struct writer *w, struct span joined)
{
	if (w->nattribute == 1) {
		output_text(&w->out, joined);
		return;
	}
	for (size_t i = 0; i < w->nattribute; i++) {
		const char *nul = memchr(joined.s, '\0', joined.n);
		size_t n = nul != NULL ? (size_t)(nul - joined.s) : joined.n;

		output_text(&w->out, (struct span){ joined.s, n });
		if (nul != NULL)
			joined = (struct span){ nul + 1, joined.n - n - 1 };
	}
}

static void
write_row(void *arg, const struct rollup_row *row)
{
	struct writer *w = arg;

	if (row == NULL) {
		output_release(&w->out);
		return;
	}
	output_time(&w->out, row->ts);
	output_text(&w->out, row->component);
	output_text(&w->out, row->node);
	output_u64(&w->out, row->usage);
	if (w->pid && row->pid == ROLLUP_NO_PID)
		output_none(&w->out);
	else if (w->pid)
		output_u64(&w->out, row->pid);
	if (w->start)
		output_time(&w->out, row->start);
	write_attributes(w, row->attributes);
	output_row(&w->out);
}

static void
average(struct options *o, struct writer *w)
{
	struct rollup r;
	struct input in;

	cli_open(&in, &o->cli, rollup_columns, ROLLUP_COLUMNS);
	input_carry(&in);
	cli_output(&w->out, &o->cli);
	write_header(w, &in);
	output_gather(&w->out);
	rollup_init(&r, &o->windows, write_row, w);
	rollup_read(&r, &in);
	cli_close(&in);
	rollup_end(&r);
	rollup_free(&r);
}

int
main(int argc, char *argv[])
{
	struct options o = { .windows = { WHEN_HOUR, -1 } };
	struct writer w = { 0 };

	cli_parse(&parser, argc, argv, &o);
	if (o.windows.lateness == -1)
		o.windows.lateness = o.cli.nfile > 1 ? LATENESS_ALL : 0;
	average(&o, &w);
	cli_finish(&w.out, &o.cli, false);
}
