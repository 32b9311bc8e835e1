#include "pano/values.h"

uint32_t
values_number(struct values *f, struct span name)
{
	uint32_t i = intern_id(&f->name, name);

	if (i == f->v.n)
		vec_push(&f->v, (struct value){ 0 });
	return i;
}

void
values_clear(struct values *f)
{
	for (size_t i = 0; i < f->v.n; i++) {
		f->v.v[i].set = false;
		f->v.v[i].own.n = 0;
	}
}

struct span
values_get(const struct values *f, uint32_t i)
{
	return f->v.v[i].set ? f->v.v[i].value : SPAN("");
}

void
values_set(struct values *f, uint32_t i, struct span value)
{
	f->v.v[i].value = value;
	f->v.v[i].set = true;
}

void
values_own(struct values *f, uint32_t i, struct span value)
{
	struct value *field = &f->v.v[i];

	field->own.n = 0;
	buf_span(&field->own, value);
	values_set(f, i, buf_view(&field->own));
}

void
values_free(struct values *f)
{
	for (size_t i = 0; i < f->v.n; i++)
		buf_free(&f->v.v[i].own);
	vec_free(&f->v);
	intern_free(&f->name);
}
