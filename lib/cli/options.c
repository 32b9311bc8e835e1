#include "cli/cli.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/*
 * The next file opened must not take the place of a standard one that is
 * closed: its number stays taken, and reading or writing it still fails.
 */
static void
keep_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY :
			    O_RDONLY);
}

static void
parse(const struct argp *argp, int argc, char **argv, unsigned flags,
    void *input)
{
	keep_standard_files();
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
