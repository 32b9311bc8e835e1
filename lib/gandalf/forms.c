#include "gandalf/forms.h"

const struct input_column forms_columns[FORMS_COLUMNS] = {
	{ "form", 0 }, { "count", 0 },
};

void
forms_add(struct signatures *s, struct input *in)
{
	struct span form = input_text(in, FORMS_FORM);
	uint64_t count = input_u64(in, FORMS_COUNT);

	if (!input_bad(in))
		signature_add(s, form, count);
}

static int
by_text(const void *va, const void *vb, void *vs)
{
	const struct signatures *s = vs;

	return span_cmp(s->all.form.key[*(const size_t *)va],
	    s->all.form.key[*(const size_t *)vb]);
}

void
forms_write(const struct signatures *s, struct output *out)
{
	size_t *order = mem_new(s->all.form.n, sizeof(*order));

	for (size_t i = 0; i < s->all.form.n; i++)
		order[i] = i;
	qsort_r(order, s->all.form.n, sizeof(*order), by_text,
	    (void *)(uintptr_t)s);
	output_header(out, "form", "count", NULL);
	for (size_t i = 0; i < s->all.form.n; i++) {
		output_text(out, s->all.form.key[order[i]]);
		output_u64(out, s->all.count.v[order[i]]);
		output_row(out);
	}
	free(order);
}
