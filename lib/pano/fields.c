#include "pano/fields.h"

uint32_t
fields_number(struct fields *f, struct span name)
{
	uint32_t i = intern_id(&f->name, name);

	if (i == f->v.n)
		vec_push(&f->v, (struct field){ 0 });
	return i;
}

void
fields_clear(struct fields *f)
{
	for (size_t i = 0; i < f->v.n; i++) {
		f->v.v[i].set = false;
		f->v.v[i].own.n = 0;
	}
}

struct span
fields_get(const struct fields *f, uint32_t i)
{
	return f->v.v[i].set ? f->v.v[i].value : SPAN("");
}

void
fields_set(struct fields *f, uint32_t i, struct span value)
{
	f->v.v[i].value = value;
	f->v.v[i].set = true;
}

void
fields_own(struct fields *f, uint32_t i, struct span value)
{
	struct field *field = &f->v.v[i];

	field->own.n = 0;
	buf_span(&field->own, value);
	fields_set(f, i, buf_view(&field->own));
}

void
fields_free(struct fields *f)
{
	for (size_t i = 0; i < f->v.n; i++)
		buf_free(&f->v.v[i].own);
	vec_free(&f->v);
	intern_free(&f->name);
}
