#ifndef RESIN_CLI_H
#define RESIN_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "table/input.h"
#include "table/output.h"

/*
 * cli - the manners all the tools share: one set of options for input and
 * output, one way to say what is wrong, one way to end.  The only room of lib/
 * besides base/fail.c that prints or exits.
 *
 * A tool's struct begins with a struct cli and its argp has `cli_children`:
 *
 *	struct options { struct cli cli; uint64_t top; };
 *
 *	static error_t
 *	parse_option(int key, char *arg, struct argp_state *state)
 *	{
 *		struct options *o = state->input;
 *
 *		switch (key) {
 *		case ARGP_KEY_INIT:
 *			state->child_inputs[0] = &o->cli;
 *			return 0;
 *		case 'n':
 *			o->top = cli_u64("--top", arg);
 *			return 0;
 *		}
 *		return ARGP_ERR_UNKNOWN;
 *	}
 */
struct cli {
	struct input_options in;
	struct output_options out;
	bool exit_code;		/* --exit-code: 1 when there is a finding */
	char **file;		/* operands */
	size_t nfile;
};

extern const struct argp_child cli_children[];
/* Of a tool that reads no table: the output's options alone, no operands. */
extern const struct argp_child cli_output_children[];

/* options.c: argp_parse() with our --version and exit status. */
void cli_parse(const struct argp *, int argc, char **argv, void *options);
/* For tools that run a program: options behind the first operand are its. */
void cli_parse_in_order(const struct argp *, int argc, char **argv,
    void *options);

/* argument.c: the argument, or "tool: --name 'arg': reason" and exit 2. */
uint64_t cli_u64(const char *name, const char *arg);
uint64_t cli_size(const char *name, const char *arg);
int64_t cli_duration(const char *name, const char *arg);
int64_t cli_period(const char *name, const char *arg);	/* longer than none */
int64_t cli_time(const char *name, const char *arg);
double cli_number(const char *name, const char *arg, double low, double high);

/* cli.c: input_open() and input_next() that end the tool on trouble. */
void cli_open(struct input *, const struct cli *, const struct input_column *,
    size_t nwant);
/* The same for a side file such as -t or -r, in the same dialect. */
void cli_open_file(struct input *, const struct cli *, char **file,
    const struct input_column *, size_t nwant);
/*
 * The manners for tables of our own tools, where an export is read beside them:
 * --csv, --map and --fields speak of the export.
 */
struct cli cli_beside(const struct cli *);
bool cli_end(struct input *);		/* false, if it ended well */

static inline bool
cli_next(struct input *in)
{
	return input_next(in) || cli_end(in);
}

void cli_close(struct input *);		/* says how many rows were rejected */

void cli_output(struct output *, const struct cli *);
/* Close the output, check stdout, exit: EXIT_FOUND only with --exit-code. */
_Noreturn void cli_finish(struct output *, const struct cli *, bool found);
/* The same with a status of the tool's own. */
_Noreturn void cli_finish_status(struct output *, const struct cli *,
    int status);

#endif
