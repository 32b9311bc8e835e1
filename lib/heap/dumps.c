#include "heap/dumps.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "heap/format.h"

static int
by_number(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

void
dumps_order(char **path, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(path[i - 1], path[i]) >= 0)
			return;
	if (n > 1)
		qsort(path, n, sizeof(path[0]), by_number);
}

/* A pipe has no time of its own: what it carries is being taken now. */
static int64_t
file_time(struct lines *in)
{
	struct stat st;

	if (fstat(in->source.fd, &st) == -1 || !S_ISREG(st.st_mode))
		return when_now();
	return (int64_t)st.st_mtim.tv_sec * WHEN_SECOND + st.st_mtim.tv_nsec;
}

static bool
read_one(struct dump *d)
{
	struct dumps *all = d->all;
	struct span head = lines_head(&d->in);
	uint64_t before = all->times.n;
	bool ok;

	if (head.n == 0 && d->in.why[0] != '\0')
		return dump_fail(d, d->in.why, (struct span){ 0 });
	if (head.n == 0)
		return dump_fail(d, "empty", (struct span){ 0 });
	if (all->options->format != NULL)
		d->format = format_named(all->options->format);
	else
		d->format = format_sniff(head);
	if (d->format == NULL)
		return dump_fail(d, "no known format of heap dumps "
		    "(see --format)", (struct span){ 0 });
	ok = d->format->read(d);
	if (ok && d->in.fatal)
		return dump_fail(d, d->in.why, (struct span){ 0 });
	if (ok && all->times.n == before)
		return dump_fail(d, d->in.why[0] != '\0' ? d->in.why :
		    "no snapshot in it", (struct span){ 0 });
	return ok;
}

bool
dumps_read(struct dumps *all, const char *path)
{
	struct dump d = { .all = all, .path = path };
	bool ok;

	if (!lines_open(&d.in, path)) {
		buf_printf(&all->why, "%s: %s", path, d.in.why);
		return false;
	}
	d.path = d.in.source.name;
	d.mtime = file_time(&d.in);
	ok = read_one(&d);
	dump_free(&d);
	return ok;
}

bool
dumps_read_memory(struct dumps *all, const void *p, size_t n)
{
	struct dump d = { .all = all, .path = "memory" };
	bool ok;

	lines_memory(&d.in, p, n);
	ok = read_one(&d);
	dump_free(&d);
	return ok;
}

void
dumps_free(struct dumps *all)
{
	frame_table_free(&all->frames);
	module_list_free(&all->modules);
	origin_free(&all->origin);
	for (size_t i = 0; i < all->warning.n; i++)
		free(all->warning.v[i]);
	vec_free(&all->warning);
	buf_free(&all->why);
}
