/*
 * gandalf-sign - failure messages into signatures.
 * Rows with a message in; the same rows with a signature out.  Memory is that
 * of the input, or with --templates that of the distinct masked messages.
 */
#include <err.h>

#include "cli/cli.h"
#include "gandalf/forms.h"
#include "gandalf/hold.h"
#include "gandalf/mask.h"
#include "gandalf/signature.h"
#include "gandalf/token.h"
#include "gandalf/weights.h"

struct options {
	struct cli cli;
	char *templates, *weights;
	bool partial, merge;
};

enum { OPT_TEMPLATES = 0x100, OPT_WEIGHTS, OPT_PARTIAL, OPT_MERGE };

static const struct argp_option options[] = {
	{ "templates", OPT_TEMPLATES, "FILE", 0,
	    "know these forms and write rows as they come", 0 },
	{ "weights", OPT_WEIGHTS, "FILE", 0,
	    "signature weight: 0 (ignore) to 100", 0 },
	{ "partial", OPT_PARTIAL, NULL, 0,
	    "write the masked forms and their counts", 0 },
	{ "merge", OPT_MERGE, NULL, 0, "add up forms that --partial wrote", 0 },
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
	case OPT_TEMPLATES:
		o->templates = arg;
		return 0;
	case OPT_WEIGHTS:
		o->weights = arg;
		return 0;
	case OPT_PARTIAL:
		o->partial = true;
		return 0;
	case OPT_MERGE:
		o->merge = true;
		return 0;
	case ARGP_KEY_END:
		if ((o->partial || o->merge) &&
		    (o->templates != NULL || o->weights != NULL))
			errx(EXIT_TROUBLE, "--partial and --merge: without "
			    "--templates and --weights");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

enum { MESSAGE, CODE, NCOL };
static const struct input_column want[NCOL] = {
	{ "message", 0 }, { "code", INPUT_OPTIONAL },
};

/* A code that is a column of its own stays as it is, in front. */
static void
mask_row(struct buf *form, struct input *in)
{
	struct span code = input_text(in, CODE);

	form->n = 0;
	if (code.n > 0) {
		buf_span(form, code);
		buf_char(form, TOKEN_SEPARATOR);
		buf_char(form, ' ');
		buf_char(form, TOKEN_SEPARATOR);
	}
	mask_message(form, input_text(in, MESSAGE));
}

static void
write_header(struct input *in, const struct options *o, struct output *out)
{
	for (size_t i = 0; i < in->ncarry; i++)
		output_text(out, in->carry[i]);
	output_header(out, "signature", "message", o->weights != NULL ?
	    "weight" : NULL, NULL);
}

/* What is behind the carried columns. */
static void
write_signature(struct signatures *s, const struct weights *w,
    const struct options *o, struct span message, struct span form,
    struct output *out)
{
	struct span text = signature_of(s, form);

	output_text(out, text);
	output_text(out, message);
	if (o->weights != NULL)
		output_number(out, weights_of(w, text));
	output_row(out);
}

/* The forms are known: a row out for a row in. */
static void
sign_rows(struct signatures *s, const struct weights *w,
    const struct options *o, struct output *out)
{
	struct buf form = { 0 };
	struct input in;

	cli_open(&in, &o->cli, want, NCOL);
	input_carry(&in);
	write_header(&in, o, out);
	while (cli_next(&in)) {
		mask_row(&form, &in);
		if (input_bad(&in))
			continue;
		for (size_t i = 0; i < in.ncarry; i++)
			output_text(out, input_carried(&in, i));
		write_signature(s, w, o, input_text(&in, MESSAGE),
		    buf_view(&form), out);
	}
	cli_close(&in);
	buf_free(&form);
}

/* Reads all the rows, learns from them, and writes them. */
static void
learn_rows(struct signatures *s, const struct weights *w,
    const struct options *o, struct output *out)
{
	struct hold rows = { 0 };
	VEC(uint32_t) form_of = { 0 };
	struct buf form = { 0 };
	struct input in;
	size_t ncarry;

	cli_open(&in, &o->cli, want, NCOL);
	input_carry(&in);
	ncarry = in.ncarry;
	write_header(&in, o, out);
	while (cli_next(&in)) {
		mask_row(&form, &in);
		if (input_bad(&in))
			continue;
		vec_push(&form_of, signature_add(s, buf_view(&form), 1));
		for (size_t i = 0; i < ncarry; i++)
			hold_put(&rows, input_carried(&in, i));
		hold_put(&rows, input_text(&in, MESSAGE));
	}
	cli_close(&in);
	signature_learn(s);
	for (size_t i = 0; i < form_of.n; i++) {
		for (size_t k = 0; k < ncarry; k++)
			output_text(out, hold_take(&rows));
		write_signature(s, w, o, hold_take(&rows),
		    s->all.form.key[form_of.v[i]], out);
	}
	hold_free(&rows);
	vec_free(&form_of);
	buf_free(&form);
}

static void
count_forms(struct signatures *s, const struct options *o)
{
	struct buf form = { 0 };
	struct input in;

	cli_open(&in, &o->cli, want, NCOL);
	while (cli_next(&in)) {
		mask_row(&form, &in);
		if (!input_bad(&in))
			signature_add(s, buf_view(&form), 1);
	}
	cli_close(&in);
	buf_free(&form);
}

static void
add_forms(struct signatures *s, const struct options *o)
{
	struct input in;

	cli_open(&in, &o->cli, forms_columns, FORMS_COLUMNS);
	while (cli_next(&in))
		forms_add(s, &in);
	cli_close(&in);
}

static void
read_side_files(struct signatures *s, struct weights *w,
    const struct options *o)
{
	const struct cli plain = cli_beside(&o->cli);
	struct input in;

	if (o->templates != NULL) {
		cli_open_file(&in, &plain, (char *[]){ o->templates },
		    forms_columns, FORMS_COLUMNS);
		while (cli_next(&in))
			forms_add(s, &in);
		cli_close(&in);
		signature_learn(s);
	}
	if (o->weights != NULL) {
		cli_open_file(&in, &plain, (char *[]){ o->weights },
		    weights_columns, WEIGHTS_COLUMNS);
		while (cli_next(&in))
			weights_add(w, &in);
		cli_close(&in);
	}
}

static const struct argp parser = { options, parse_option, "[FILE...]",
	"Reduce failure messages to signatures.", cli_children, NULL, NULL };

int
main(int argc, char *argv[])
{
	struct options o = { 0 };
	struct signatures s = { 0 };
	struct weights w = { 0 };
	struct output out;

	cli_parse(&parser, argc, argv, &o);
	read_side_files(&s, &w, &o);
	cli_output(&out, &o.cli);
	if (o.merge)
		add_forms(&s, &o);
	else if (o.partial)
		count_forms(&s, &o);
	else if (o.templates != NULL)
		sign_rows(&s, &w, &o, &out);
	else
		learn_rows(&s, &w, &o, &out);
	if (o.merge || o.partial)
		forms_write(&s, &out);
	signature_free(&s);
	weights_free(&w);
	cli_finish(&out, &o.cli, false);
}
