#include "act/fields.h"

struct span
fields_get(const struct fields *f, struct span name)
{
	for (; f != NULL; f = f->more)
		for (size_t i = 0; i < f->n; i++)
			if (f->v[i].value.n > 0 && span_eq(f->v[i].name, name))
				return f->v[i].value;
	return (struct span){ "", 0 };
}
