#include "cli/cli.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

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
