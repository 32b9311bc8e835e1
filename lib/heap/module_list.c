#include "heap/module_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/whole.h"

static int
compare_module(const void *a, const void *b)
{
	const struct module *x = a, *y = b;
	int c = strcmp(x->module, y->module);

	return c != 0 ? c : strcmp(x->path, y->path);
}

/* Is this the first time that this file is mapped under this name? */
static bool
new_module(struct module_list *l, const struct map *m)
{
	struct buf key = { 0 };
	size_t n = l->seen.n;

	buf_str(&key, m->module);
	buf_char(&key, '\n');
	buf_str(&key, m->path);
	intern_id(&l->seen, buf_view(&key));
	buf_free(&key);
	return l->seen.n > n;
}

void
module_list_add(struct module_list *l, const struct maps *maps,
    void (*deleted)(void *, const char *), void *arg)
{
	size_t before = l->list.n;

	for (size_t i = 0; i < maps->n; i++) {
		const struct map *m = &maps->v[i];

		if (!m->exec || m->path[0] == '[' || !new_module(l, m))
			continue;
		if (m->deleted)
			deleted(arg, m->path);
		vec_push(&l->list, (struct module){
		    mem_copy(m->module, strlen(m->module)),
		    mem_copy(m->path, strlen(m->path)),
		    m->build_id == NULL ? NULL :
		    mem_copy(m->build_id, strlen(m->build_id)) });
	}
	if (l->list.n > before)
		qsort(l->list.v, l->list.n, sizeof(l->list.v[0]),
		    compare_module);
}

int
module_list_save(const struct module_list *l, const char *path)
{
	struct whole w;

	if (whole_open(&w, path) == -1)
		return -1;
	fputs("module\tpath\tbuild_id\n", w.fp);
	for (size_t i = 0; i < l->list.n; i++) {
		const struct module *m = &l->list.v[i];

		fprintf(w.fp, "%s\t%s\t%s\n", m->module, m->path,
		    m->build_id != NULL ? m->build_id : "");
	}
	return whole_commit(&w);
}

void
module_list_free(struct module_list *l)
{
	for (size_t i = 0; i < l->list.n; i++) {
		free(l->list.v[i].module);
		free(l->list.v[i].path);
		free(l->list.v[i].build_id);
	}
	vec_free(&l->list);
	intern_free(&l->seen);
}
