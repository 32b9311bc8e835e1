#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/when.h"
#include "cli/cli.h"
#include "table/names.h"

#define VERSION "0.1"

enum {
	OPT_CSV = 0x1000, OPT_ESCAPE, OPT_MAP, OPT_FIELDS, OPT_REJECT,
	OPT_ALLOW_EMPTY, OPT_RFC3339, OPT_LINE_BUFFERED, OPT_EXIT_CODE,
};

static const struct argp_option input_options[] = {
	{ NULL, 0, NULL, 0, "Input:", 100 },
	{ "csv", OPT_CSV, NULL, 0, "input is CSV, whatever its name", 0 },
	{ "map", OPT_MAP, "NAME=COLUMN,...", 0,
	    "columns that the input calls otherwise", 0 },
	{ "fields", OPT_FIELDS, "NAME,...", 0,
	    "the columns of input without a header", 0 },
	{ "reject", OPT_REJECT, "FILE", 0,
	    "put bad rows into FILE and go on", 0 },
	{ "allow-empty", OPT_ALLOW_EMPTY, NULL, 0,
	    "zero bytes of input are not trouble", 0 },
	{ "exit-code", OPT_EXIT_CODE, NULL, 0,
	    "exit 1 if there is a finding", 0 },
	{ 0 }
};

static const struct argp_option output_options[] = {
	{ NULL, 0, NULL, 0, "Output:", 101 },
	{ "escape", OPT_ESCAPE, NULL, 0,
	    "\\t \\n \\r \\\\ and \\N, in input too", 0 },
	{ "output", 'o', "FILE", 0, "write FILE, whole or not at all", 0 },
	{ "rfc3339", OPT_RFC3339, NULL, 0,
	    "times as 2021-01-01T00:00:00Z", 0 },
	{ "line-buffered", OPT_LINE_BUFFERED, NULL, 0,
	    "write each row at once", 0 },
	{ 0 }
};

/* The file begins anew; the inputs append to it. */
static void
empty_file(const char *path)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fclose(f) == EOF)
		err(EXIT_TROUBLE, "--reject %s", path);
}

static error_t
parse_input(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;
	const char *bad;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = cli;
		return 0;
	case OPT_CSV:
		cli->in.csv = true;
		return 0;
	case OPT_MAP:
		if ((bad = names_check_map(arg)) != NULL)
			errx(EXIT_TROUBLE, "--map '%s': %s", arg, bad);
		cli->in.map = arg;
		return 0;
	case OPT_FIELDS:
		cli->in.fields = arg;
		return 0;
	case OPT_REJECT:
		cli->in.reject = arg;
		return 0;
	case OPT_ALLOW_EMPTY:
		cli->in.allow_empty = true;
		return 0;
	case OPT_EXIT_CODE:
		cli->exit_code = true;
		return 0;
	case ARGP_KEY_ARGS:
		cli->file = state->argv + state->next;
		cli->nfile = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_SUCCESS:
		if (cli->in.reject != NULL)
			empty_file(cli->in.reject);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t
parse_output(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPT_ESCAPE:
		cli->in.escape = cli->out.escape = true;
		return 0;
	case 'o':
		cli->out.path = arg;
		return 0;
	case OPT_RFC3339:
		cli->out.rfc3339 = true;
		return 0;
	case OPT_LINE_BUFFERED:
		cli->out.line_buffered = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp output_child = { output_options, parse_output, NULL,
	NULL, NULL, NULL, NULL };

const struct argp_child cli_output_children[] = {
	{ &output_child, 0, NULL, 0 },
	{ 0 }
};

static const struct argp input_child = { input_options, parse_input, NULL,
	NULL, cli_output_children, NULL, NULL };

const struct argp_child cli_children[] = {
	{ &input_child, 0, NULL, 0 },
	{ 0 }
};

static void
print_version(FILE *f, struct argp_state *state)
{
	(void)state;
	fprintf(f, "%s (resin) %s\n", program_invocation_short_name, VERSION);
}

/* --help and --version print and exit inside argp, and must not lose it. */
static bool parsing;

static void
check_help(void)
{
	if (parsing && (fflush(stdout) == EOF || ferror(stdout))) {
		warn("write <stdout>");
		_exit(EXIT_TROUBLE);
	}
}

static void
parse(const struct argp *argp, int argc, char **argv, unsigned flags,
    void *input)
{
	argp_err_exit_status = EXIT_TROUBLE;
	argp_program_version_hook = print_version;
	atexit(check_help);
	parsing = true;
	/* Messages begin with the tool's name, not with its path. */
	if (argc > 0)
		argv[0] = program_invocation_short_name;
	argp_parse(argp, argc, argv, flags, NULL, input);
	parsing = false;
}

void
cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	parse(argp, argc, argv, 0, input);
}

void
cli_parse_in_order(const struct argp *argp, int argc, char **argv,
    void *input)
{
	parse(argp, argc, argv, ARGP_IN_ORDER, input);
}

static _Noreturn void
bad_argument(const char *name, const char *arg, const char *reason)
{
	errx(EXIT_TROUBLE, "%s '%s': %s", name, arg, reason);
}

uint64_t
cli_u64(const char *name, const char *arg)
{
	uint64_t v;
	const char *bad = num_u64(span_of(arg), &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	return v;
}

uint64_t
cli_size(const char *name, const char *arg)
{
	uint64_t v;
	const char *bad = num_size(arg, &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	return v;
}

int64_t
cli_duration(const char *name, const char *arg)
{
	int64_t v;
	const char *bad = num_duration(arg, &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	return v;
}

int64_t
cli_period(const char *name, const char *arg)
{
	int64_t v = cli_duration(name, arg);

	if (v <= 0)
		bad_argument(name, arg, "not positive");
	return v;
}

int64_t
cli_time(const char *name, const char *arg)
{
	int64_t v;
	const char *bad = when_parse(span_of(arg), &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	return v;
}

double
cli_number(const char *name, const char *arg, double low, double high)
{
	double v;
	const char *bad = num_parse(span_of(arg), &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	if (v < low || v > high)
		errx(EXIT_TROUBLE, "%s '%s': not between %g and %g", name, arg,
		    low, high);
	return v;
}

static void
check_input(struct input *in)
{
	if (input_why(in) != NULL)
		errx(EXIT_TROUBLE, "%s", input_why(in));
}

void
cli_open_file(struct input *in, const struct cli *cli, char **file,
    const struct input_column *want, size_t nwant)
{
	input_open(in, &cli->in, file, 1, want, nwant);
	check_input(in);
}

void
cli_open(struct input *in, const struct cli *cli,
    const struct input_column *want, size_t nwant)
{
	if (cli->nfile == 0 && isatty(STDIN_FILENO))
		warnx("reading rows from the terminal; --help tells more");
	input_open(in, &cli->in, cli->file, cli->nfile, want, nwant);
	check_input(in);
}

struct cli
cli_beside(const struct cli *cli)
{
	struct cli beside = *cli;

	beside.in.csv = false;
	beside.in.map = beside.in.fields = NULL;
	return beside;
}

bool
cli_end(struct input *in)
{
	check_input(in);
	return false;
}

void
cli_close(struct input *in)
{
	check_input(in);
	if (in->rejected > 0)
		warnx("%zu bad row%s put into %s", in->rejected,
		    in->rejected == 1 ? "" : "s", in->options->reject);
	input_close(in);
}

/* A tool that ends in trouble leaves no temporary file behind. */
static struct output *unfinished;

static void
abort_output(void)
{
	if (unfinished != NULL)
		output_abort(unfinished);
}

/* Nor does one that is told to stop; it dies of the signal as it would have. */
static char *temporary;

static void
remove_temporary(int number)
{
	unlink(temporary);
	raise(number);
}

static void
remove_when_killed(const struct output *out)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction was, how = { .sa_handler = remove_temporary,
		.sa_flags = (int)SA_RESETHAND };

	if (out->whole.temp == NULL)
		return;
	free(temporary);
	temporary = mem_copy(out->whole.temp, strlen(out->whole.temp));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (sigaction(numbers[i], NULL, &was) == 0 &&
		    was.sa_handler == SIG_DFL)
			sigaction(numbers[i], &how, NULL);
}

void
cli_output(struct output *out, const struct cli *cli)
{
	if (output_open(out, &cli->out) == -1)
		err(EXIT_TROUBLE, "%s", cli->out.path);
	if (cli->out.path != NULL && unfinished == NULL)
		atexit(abort_output);
	unfinished = out;
	remove_when_killed(out);
}

_Noreturn void
cli_finish_status(struct output *out, const struct cli *cli, int status)
{
	unfinished = NULL;
	if (output_close(out) == -1)
		err(EXIT_TROUBLE, "write %s", cli->out.path != NULL ?
		    cli->out.path : "<stdout>");
	finish(status);
}

_Noreturn void
cli_finish(struct output *out, const struct cli *cli, bool found)
{
	cli_finish_status(out, cli,
	    cli->exit_code && found ? EXIT_FOUND : EXIT_OK);
}
