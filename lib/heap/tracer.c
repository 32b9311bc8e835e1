#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/when.h"
#include "heap/host.h"
#include "heap/tracer.h"

#define FAILURES 3	/* snapshots in a row: then the trace is given up */
#define ENOUGH 3 /* a trace has at least so many snapshots (section 5.1) */

static void
tell(struct tracer *t, const struct tracer_target *g, const char *status,
    const char *file, uint64_t bytes, const char *reason)
{
	struct tracer_event e = { when_now(), &g->entry, status, file, bytes,
		reason };

	t->event(t->arg, &e);
}

bool
tracer_sweep(struct tracer *t, size_t *lost)
{
	struct trace_log l;

	*lost = 0;
	if (!trace_log_open(&l, t->options->dir, &t->why))
		return false;
	*lost = trace_sweep(&l, t->options->dir, when_now());
	return trace_log_close(&l, true, &t->why);
}

static struct tracer_target *
known(struct tracer *t, const struct trace_entry *e)
{
	for (size_t i = 0; i < t->target.n; i++)
		if (t->target.v[i].entry.pid == e->pid &&
		    t->target.v[i].entry.start == e->start)
			return &t->target.v[i];
	return NULL;
}

static struct tracer_target *
add(struct tracer *t, const struct trace_entry *e)
{
	struct tracer_target g = { .entry = *e, .helper = -1,
		.newest = when_now() };

	g.entry.node = mem_copy(e->node, strlen(e->node));
	g.entry.component = mem_copy(e->component, strlen(e->component));
	g.entry.cluster = mem_copy(e->cluster, strlen(e->cluster));
	g.entry.tracer = (uint64_t)getpid();
	g.entry.tracer_start = host_start(g.entry.tracer);
	g.entry.helper_start = WHEN_NEVER;
	vec_push(&t->target, g);
	return &t->target.v[t->target.n - 1];
}

/* Writes the target's entry into the log. */
static bool
record(struct tracer *t, const struct tracer_target *g)
{
	struct trace_log l;
	struct trace_entry *e;

	if (!trace_log_open(&l, t->options->dir, &t->why))
		return false;
	e = trace_log_find(&l, g->entry.pid, g->entry.start);
	if (e == NULL) {
		trace_log_add(&l, &g->entry);
	} else {
		e->until = g->entry.until;
		e->snapshots = g->entry.snapshots;
		e->status = g->entry.status;
		e->helper = g->entry.helper;
		e->helper_start = g->entry.helper_start;
	}
	return trace_log_close(&l, true, &t->why);
}

/* May it begin?  Checked and entered under one lock: two tracers agree. */
static bool
admit(struct tracer *t, struct tracer_target *g, const char **wait)
{
	const struct tracer_options *o = t->options;
	int64_t now = when_now();
	struct trace_log l;

	*wait = NULL;
	if (!trace_log_open(&l, o->dir, &t->why))
		return false;
	if (trace_log_find(&l, g->entry.pid, g->entry.start) != NULL) {
		*wait = "another tracer is at it";
	} else if (trace_log_begun(&l, span_of(g->entry.cluster),
	    now - WHEN_HOUR) >= o->cap) {
		*wait = "as many traces as --cap allows were begun in the "
		    "cluster in this hour";
	} else {
		g->entry.since = now;
		g->entry.until = now + o->limit;
		g->entry.status = TRACE_ON;
		trace_log_add(&l, &g->entry);
	}
	return trace_log_close(&l, *wait == NULL, &t->why);
}

static bool
finish(struct tracer *t, struct tracer_target *g, enum trace_status status,
    const char *reason)
{
	struct buf dir = { 0 }, why = { 0 }, part = { 0 }, file = { 0 };
	struct stat st;

	if (trace_dir(t->options->dir, g->entry.pid, g->entry.start, &dir,
	    &why)) {
		if (g->helper != -1) {
			capture_detach(&t->options->capture, g->entry.pid,
			    g->helper);
			buf_printf(&part, "%s/000001.part.zst", dir.s);
			buf_printf(&file, "%s/000001.dump", dir.s);
			if (stat(buf_cstr(&part), &st) == 0 && st.st_size > 0 &&
			    rename(part.s, buf_cstr(&file)) == 0)
				tell(t, g, "snapshot", file.s,
				    (uint64_t)st.st_size, "");
			g->helper = -1;
		}
		trace_clean(buf_cstr(&dir));
	}
	g->on = false;
	g->entry.helper = 0;
	g->entry.status = status;
	g->entry.until = when_now();
	tell(t, g, trace_status_name[status], "", 0, reason);
	buf_free(&dir);
	buf_free(&why);
	buf_free(&part);
	buf_free(&file);
	return record(t, g);
}

static bool
attach(struct tracer *t, struct tracer_target *g)
{
	struct buf dir = { 0 }, why = { 0 }, part = { 0 };
	bool ok;

	if (trace_dir(t->options->dir, g->entry.pid, g->entry.start, &dir,
	    &why)) {
		/* heaptrack adds .zst to a name that does not end so */
		buf_printf(&part, "%s/000001.part", dir.s);
		g->helper = capture_attach(g->entry.pid, buf_cstr(&part),
		    &why);
	}
	if (g->helper == -1) {
		ok = finish(t, g, TRACE_FAILED, buf_cstr(&why));
	} else {
		g->entry.helper = (uint64_t)g->helper;
		g->entry.helper_start = host_start(g->entry.helper);
		ok = record(t, g);
	}
	buf_free(&dir);
	buf_free(&why);
	buf_free(&part);
	return ok;
}

static bool
begin(struct tracer *t, struct tracer_target *g, const char *busy)
{
	struct buf why = { 0 };
	const char *wait = busy;
	bool ok = true;

	g->way = capture_way(&t->options->capture, g->entry.pid, &why);
	if (!host_same(g->entry.pid, g->entry.start))
		wait = "no such process, or another one of that number";
	else if (g->way == CAPTURE_AUTO)
		wait = buf_cstr(&why);
	if (wait == NULL)
		ok = admit(t, g, &wait);
	if (ok && wait == NULL) {
		g->on = true;
		g->due = when_now();
		if (g->way == CAPTURE_HEAPTRACK)
			ok = attach(t, g);
	} else if (ok && !g->said) {
		tell(t, g, "deferred", "", 0, wait);
		g->said = true;
	}
	buf_free(&why);
	return ok;
}

bool
tracer_candidate(struct tracer *t, const struct trace_entry *e, bool over,
    const char *busy)
{
	struct tracer_target *g = known(t, e);

	if (g == NULL)
		g = add(t, e);
	g->over = over;
	if (g->on || g->entry.status != TRACE_ON)
		return true;
	return begin(t, g, busy);
}

/* Takes one snapshot: whole under its name, or not there. */
static bool
take(struct tracer *t, struct tracer_target *g)
{
	const struct tracer_options *o = t->options;
	struct buf dir = { 0 }, why = { 0 }, part = { 0 }, file = { 0 };
	uint64_t n;
	struct stat st = { 0 };
	bool ok = trace_dir(o->dir, g->entry.pid, g->entry.start, &dir, &why);

	if (ok) {
		n = trace_ring(buf_cstr(&dir), o->keep) + 1;
		buf_printf(&part, "%s/%06llu.part", dir.s,
		    (unsigned long long)n);
		buf_printf(&file, "%s/%06llu.dump", dir.s,
		    (unsigned long long)n);
		buf_cstr(&file);
		ok = capture_take(&o->capture, g->way, g->entry.pid,
		    buf_cstr(&part), &g->newest, &why);
		if (ok && (stat(part.s, &st) == -1 ||
		    rename(part.s, file.s) == -1)) {
			buf_printf(&why, "%s: %s", file.s, strerror(errno));
			ok = false;
		}
		trace_ring(buf_cstr(&dir), o->keep);
	}
	g->failures = ok ? 0 : g->failures + 1;
	g->entry.snapshots += ok;
	tell(t, g, ok ? "snapshot" : "failed", ok ? file.s : "",
	    (uint64_t)st.st_size, ok ? "" : buf_cstr(&why));
	buf_free(&dir);
	buf_free(&why);
	buf_free(&part);
	buf_free(&file);
	return record(t, g);
}

static bool
step_one(struct tracer *t, struct tracer_target *g, int64_t now)
{
	const struct tracer_options *o = t->options;

	if (!host_same(g->entry.pid, g->entry.start))
		return finish(t, g, TRACE_GONE, "the process ended");
	if (now >= g->due && g->way != CAPTURE_HEAPTRACK) {
		if (!take(t, g))
			return false;
		g->due = now + o->interval;
	}
	if (g->over && (g->entry.snapshots >= ENOUGH ||
	    g->way == CAPTURE_HEAPTRACK))
		return finish(t, g, TRACE_COMPLETE, "");
	if (g->failures >= FAILURES)
		return finish(t, g, TRACE_FAILED, "three snapshots in a row");
	if (o->count > 0 && g->entry.snapshots >= o->count)
		return finish(t, g, TRACE_ENOUGH, "");
	if (now >= g->entry.until)
		return finish(t, g, TRACE_EXPIRED, "");
	return true;
}

bool
tracer_step(struct tracer *t, int64_t now, int64_t *next)
{
	bool ok = true;

	*next = INT64_MAX;
	for (size_t i = 0; ok && i < t->target.n; i++) {
		struct tracer_target *g = &t->target.v[i];

		if (g->on)
			ok = step_one(t, g, now);
		if (g->on && g->due < *next && g->way != CAPTURE_HEAPTRACK)
			*next = g->due;
		if (g->on && g->entry.until < *next)
			*next = g->entry.until;
	}
	return ok;
}

bool
tracer_busy(const struct tracer *t)
{
	for (size_t i = 0; i < t->target.n; i++)
		if (t->target.v[i].on)
			return true;
	return false;
}

bool
tracer_close(struct tracer *t)
{
	bool ok = true;

	for (size_t i = 0; i < t->target.n; i++) {
		struct tracer_target *g = &t->target.v[i];

		if (g->on)
			ok &= finish(t, g, TRACE_STOPPED, "");
		free(g->entry.node);
		free(g->entry.component);
		free(g->entry.cluster);
	}
	vec_free(&t->target);
	if (ok)
		buf_free(&t->why);
	return ok;
}
