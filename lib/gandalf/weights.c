#include <math.h>
#include <string.h>

#include "gandalf/weights.h"

const struct input_column weights_columns[WEIGHTS_COLUMNS] = {
	{ "signature", 0 }, { "weight", 0 },
};

void
weights_add(struct weights *w, struct input *in)
{
	struct span text = input_key(in, WEIGHTS_SIGNATURE);
	double weight = input_number(in, WEIGHTS_WEIGHT);
	uint32_t id;

	if (weight < 0 || weight > 100)
		input_fault(in, WEIGHTS_WEIGHT, "not between 0 and 100");
	if (input_bad(in))
		return;
	id = intern_id(&w->text, text);
	if (id == w->weight.n)
		vec_push(&w->weight, weight);
	else
		w->weight.v[id] = weight;
}

double
weights_of(const struct weights *w, struct span signature)
{
	const struct span *best = NULL;
	double weight = NAN;

	for (size_t i = 0; i < w->text.n; i++) {
		const struct span *t = &w->text.key[i];

		if (memmem(signature.s, signature.n, t->s, t->n) == NULL)
			continue;
		if (best == NULL || t->n > best->n ||
		    (t->n == best->n && span_cmp(*t, *best) < 0)) {
			best = t;
			weight = w->weight.v[i];
		}
	}
	return weight;
}

void
weights_free(struct weights *w)
{
	intern_free(&w->text);
	vec_free(&w->weight);
}
