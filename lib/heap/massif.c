/*
 * valgrind's massif: a tree of callers for each detailed snapshot, the
 * allocation functions at its root.  heaptrack_print -M writes it too.
 */
#include "base/buf.h"
#include "heap/format.h"
#include "heap/formats.h"
#include "heap/frame_name.h"

#define DEEPEST 4096	/* a tree deeper than that is no massif's */

static bool
sniff(struct span head)
{
	return span_begins(head, "desc:") &&
	    span_find(head, "\ntime_unit:") > 0;
}

struct massif {
	struct dump *d;
	struct buf name;
	VEC(uint32_t) path;	/* frames of the branch, allocator side first */
	double bytes;		/* of the snapshot */
	int64_t unit;		/* nanoseconds in a unit of time */
	uint64_t time;
};

/* " n3: 1467830 0x10ABF0: xmalloc (svcd.c:67)" */
static bool
scan_node(struct span s, size_t *depth, uint64_t *kids, uint64_t *bytes,
    struct span *what)
{
	size_t n = s.n;

	while (s.n > 0 && s.s[0] == ' ') {
		s.s++;
		s.n--;
	}
	*depth = n - s.n;
	if (!scan_str(&s, "n") || !scan_u64(&s, kids) || !scan_str(&s, ": ") ||
	    !scan_u64(&s, bytes) || !sample_fits(*bytes))
		return false;
	scan_blank(&s);
	*what = s;
	return true;
}

/* The frames of a branch, and what of it has no callers listed below. */
static void
put_branch(struct massif *m, double bytes)
{
	if (bytes <= 0)
		return;
	for (size_t i = 0; i < m->path.n; i++)
		dump_frame(m->d, m->path.v[i]);
	dump_row(m->d, bytes, 0, 0);
}

static void
put_node(struct massif *m, struct span what, size_t depth)
{
	uint32_t id;

	m->path.n = depth == 0 ? 0 : depth - 1;
	if (depth == 0)
		return;		/* "(heap allocation functions) ..." */
	if (span_begins(what, "in ")) {
		/* "in 3 places, all below massif's threshold (0.10%)" */
		m->d->complete = false;
		id = dump_name_id(m->d, SPAN("[below threshold]"));
	} else {
		frame_valgrind(what, &m->name);
		id = dump_name_id(m->d, buf_view(&m->name));
	}
	vec_push(&m->path, id);
}

static bool
read_tree(struct massif *m)
{
	uint64_t kids, bytes, left = 1;
	struct span s, what;
	size_t depth, at = 0;

	while (left > 0 && lines_next(&m->d->in, &s)) {
		if (!scan_node(s, &depth, &kids, &bytes, &what) ||
		    depth > DEEPEST || depth > at || kids > UINT32_MAX)
			return dump_fail(m->d, "not a node of the heap tree",
			    s);
		put_node(m, what, depth);
		if (kids == 0)
			put_branch(m, (double)bytes);
		left += kids - 1;
		at = depth + 1;
	}
	if (left > 0)
		dump_truncated(m->d, "inside a heap tree");
	return true;
}

/* Times count from the start; the last one was when the file was written. */
static void
shift_times(struct massif *m, struct span all)
{
	struct span line;
	uint64_t t, last = 0;

	while (all.n > 0) {
		line = scan_until(&all, '\n');
		if (scan_str(&line, "time=") && scan_u64(&line, &t) &&
		    t <= INT64_MAX / WHEN_SECOND)
			last = t;
		else if (scan_str(&line, "time_unit: "))
			m->unit = span_begins(line, "ms") ? 1000000 : 1;
	}
	m->d->mtime -= (int64_t)last * m->unit;
}

static bool
read_line(struct massif *m, struct span s)
{
	struct dump *d = m->d;
	uint64_t t;

	if (scan_str(&s, "cmd: ")) {
		d->program.n = 0;
		buf_span(&d->program, scan_until(&s, ' '));
	} else if (scan_str(&s, "time=")) {
		m->time = scan_u64(&s, &t) && t <= INT64_MAX / WHEN_SECOND ?
		    t : 0;
	} else if (scan_str(&s, "heap_tree=") && !span_begins(s, "empty")) {
		dump_begin(d, d->mtime + (int64_t)m->time * m->unit);
		if (!read_tree(m))
			return false;
		dump_end(d);
	}
	return true;
}

static bool
read(struct dump *d)
{
	struct massif m = { .d = d, .unit = 1 };
	struct span s;
	bool ok = true;

	shift_times(&m, lines_rest(&d->in));
	while (ok && lines_next(&d->in, &s))
		ok = read_line(&m, s);
	if (ok && d->all->ordinal == 0)
		dump_warn(d, "no detailed snapshot (see massif's "
		    "--detailed-freq=1)");
	buf_free(&m.name);
	vec_free(&m.path);
	return ok;
}

const struct heap_format format_massif = { "massif", sniff, read };
