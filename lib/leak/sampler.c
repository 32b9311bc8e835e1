#include "leak/sampler.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/when.h"
#include "leak/cgroup.h"
#include "leak/proc.h"
#include "leak/slab.h"

const char *
sampler_open(struct sampler *s, const char *root)
{
	int failed;

	s->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->root == -1)
		return strerror(errno);
	s->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	s->ticks = (uint64_t)sysconf(_SC_CLK_TCK);
	failed = proc_read(s->root, "stat", &s->text);
	if (failed != 0)
		return failed == ENOENT ?
		    "no file 'stat' in it: not a proc(5)" :
		    strerror(failed);
	if (!proc_boot(buf_view(&s->text), &s->boot))
		return "no time of boot in 'stat'";
	return NULL;
}

void
sampler_close(struct sampler *s)
{
	if (s->root != -1)
		close(s->root);
	buf_free(&s->text);
	buf_free(&s->names);
	vec_free(&s->pids);
	vec_free(&s->samples);
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static const char *
list_pids(struct sampler *s)
{
	/* An own descriptor: fdopendir() takes it, and its position. */
	int fd = openat(s->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;
	uint64_t pid;

	s->pids.n = 0;
	if (dir == NULL) {
		int failed = errno;

		if (fd != -1)
			close(fd);
		return strerror(failed);
	}
	while ((e = readdir(dir)) != NULL)
		if (num_u64(span_of(e->d_name), &pid) == NULL && pid > 0)
			vec_push(&s->pids, pid);
	closedir(dir);
	if (s->pids.n > 0)
		qsort(s->pids.v, s->pids.n, sizeof(*s->pids.v), by_number);
	return NULL;
}

/* The last element of where exe points, without " (deleted)".  An errno. */
static int
exe_name(int dir, struct buf *out)
{
	static const char gone[] = " (deleted)";
	const size_t ngone = sizeof(gone) - 1;
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, "exe", path, sizeof(path));
	const char *slash;
	size_t len;

	if (n == -1)
		return errno;
	len = (size_t)n;
	if (len > ngone && memcmp(path + len - ngone, gone, ngone) == 0)
		len -= ngone;
	slash = memrchr(path, '/', len);
	buf_add(out, slash != NULL ? slash + 1 : path,
	    slash != NULL ? len - (size_t)(slash + 1 - path) : len);
	return 0;
}

/* The last name added becomes `name`. */
static void
rename_to(struct sampler *s, size_t from, struct span name)
{
	s->names.n = from;
	buf_span(&s->names, name);
}

/* Adds the component's name to `names`.  0 or an errno. */
static int
add_name(struct sampler *s, int dir, struct span comm)
{
	size_t from = s->names.n;
	bool escaped = memchr(comm.s, '\\', comm.n) != NULL;
	struct span unit;
	int failed = 0;

	buf_span(&s->names, comm);
	/*
	 * Some kernels write a newline or a backslash of the name as \n and
	 * \\ in stat and some do not; the file comm has the bytes themselves.
	 */
	if (s->by == SAMPLER_COMM && escaped &&
	    proc_read(dir, "comm", &s->text) == 0 && s->text.n > 0)
		rename_to(s, from, (struct span){ s->text.s, s->text.n - 1 });
	if (s->by == SAMPLER_EXE) {
		s->names.n = from;
		failed = exe_name(dir, &s->names);
	}
	if (s->by == SAMPLER_CGROUP &&
	    (failed = proc_read(dir, "cgroup", &s->text)) == 0 &&
	    (unit = cgroup_name(buf_view(&s->text))).n > 0)
		rename_to(s, from, unit);
	if (failed == 0 && s->names.n == from)
		buf_char(&s->names, '?');	/* a process may have no name */
	return failed;
}

static int
read_usage(struct sampler *s, int dir, uint64_t *usage)
{
	int failed = proc_read(dir, s->fast ? "statm" : "smaps_rollup",
	    &s->text);
	struct span text = buf_view(&s->text);

	if (failed != 0)
		return failed;
	if (text.n == 0)
		return ESRCH;	/* it has let go of its memory: it is ending */
	if (!(s->fast ? proc_statm(text, s->page_size, usage) :
		proc_private(text, s->swap, usage)))
		return EBADMSG;
	return 0;
}

static int
take_process(struct sampler *s, uint64_t pid, int dir)
{
	struct sample row = { .name = s->names.n, .pid = pid };
	struct proc_stat st;
	int failed = proc_read(dir, "stat", &s->text);

	if (failed != 0)
		return failed;
	if (!proc_stat(buf_view(&s->text), &st) ||
	    st.start / s->ticks > INT32_MAX)
		return EBADMSG;
	if (st.vsize == 0)
		return 0;
	row.start = s->boot * WHEN_SECOND + (int64_t)(st.start *
	    ((uint64_t)WHEN_SECOND / s->ticks));
	s->seen++;
	failed = add_name(s, dir, st.comm);
	if (failed == 0)
		failed = read_usage(s, dir, &row.usage);
	if (failed != 0) {
		s->names.n = row.name;
		return failed;
	}
	row.name_n = s->names.n - row.name;
	vec_push(&s->samples, row);
	return 0;
}

static void
take_pid(struct sampler *s, uint64_t pid)
{
	char name[24];
	int dir, failed;

	snprintf(name, sizeof(name), "%" PRIu64, pid);
	dir = openat(s->root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	failed = dir == -1 ? errno : take_process(s, pid, dir);
	if (dir != -1)
		close(dir);
	if (failed == 0 || failed == ENOENT || failed == ESRCH)
		return;
	if (s->denied++ == 0) {
		s->denied_pid = pid;
		s->denied_errno = failed;
	}
}

/* Caches of one name (one a control group in older kernels) are one cache. */
static void
merge_caches(struct sampler *s, size_t first)
{
	size_t n = first;

	for (size_t i = first; i < s->samples.n; i++) {
		if (n > first &&
		    span_eq(sampler_name(s, i), sampler_name(s, n - 1)))
			s->samples.v[n - 1].usage += s->samples.v[i].usage;
		else
			s->samples.v[n++] = s->samples.v[i];
	}
	s->samples.n = n;
}

static int
by_name(const void *a, const void *b, void *names)
{
	const struct sample *x = a, *y = b;
	const char *base = names;

	return span_cmp((struct span){ base + x->name, x->name_n },
	    (struct span){ base + y->name, y->name_n });
}

static void
take_slab(struct sampler *s)
{
	size_t first = s->samples.n;
	struct slab slab;
	struct span text;
	int more = 0;

	s->slab_errno = proc_read(s->root, "slabinfo", &s->text);
	text = buf_view(&s->text);
	while (s->slab_errno == 0 && (more = slab_next(&text, &slab)) == 1) {
		struct sample row = { .name = s->names.n, .usage = slab.bytes,
			.start = WHEN_NEVER };

		buf_str(&s->names, "slab:");
		buf_span(&s->names, slab.name);
		row.name_n = s->names.n - row.name;
		vec_push(&s->samples, row);
	}
	if (more == -1)
		s->slab_errno = EBADMSG;
	if (s->samples.n > first)
		qsort_r(s->samples.v + first, s->samples.n - first,
		    sizeof(*s->samples.v), by_name, s->names.s);
	merge_caches(s, first);
}

const char *
sampler_take(struct sampler *s)
{
	const char *why = list_pids(s);

	if (why != NULL)
		return why;
	s->names.n = s->samples.n = 0;
	s->seen = s->denied = 0;
	for (size_t i = 0; i < s->pids.n; i++)
		take_pid(s, s->pids.v[i]);
	if (!s->fast && s->samples.n == 0 && s->seen > 0 && s->denied == 0)
		return "no process has a smaps_rollup; --fast does without";
	if (s->slab)
		take_slab(s);
	return NULL;
}
