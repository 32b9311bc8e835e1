#include "heap/frame_table.h"

#include <stdlib.h>

#include "base/mem.h"

uint32_t
frame_table_id(struct frame_table *t, struct span name)
{
	char small[256], *clean = small;
	uint32_t id;
	size_t i;

	if (name.n == 0)
		name = SPAN("[unknown]");
	i = 0;
	while (i < name.n && !frame_breaks_row((unsigned char)name.s[i]))
		i++;
	if (i == name.n)
		return intern_id(&t->name, name);
	if (name.n > sizeof(small))
		clean = mem_new(name.n, 1);
	for (i = 0; i < name.n; i++)
		clean[i] = frame_breaks_row((unsigned char)name.s[i]) ? '_' :
		    name.s[i];
	id = intern_id(&t->name, (struct span){ clean, name.n });
	if (clean != small)
		free(clean);
	return id;
}

enum fold_kind
frame_table_kind(struct frame_table *t, uint32_t id)
{
	while (t->kind.n <= id) {
		struct span next = t->name.key[t->kind.n];

		vec_push(&t->kind, (unsigned char)fold_kind(next));
	}
	return (enum fold_kind)t->kind.v[id];
}

void
frame_table_free(struct frame_table *t)
{
	intern_free(&t->name);
	vec_free(&t->kind);
}
