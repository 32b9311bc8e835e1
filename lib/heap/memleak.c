/*
 * memleak of bcc and of libbpf-tools: a block every few seconds, the largest
 * stacks in it.
 */
#include <string.h>

#include "base/buf.h"
#include "heap/format.h"
#include "heap/formats.h"
#include "heap/frame_name.h"

#define STACKS " stacks with outstanding allocations:"

static bool
sniff(struct span head)
{
	return span_find(head, STACKS) >= 0 && span_find(head, "] Top ") >= 0;
}

struct alloc { uint64_t addr, size; };

struct memleak {
	struct dump *d;
	uint64_t largest;	/* of all "Top N" */
	uint64_t top, rows;	/* of this block */
	int64_t day;		/* that the times are of */
	int64_t last;		/* time of the last block */
	bool row;		/* frames are being read */
	double bytes, count;
	struct buf name;
	VEC(struct alloc) alloc;	/* of this row */
};

/* "[20:3:33] Top 9 stacks with outstanding allocations:" */
static bool
scan_block(struct span s, int64_t *time, uint64_t *top)
{
	uint64_t h, m, sec;

	if (!scan_str(&s, "[") || !scan_u64(&s, &h) || !scan_str(&s, ":") ||
	    !scan_u64(&s, &m) || !scan_str(&s, ":") || !scan_u64(&s, &sec) ||
	    !scan_str(&s, "] Top ") || !scan_u64(&s, top) ||
	    !span_is(s, STACKS) || h > 23 || m > 59 || sec > 60)
		return false;
	*time = (int64_t)(h * 3600 + m * 60 + sec) * WHEN_SECOND;
	return true;
}

static bool
scan_row(struct span s, uint64_t *bytes, uint64_t *count)
{
	scan_blank(&s);
	return scan_u64(&s, bytes) && scan_str(&s, " bytes in ") &&
	    scan_u64(&s, count) && scan_str(&s, " allocations from stack");
}

/*
 * libbpf: "0 [<00005..bf1>] xmalloc+0x11 [/bin/svcd]", the name missing where
 * there is none.  bcc: "xmalloc+0x11 [svcd]", or "0x7f.. [libc.so.6]".
 */
static void
read_frame(struct memleak *m, struct span s)
{
	struct span name, module = { "", 0 };
	uint64_t k, addr = 0;
	const char *open;
	ptrdiff_t plus;

	scan_blank(&s);
	name = s;
	if (scan_u64(&name, &k) && scan_str(&name, " [<") &&
	    scan_hex(&name, &addr) && scan_str(&name, ">]"))
		s = span_trim(name);
	if (s.n > 0 && s.s[s.n - 1] == ']' &&
	    (open = memrchr(s.s, '[', s.n)) != NULL) {
		module = (struct span){ open + 1,
		    (size_t)(s.s + s.n - open) - 2 };
		s.n = (size_t)(open - s.s);
	}
	s = span_trim(s);
	if (addr == 0 && span_begins(s, "0x") && scan_hex(&s, &addr))
		s.n = 0;
	if ((plus = span_find(s, "+0x")) > 0)
		s.n = (size_t)plus;
	m->name.n = 0;
	if (s.n > 0 && !span_is(s, "[unknown]") && !span_is(s, "<null sym>"))
		buf_span(&m->name, s);
	else
		frame_paged(module, addr, &m->name);
	dump_name(m->d, buf_view(&m->name));
}

static void
end_row(struct memleak *m)
{
	struct dump *d = m->d;
	size_t n = d->frame.n - d->row_frame;

	if (!m->row)
		return;
	m->row = false;
	if (m->alloc.n == 0 || !d->all->options->addresses) {
		dump_row(d, m->bytes, m->count, 0);
		return;
	}
	for (size_t i = 0; i < m->alloc.n; i++) {
		size_t from = d->row_frame;

		dump_row(d, (double)m->alloc.v[i].size, 1, m->alloc.v[i].addr);
		for (size_t k = 0; i + 1 < m->alloc.n && k < n; k++) {
			uint32_t id = d->frame.v[from + k];

			dump_frame(d, id);
		}
	}
}

static void
begin_row(struct memleak *m, uint64_t bytes, uint64_t count)
{
	end_row(m);
	m->alloc.n = 0;
	m->rows++;
	if (!sample_fits(bytes) || !sample_fits(count)) {
		dump_warn(m->d, "line %zu: impossible number, as when the "
		    "probe's stack table overflows: row left out",
		    m->d->in.line);
		m->d->complete = false;
		return;
	}
	m->bytes = (double)bytes;
	m->count = (double)count;
	m->row = true;
}

/* "addr = 0x55 size = 16", of the row above (libbpf) or of none (bcc). */
static bool
read_alloc(struct memleak *m, struct span s)
{
	uint64_t addr, size;

	scan_blank(&s);
	if (!scan_str(&s, "addr = ") || !scan_hex(&s, &addr) ||
	    !scan_str(&s, " size = ") || !scan_u64(&s, &size))
		return false;
	if (m->row && sample_fits(size))
		vec_push(&m->alloc, (struct alloc){ addr, size });
	return true;
}

/*
 * A block lists the largest `top` stacks.  If it has fewer, or fewer than some
 * other block lists, then none was left out of it.
 */
static void
end_block(struct memleak *m)
{
	end_row(m);
	if (m->d->begun && m->rows >= m->top && m->top >= m->largest)
		m->d->complete = false;
	dump_end(m->d);
}

static void
begin_block(struct memleak *m, int64_t time, uint64_t top)
{
	end_block(m);
	if (time < m->last)
		m->day += WHEN_DAY;
	m->last = time;
	m->top = top;
	m->rows = 0;
	dump_begin(m->d, m->day + time);
}

static void
read_line(struct memleak *m, struct span s)
{
	uint64_t bytes, count, top;
	int64_t time;

	if (scan_block(s, &time, &top))
		begin_block(m, time, top);
	else if (scan_str(&s, "Attaching to pid "))
		scan_u64(&s, &m->d->pid);
	else if (!m->d->begun || span_trim(s).n == 0)
		return;
	else if (scan_row(s, &bytes, &count))
		begin_row(m, bytes, count);
	else if (!read_alloc(m, s) && m->row && (s.s[0] == ' ' ||
	    s.s[0] == '\t'))
		read_frame(m, s);
}

/* The text is read whole: which "Top N" is the limit shows only at the end. */
static bool
read(struct dump *d)
{
	struct memleak m = { .d = d };
	struct span s = lines_rest(&d->in), line;
	int64_t time;
	uint64_t top;

	while (s.n > 0)
		if (scan_block(line = scan_until(&s, '\n'), &time, &top) &&
		    top > m.largest)
			m.largest = top;
	m.day = when_floor(d->mtime, WHEN_DAY);
	while (lines_next(&d->in, &line))
		read_line(&m, line);
	end_block(&m);
	buf_free(&m.name);
	vec_free(&m.alloc);
	return true;
}

const struct heap_format format_memleak = { "memleak", sniff, read };
