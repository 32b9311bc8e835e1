#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/when.h"
#include "heap/host.h"
#include "heap/trace.h"
#include "table/input.h"
#include "table/output.h"

#define KEPT (7 * WHEN_DAY)	/* entries that are over */

const char *const trace_status_name[TRACE_NSTATUS] = { "tracing", "complete",
	"enough", "gone", "failed", "expired", "stopped", "lost" };

enum { NODE, PID, START, COMPONENT, CLUSTER, SINCE, UNTIL, TRACER, TRACER_START,
	HELPER, HELPER_START, SNAPSHOTS, STATUS, NCOL };
static const struct input_column want[NCOL] = {
	[NODE] = { "node", 0 }, [PID] = { "pid", 0 }, [START] = { "start", 0 },
	[COMPONENT] = { "component", 0 }, [CLUSTER] = { "cluster", 0 },
	[SINCE] = { "since", 0 }, [UNTIL] = { "until", 0 },
	[TRACER] = { "tracer", 0 }, [TRACER_START] = { "tracer_start", 0 },
	[HELPER] = { "helper", 0 }, [HELPER_START] = { "helper_start", 0 },
	[SNAPSHOTS] = { "snapshots", 0 }, [STATUS] = { "status", 0 },
};

static char *
copy(struct span s)
{
	return mem_copy(s.n > 0 ? s.s : "", s.n);
}

static void
free_entry(struct trace_entry *e)
{
	free(e->node);
	free(e->component);
	free(e->cluster);
}

static bool
read_entry(struct trace_log *l, struct input *in)
{
	struct trace_entry e = { 0 };
	struct span status = input_key(in, STATUS);

	e.pid = input_u64(in, PID);
	e.start = input_time(in, START);
	e.since = input_time(in, SINCE);
	e.until = input_time(in, UNTIL);
	e.tracer = input_u64(in, TRACER);
	e.tracer_start = input_time(in, TRACER_START);
	e.helper = input_u64(in, HELPER);
	e.helper_start = input_time_or(in, HELPER_START, WHEN_NEVER);
	e.snapshots = input_u64(in, SNAPSHOTS);
	while (e.status < TRACE_NSTATUS &&
	    !span_is(status, trace_status_name[e.status]))
		e.status++;
	if (e.status == TRACE_NSTATUS)
		input_fault(in, STATUS, "not a status");
	if (input_bad(in))
		return false;
	e.node = copy(input_text(in, NODE));
	e.component = copy(input_text(in, COMPONENT));
	e.cluster = copy(input_text(in, CLUSTER));
	vec_push(&l->entry, e);
	return true;
}

static bool
read_log(struct trace_log *l, struct buf *why)
{
	static const struct input_options plain = { .csv = false };
	struct input in;
	const char *bad;

	if (access(l->path, F_OK) == -1 && errno == ENOENT)
		return true;
	input_open(&in, &plain, &l->path, 1, want, NCOL);
	while (input_next(&in))
		if (!read_entry(l, &in))
			break;
	if ((bad = input_why(&in)) != NULL)
		buf_str(why, bad);
	input_close(&in);
	return bad == NULL;
}

bool
trace_log_open(struct trace_log *l, const char *dir, struct buf *why)
{
	struct buf b = { 0 };

	memset(l, 0, sizeof(*l));
	buf_printf(&b, "%s/trace.tsv", dir);
	l->path = mem_copy(b.s, b.n);
	b.n = 0;
	buf_printf(&b, "%s/lock", dir);
	l->lock = mem_copy(b.s, b.n);
	buf_free(&b);
	l->fd = open(l->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (l->fd != -1 && flock(l->fd, LOCK_EX) == -1 && errno == EINTR)
		;
	if (l->fd == -1) {
		buf_printf(why, "%s: %s", l->lock, strerror(errno));
	} else if (read_log(l, why)) {
		return true;
	}
	trace_log_close(l, false, why);
	return false;
}

static void
write_entry(struct output *o, const struct trace_entry *e)
{
	output_str(o, e->node);
	output_u64(o, e->pid);
	output_time(o, e->start);
	output_str(o, e->component);
	output_str(o, e->cluster);
	output_time(o, e->since);
	output_time(o, e->until);
	output_u64(o, e->tracer);
	output_time(o, e->tracer_start);
	output_u64(o, e->helper);
	output_time(o, e->helper_start);
	output_u64(o, e->snapshots);
	output_str(o, trace_status_name[e->status]);
	output_row(o);
}

static bool
write_log(struct trace_log *l)
{
	struct output_options options = { .path = l->path };
	struct output o;

	if (output_open(&o, &options) == -1)
		return false;
	for (size_t i = 0; i < NCOL; i++)
		output_str(&o, want[i].name);
	output_row(&o);
	for (size_t i = 0; i < l->entry.n; i++)
		write_entry(&o, &l->entry.v[i]);
	return output_close(&o) == 0;
}

bool
trace_log_close(struct trace_log *l, bool keep, struct buf *why)
{
	bool ok = !keep || write_log(l);

	if (!ok)
		buf_printf(why, "%s: %s", l->path, strerror(errno));
	if (l->fd != -1)
		close(l->fd);
	for (size_t i = 0; i < l->entry.n; i++)
		free_entry(&l->entry.v[i]);
	vec_free(&l->entry);
	free(l->path);
	free(l->lock);
	return ok;
}

struct trace_entry *
trace_log_find(struct trace_log *l, uint64_t pid, int64_t start)
{
	for (size_t i = 0; i < l->entry.n; i++)
		if (l->entry.v[i].status == TRACE_ON &&
		    l->entry.v[i].pid == pid && l->entry.v[i].start == start)
			return &l->entry.v[i];
	return NULL;
}

void
trace_log_add(struct trace_log *l, const struct trace_entry *e)
{
	struct trace_entry c = *e;

	c.node = copy(span_of(e->node));
	c.component = copy(span_of(e->component));
	c.cluster = copy(span_of(e->cluster));
	vec_push(&l->entry, c);
}

size_t
trace_log_begun(const struct trace_log *l, struct span cluster, int64_t from)
{
	size_t n = 0;

	for (size_t i = 0; i < l->entry.n; i++)
		n += l->entry.v[i].since > from &&
		    span_is(cluster, l->entry.v[i].cluster);
	return n;
}

static void
settle(struct trace_entry *e, const char *dir, int64_t now)
{
	struct buf path = { 0 }, ignored = { 0 };

	if (e->helper != 0 && host_same(e->helper, e->helper_start))
		kill((pid_t)e->helper, SIGINT);
	if (trace_dir(dir, e->pid, e->start, &path, &ignored))
		trace_clean(buf_cstr(&path));
	e->status = TRACE_LOST;
	e->until = now;
	buf_free(&path);
	buf_free(&ignored);
}

size_t
trace_sweep(struct trace_log *l, const char *dir, int64_t now)
{
	size_t lost = 0, kept = 0;

	for (size_t i = 0; i < l->entry.n; i++) {
		struct trace_entry *e = &l->entry.v[i];

		if (e->status == TRACE_ON &&
		    !host_same(e->tracer, e->tracer_start)) {
			settle(e, dir, now);
			lost++;
		}
		if (e->status != TRACE_ON && e->until < now - KEPT)
			free_entry(e);
		else
			l->entry.v[kept++] = *e;
	}
	l->entry.n = kept;
	return lost;
}

bool
trace_dir(const char *dir, uint64_t pid, int64_t start, struct buf *out,
    struct buf *why)
{
	out->n = 0;
	buf_printf(out, "%s/%llu.%lld", dir, (unsigned long long)pid,
	    (long long)(start / WHEN_SECOND));
	if (mkdir(buf_cstr(out), 0700) == 0 || errno == EEXIST)
		return true;
	buf_printf(why, "%s: %s", out->s, strerror(errno));
	return false;
}

/* NNNNNN.dump, or 0. */
static uint64_t
number_of(const char *name)
{
	char *end;
	unsigned long long n = strtoull(name, &end, 10);

	return end - name == 6 && strcmp(end, ".dump") == 0 ? n : 0;
}

static void
each_file(const char *dir, void (*f)(int, const char *, void *), void *arg)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		f(dirfd(d), e->d_name, arg);
	closedir(d);
}

static void
see_number(int fd, const char *name, void *arg)
{
	uint64_t *newest = arg, n = number_of(name);

	(void)fd;
	if (n > *newest)
		*newest = n;
}

struct ring { uint64_t newest, keep; };

static void
drop_old(int fd, const char *name, void *arg)
{
	const struct ring *r = arg;
	uint64_t n = number_of(name);

	if (n != 0 && n + r->keep <= r->newest)
		unlinkat(fd, name, 0);
}

uint64_t
trace_ring(const char *dir, uint64_t keep)
{
	struct ring r = { 0, keep };

	each_file(dir, see_number, &r.newest);
	each_file(dir, drop_old, &r);
	return r.newest;
}

/* NNNNNN.part.pid names the command that was writing NNNNNN.part. */
static void
end_child(int fd, const char *name)
{
	int file = openat(fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char line[64] = "";
	long long pid, start;

	if (file == -1)
		return;
	if (read(file, line, sizeof(line) - 1) > 0 &&
	    sscanf(line, "%lld %lld", &pid, &start) == 2 && pid > 1 &&
	    host_same((uint64_t)pid, start))
		kill((pid_t)-pid, SIGKILL);
	close(file);
}

static void
drop_part(int fd, const char *name, void *arg)
{
	size_t n = strlen(name);

	(void)arg;
	if (n > 4 && strcmp(name + n - 4, ".pid") == 0)
		end_child(fd, name);
	if (strstr(name, ".part") != NULL)
		unlinkat(fd, name, 0);
}

void
trace_clean(const char *dir)
{
	each_file(dir, drop_part, NULL);
}
