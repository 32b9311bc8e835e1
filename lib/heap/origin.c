#include "heap/origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "heap/frame_table.h"

static struct span
base_name(struct span path)
{
	size_t i = path.n;

	while (i > 0 && path.s[i - 1] != '/')
		i--;
	return i < path.n ? (struct span){ path.s + i, path.n - i } : path;
}

void
origin_print(struct span program, uint64_t pid, const struct maps *maps,
    struct buf *out)
{
	const struct map *mapped = maps_program(maps);
	size_t from = out->n;

	if (program.n > 0)
		buf_span(out, base_name(program));
	else if (mapped != NULL)
		buf_str(out, mapped->module);
	if (pid != 0)
		buf_printf(out, "[%llu]", (unsigned long long)pid);
	if (maps->vdso != 0)
		buf_printf(out, "@%llx", (unsigned long long)maps->vdso);
	for (; from < out->n; from++)
		if (frame_breaks_row((unsigned char)out->s[from]))
			out->s[from] = '_';
}

enum origin_news
origin_check(struct origin *o, const char *process, const char *path)
{
	size_t n = strcspn(process, "[@");

	if (process[0] == '\0')
		return ORIGIN_SAME;
	if (o->first == NULL) {
		o->first = mem_copy(process, strlen(process));
		o->path = mem_copy(path, strlen(path));
		return ORIGIN_SAME;
	}
	if (strcmp(o->first, process) == 0 ||
	    (o->last != NULL && strcmp(o->last, process) == 0))
		return ORIGIN_SAME;
	free(o->last);
	o->last = mem_copy(process, strlen(process));
	if (strncmp(o->first, process, n) != 0 ||
	    strcspn(o->first, "[@") != n)
		return ORIGIN_OTHER_PROGRAM;
	return ORIGIN_OTHER_PROCESS;
}

void
origin_free(struct origin *o)
{
	free(o->first);
	free(o->path);
	free(o->last);
}
