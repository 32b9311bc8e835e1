#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "heap/lines.h"
#include "heap/maps.h"

#define DELETED " (deleted)"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *back = strrchr(path, '\\');
	const char *cut = slash != NULL ? slash : back;

	return cut != NULL && cut[1] != '\0' ? cut + 1 : path;
}

static bool
ends_with(struct span s, const char *tail)
{
	size_t n = strlen(tail);

	return s.n > n && memcmp(s.s + s.n - n, tail, n) == 0;
}

/* A path goes into rows, between blanks of the format: no control bytes. */
static char *
clean_path(struct span path)
{
	char *s = mem_copy(path.s, path.n);

	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f || s[i] == ';')
			s[i] = '_';
	return s;
}

void
maps_add(struct maps *m, uint64_t start, uint64_t end, uint64_t offset,
    struct span path, struct span build_id)
{
	struct map a = { .start = start, .end = end, .offset = offset };

	if (path.n == 0 || end <= start)
		return;
	if (ends_with(path, DELETED)) {
		a.deleted = true;
		path.n -= strlen(DELETED);
	}
	a.path = clean_path(path);
	if (build_id.n > 0)
		a.build_id = clean_path(build_id);
	a.module = base_name(a.path);
	a.exec = true;
	vec_push(m, a);
	m->sorted = false;
}

bool
maps_line(struct maps *m, struct span s)
{
	uint64_t start, end, offset, ignored;
	struct span mode;

	scan_blank(&s);
	if (!scan_hex(&s, &start) || !scan_str(&s, "-") ||
	    !scan_hex(&s, &end) || !scan_str(&s, " "))
		return false;
	mode = scan_until(&s, ' ');
	if (mode.n != 4 || !scan_hex(&s, &offset) || !scan_str(&s, " "))
		return false;
	scan_until(&s, ' ');			/* major:minor */
	if (!scan_u64(&s, &ignored))		/* inode */
		return false;
	s = span_trim(s);
	if (span_is(s, "[vdso]"))
		m->vdso = start;
	if (s.n == 0 || (s.s[0] == '[' && !span_is(s, "[vdso]")))
		return true;
	maps_add(m, start, end, offset, s, (struct span){ 0 });
	if (m->n > 0)
		m->v[m->n - 1].exec = mode.s[2] == 'x';
	return true;
}

static int
by_start(const void *a, const void *b)
{
	const struct map *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

static int
by_module(const void *a, const void *b)
{
	struct map *const *x = a, *const *y = b;
	int c = strcmp((*x)->module, (*y)->module);

	return c != 0 ? c : strcmp((*x)->path, (*y)->path);
}

static void
tell_apart(struct maps *m)
{
	struct map **at = mem_new(m->n + 1, sizeof(struct map *));
	size_t i, j, k;

	for (i = 0; i < m->n; i++)
		at[i] = &m->v[i];
	qsort(at, m->n, sizeof(at[0]), by_module);
	for (i = 0; i < m->n; i = j) {
		bool same = true;

		for (j = i + 1; j < m->n &&
		    strcmp(at[i]->module, at[j]->module) == 0; j++)
			same &= strcmp(at[i]->path, at[j]->path) == 0;
		for (k = i; k < j && !same; k++)
			at[k]->module = at[k]->path;
	}
	free(at);
}

void
maps_ready(struct maps *m)
{
	if (m->sorted)
		return;
	if (m->n > 0) {
		qsort(m->v, m->n, sizeof(m->v[0]), by_start);
		tell_apart(m);
	}
	m->sorted = true;
}

const struct map *
maps_find(const struct maps *m, uint64_t addr)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->v[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 && addr < m->v[lo - 1].end ? &m->v[lo - 1] : NULL;
}

void
maps_print(const struct maps *m, uint64_t addr, struct buf *out)
{
	const struct map *a = maps_find(m, addr);

	if (a == NULL)
		buf_printf(out, "0x%llx", (unsigned long long)addr);
	else
		buf_printf(out, "%s+0x%llx", a->module,
		    (unsigned long long)(addr - a->start + a->offset));
}

/*
 * The kernel maps a program below its libraries, but the loader can be the
 * program too (ld.so ./a.out), and a JIT may map files lower still: the lowest
 * executable mapping that is no shared object by its name, else the lowest.
 */
const struct map *
maps_program(const struct maps *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].exec && m->v[i].path[0] == '/' &&
		    strstr(m->v[i].module, ".so") == NULL)
			return &m->v[i];
	return m->n > 0 ? &m->v[0] : NULL;
}

void
maps_free(struct maps *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].path);
		free(m->v[i].build_id);
	}
	vec_free(m);
	memset(m, 0, sizeof(*m));
}
