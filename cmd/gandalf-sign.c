/*
 * gandalf-sign - failure messages into signatures.
 * Rows with a message in; the same rows with a signature out.  Memory is that
 * of the input, or with --templates that of the distinct masked messages.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "gandalf/mask.h"
#include "gandalf/signature.h"
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
	{ "merge", OPT_MERGE, NULL, 0, "add such forms up", 0 },
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

enum { FORM, COUNT, NFORM };
static const struct input_column form_columns[NFORM] = {
	{ "form", 0 }, { "count", 0 },
};

/* A code that is a column of its own stays as it is, in front. */
static void
mask_row(struct buf *form, struct input *in)
{
	struct span code = input_text(in, CODE);

	form->n = 0;
	if (code.n > 0) {
		buf_span(form, code);
		buf_char(form, MASK_SEPARATOR);
		buf_char(form, ' ');
		buf_char(form, MASK_SEPARATOR);
	}
	mask_message(form, input_text(in, MESSAGE));
}

static void
read_forms(struct signatures *s, struct input *in)
{
	while (cli_next(in)) {
		struct span form = input_text(in, FORM);
		uint64_t count = input_u64(in, COUNT);

		if (!input_bad(in))
			signature_add(s, form, count);
	}
	cli_close(in);
}

static int
by_text(const void *va, const void *vb, void *vs)
{
	const struct signatures *s = vs;

	return span_cmp(s->form.key[*(const size_t *)va],
	    s->form.key[*(const size_t *)vb]);
}

static void
write_forms(const struct signatures *s, struct output *out)
{
	size_t *order = mem_new(s->form.n, sizeof(*order));

	for (size_t i = 0; i < s->form.n; i++)
		order[i] = i;
	qsort_r(order, s->form.n, sizeof(*order), by_text,
	    (void *)(uintptr_t)s);
	output_header(out, "form", "count", NULL);
	for (size_t i = 0; i < s->form.n; i++) {
		output_text(out, s->form.key[order[i]]);
		output_u64(out, s->count.v[order[i]]);
		output_row(out);
	}
	free(order);
}

/* A row put by until all have been seen: its values behind one another. */
struct held {
	struct buf text;
	VEC(size_t) end;	/* ncarry + 2 a row: carried, message, form */
};

static void
hold(struct held *h, struct span value)
{
	buf_span(&h->text, value);
	vec_push(&h->end, h->text.n);
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
write_signature(const struct signatures *s, const struct weights *w,
    const struct options *o, struct span message, struct span form,
    struct output *out)
{
	struct buf tokens = { 0 }, text = { 0 };

	signature_of(s, form, &tokens);
	mask_text(&text, buf_view(&tokens));
	output_text(out, buf_view(&text));
	output_text(out, message);
	if (o->weights != NULL)
		output_number(out, weights_of(w, buf_view(&text)));
	output_row(out);
	buf_free(&tokens);
	buf_free(&text);
}

static void
write_held(const struct held *h, size_t ncarry, const struct signatures *s,
    const struct weights *w, const struct options *o, struct output *out)
{
	size_t from = 0, ncol = ncarry + 2;
	struct span v[2];

	for (size_t i = 0; i < h->end.n; from = h->end.v[i++]) {
		struct span value = { h->text.s + from, h->end.v[i] - from };
		size_t col = i % ncol;

		if (col < ncarry) {
			output_text(out, value);
			continue;
		}
		v[col - ncarry] = value;
		if (col == ncol - 1)
			write_signature(s, w, o, v[0], v[1], out);
	}
}

/* Rows in, rows out: at once if the forms are known, else at the end. */
static void
sign_rows(struct signatures *s, const struct weights *w,
    const struct options *o, struct output *out)
{
	bool known = o->templates != NULL;
	struct held held = { 0 };
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
		if (!known)
			signature_add(s, buf_view(&form), 1);
		for (size_t i = 0; i < ncarry; i++)
			if (known)
				output_text(out, input_carried(&in, i));
			else
				hold(&held, input_carried(&in, i));
		if (known) {
			write_signature(s, w, o, input_text(&in, MESSAGE),
			    buf_view(&form), out);
			continue;
		}
		hold(&held, input_text(&in, MESSAGE));
		hold(&held, buf_view(&form));
	}
	cli_close(&in);
	if (!known)
		signature_learn(s);
	write_held(&held, ncarry, s, w, o, out);
	buf_free(&held.text);
	vec_free(&held.end);
	buf_free(&form);
}

static void
count_forms(struct signatures *s, const struct options *o)
{
	struct buf form = { 0 };
	struct input in;

	cli_open(&in, &o->cli, o->merge ? form_columns : want,
	    o->merge ? NFORM : NCOL);
	if (o->merge) {
		read_forms(s, &in);
		return;
	}
	while (cli_next(&in)) {
		mask_row(&form, &in);
		if (!input_bad(&in))
			signature_add(s, buf_view(&form), 1);
	}
	cli_close(&in);
	buf_free(&form);
}

static void
read_side_files(struct signatures *s, struct weights *w,
    const struct options *o)
{
	static struct cli side;		/* --map and --fields are not for it */
	struct input in;

	side = o->cli;
	side.in.map = side.in.fields = NULL;
	if (o->templates != NULL) {
		cli_open_file(&in, &side, (char *[]){ o->templates },
		    form_columns, NFORM);
		read_forms(s, &in);
		signature_learn(s);
	}
	if (o->weights != NULL) {
		cli_open_file(&in, &side, (char *[]){ o->weights },
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
	if (o.partial || o.merge) {
		count_forms(&s, &o);
		write_forms(&s, &out);
	} else
		sign_rows(&s, &w, &o, &out);
	signature_free(&s);
	weights_free(&w);
	cli_finish(&out, &o.cli, false);
}
