/*
 * table-cat - copy the rows of resin-tsv(5) or CSV, through every layer of
 * lib/table, for its tests.  -k NAME and -n NAME ask for a column as a key or
 * as a size in bytes, so that its values are judged.
 */
#include "base/vec.h"
#include "cli/cli.h"

struct options {
	struct cli cli;
	struct input_column want[2];
	size_t nwant;
};

static const struct argp_option options[] = {
	{ "key", 'k', "NAME", 0, "a column that is a key", 0 },
	{ "bytes", 'n', "NAME", 0, "a column that is a size", 0 },
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
	case 'k':
		o->want[0].name = arg;
		return 0;
	case 'n':
		o->want[1].name = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE...]", "Copy the rows of a table.",
	cli_children, NULL, NULL
};

int
main(int argc, char *argv[])
{
	struct options o = { .want = { { "-", INPUT_OPTIONAL },
	    { "-", INPUT_OPTIONAL } } };
	struct input in;
	struct output out;

	cli_parse(&parser, argc, argv, &o);
	for (int i = 0; i < 2; i++)
		if (o.want[i].name[0] != '-')
			o.want[i].flags = 0;
	cli_open(&in, &o.cli, o.want, 2);
	input_carry(&in);
	cli_output(&out, &o.cli);
	for (int i = 0; i < 2; i++)
		if (!o.want[i].flags)
			output_str(&out, o.want[i].name);
	for (size_t i = 0; i < in.ncarry; i++)
		output_text(&out, in.carry[i]);
	output_row(&out);
	while (cli_next(&in)) {
		struct span name = { 0 };
		uint64_t bytes = 0;

		if (!o.want[0].flags)
			name = input_key(&in, 0);
		if (!o.want[1].flags)
			bytes = input_bytes(&in, 1);
		if (input_bad(&in))
			continue;
		if (!o.want[0].flags)
			output_text(&out, name);
		if (!o.want[1].flags)
			output_u64(&out, bytes);
		for (size_t i = 0; i < in.ncarry; i++)
			output_text(&out, input_carried(&in, i));
		output_row(&out);
	}
	cli_close(&in);
	cli_finish(&out, &o.cli, false);
}
