/*
 * table-cat - copy the rows of resin-tsv(5) or CSV, through every layer of
 * lib/table, for its tests.  The options ask for a column as a value of one
 * kind, so that it is parsed, judged and printed again.
 */
#include "cli/cli.h"

enum kind { KEY, BYTES, TIME, NUMBER, NKIND };

struct options {
	struct cli cli;
	struct input_column want[NKIND];
};

static const struct argp_option options[] = {
	{ "key", 'k', "NAME", 0, "a column that is a key", 0 },
	{ "bytes", 'n', "NAME", 0, "a column that is a size", 0 },
	{ "time", 't', "NAME", 0, "a column that is a time", 0 },
	{ "number", 'd', "NAME", 0, "a column that is a number", 0 },
	{ 0 }
};

static error_t
want(struct options *o, enum kind kind, const char *name)
{
	o->want[kind] = (struct input_column){ name, 0 };
	return 0;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'k':
		return want(o, KEY, arg);
	case 'n':
		return want(o, BYTES, arg);
	case 't':
		return want(o, TIME, arg);
	case 'd':
		return want(o, NUMBER, arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE...]", "Copy the rows of a table.",
	cli_children, NULL, NULL
};

static bool
asked(const struct options *o, enum kind kind)
{
	return !(o->want[kind].flags & INPUT_OPTIONAL);
}

static void
copy_row(const struct options *o, struct input *in, struct output *out)
{
	struct span key = asked(o, KEY) ? input_key(in, KEY) : SPAN("");
	uint64_t bytes = asked(o, BYTES) ? input_bytes(in, BYTES) : 0;
	int64_t time = asked(o, TIME) ? input_time(in, TIME) : 0;
	double number = asked(o, NUMBER) ? input_number(in, NUMBER) : 0;

	if (input_bad(in))
		return;
	if (asked(o, KEY))
		output_text(out, key);
	if (asked(o, BYTES))
		output_u64(out, bytes);
	if (asked(o, TIME))
		output_time(out, time);
	if (asked(o, NUMBER))
		output_number(out, number);
	for (size_t i = 0; i < in->ncarry; i++)
		output_text(out, input_carried(in, i));
	output_row(out);
}

int
main(int argc, char *argv[])
{
	struct options o = { 0 };
	struct input in;
	struct output out;

	for (enum kind k = 0; k < NKIND; k++)
		o.want[k] = (struct input_column){ "\t", INPUT_OPTIONAL };
	cli_parse(&parser, argc, argv, &o);
	cli_open(&in, &o.cli, o.want, NKIND);
	input_carry(&in);
	cli_output(&out, &o.cli);
	for (enum kind k = 0; k < NKIND; k++)
		if (asked(&o, k))
			output_str(&out, o.want[k].name);
	for (size_t i = 0; i < in.ncarry; i++)
		output_text(&out, in.carry[i]);
	output_row(&out);
	while (cli_next(&in))
		copy_row(&o, &in, &out);
	cli_close(&in);
	cli_finish(&out, &o.cli, false);
}
