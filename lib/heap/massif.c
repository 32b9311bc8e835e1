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
	return (span_begins(head, "desc:") || span_begins(head, "#------")) &&
	    span_find(head, "mem_heap_B=") > 0;
}

struct massif {
	struct dump *d;
	struct buf name;
	VEC(uint32_t) path;	/* frames of the branch, allocator side first */
	VEC(double) left;	/* of each node of it, what no caller has yet */
	int64_t unit;		/* nanoseconds in a unit of time */
	int64_t time; /* of the snapshot, nanoseconds from the start */
};

/* "time=2489114", or "time=0.42" where the unit is a second. */
static bool
scan_time(const struct massif *m, struct span s, int64_t *out)
{
	uint64_t whole, digit;
	int64_t unit = m->unit;

	if (!scan_str(&s, "time=") || !scan_u64(&s, &whole) ||
	    whole > (uint64_t)(INT64_MAX / 4 / unit))
		return false;
	*out = (int64_t)whole * unit;
	if (scan_str(&s, "."))
		for (; s.n > 0 && *s.s >= '0' && *s.s <= '9'; s.s++, s.n--) {
			digit = (uint64_t)(*s.s - '0');
			unit /= 10;
			*out += (int64_t)digit * unit;
		}
	return true;
}

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

/*
 * Closes the open nodes from `depth` on, the deepest first.  What none of a
 * node's callers has is its own: all of it in a leaf.
 */
static void
close_nodes(struct massif *m, size_t depth)
{
	while (m->left.n > depth) {
		double bytes = m->left.v[--m->left.n];

		if (bytes <= 0)
			continue;
		for (size_t i = 0; i < m->left.n; i++)
			dump_frame(m->d, m->path.v[i]);
		dump_row(m->d, bytes, 0, 0);
	}
}

/* Node `depth` has `depth` frames; the root is the allocation functions. */
static void
open_node(struct massif *m, struct span what, size_t depth, double bytes)
{
	uint32_t id;

	close_nodes(m, depth);
	if (depth > 0)
		m->left.v[depth - 1] -= bytes;
	vec_push(&m->left, bytes);
	if (depth == 0)
		return;
	m->path.n = depth - 1;
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
	size_t depth;

	m->left.n = 0;
	while (left > 0 && lines_next(&m->d->in, &s)) {
		if (!scan_node(s, &depth, &kids, &bytes, &what) ||
		    depth > DEEPEST || depth > m->left.n || kids > UINT32_MAX ||
		    (depth == 0) != (m->left.n == 0))
			return dump_fail(m->d, "not a node of the heap tree",
			    s);
		open_node(m, what, depth, (double)bytes);
		left += kids - 1;
	}
	close_nodes(m, 0);
	if (left > 0)
		dump_truncated(m->d, "inside a heap tree");
	return true;
}

/*
 * Times count from the start; the last one was when the file was written.  Of
 * instructions or bytes, one is taken for a nanosecond: the order is kept.
 */
static void
shift_times(struct massif *m, struct span all)
{
	struct span line;
	int64_t last = 0;

	while (all.n > 0) {
		line = scan_until(&all, '\n');
		if (scan_str(&line, "time_unit: "))
			m->unit = span_begins(line, "ms") ? WHEN_SECOND / 1000 :
			    span_begins(line, "s") ? WHEN_SECOND : 1;
		else
			scan_time(m, line, &last);
	}
	m->d->mtime -= last;
}

static bool
read_line(struct massif *m, struct span s)
{
	struct dump *d = m->d;

	if (scan_str(&s, "cmd: ")) {
		d->program.n = 0;
		buf_span(&d->program, scan_until(&s, ' '));
	} else if (span_begins(s, "time=")) {
		scan_time(m, s, &m->time);
	} else if (scan_str(&s, "heap_tree=") && !span_begins(s, "empty")) {
		dump_begin(d, d->mtime + m->time);
		if (!read_tree(m))
			return false;
		dump_end(d);
	}
	return true;
}

static bool
read(struct dump *d)
{
	struct massif m = { .d = d, .unit = WHEN_SECOND };
	struct span s;
	bool ok = true;

	shift_times(&m, lines_rest(&d->in));
	while (ok && lines_next(&d->in, &s))
		ok = read_line(&m, s);
	if (ok && d->all->times.n == 0)
		dump_warn(d, "no detailed snapshot (see massif's "
		    "--detailed-freq=1)");
	buf_free(&m.name);
	vec_free(&m.path);
	vec_free(&m.left);
	return ok;
}

const struct heap_format format_massif = { "massif", sniff, read };
