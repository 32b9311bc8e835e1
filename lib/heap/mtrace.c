/*
 * glibc's mtrace(3): each call of malloc and free, with its one caller.  There
 * is no time in it; it is cut into snapshots of as many lines.
 */
#include <string.h>

#include "base/buf.h"
#include "base/intern.h"
#include "heap/format.h"
#include "heap/formats.h"
#include "heap/frame_name.h"
#include "heap/live.h"

#define START "= Start"

static bool
sniff(struct span head)
{
	return span_begins(head, START "\n") || span_begins(head, START "\r\n");
}

struct mtrace {
	struct dump *d;
	struct live live;
	uint64_t total, before;	/* calls in the file, and in earlier logs */
	uint64_t calls, seen, nth;	/* in this log; its snapshots */
	struct buf name;
};

/*
 * "/lib/x.so:(strdup+1a)[0x7f34]" or "/bin/x:[0x761fb]": the function, or the
 * offset in the module, or "0x7f34" alone.
 */
static uint32_t
caller_id(struct mtrace *m, struct span s)
{
	const char *paren = s.n == 0 ? NULL : memrchr(s.s, '(', s.n);
	const char *square = s.n == 0 ? NULL : memrchr(s.s, '[', s.n);
	const char *slash, *colon;
	struct span name = { "", 0 };
	uint64_t addr = 0;

	m->name.n = 0;
	if (paren != NULL) {
		name = (struct span){ paren + 1,
		    (size_t)(s.s + s.n - paren - 1) };
		name = scan_until(&name, '+');
		if (name.n > 0 && name.s[name.n - 1] == ')')
			name.n--;
	}
	if (name.n > 0 && !span_begins(name, "0x"))
		return dump_name_id(m->d, name);
	if (square != NULL) {
		struct span a = { square + 1,
		    (size_t)(s.s + s.n - square - 1) };

		scan_hex(&a, &addr);
		s.n = (size_t)(square - s.s);
	}
	if ((colon = memrchr(s.s, ':', s.n)) != NULL)
		s.n = (size_t)(colon - s.s);
	if ((slash = memrchr(s.s, '/', s.n)) != NULL) {
		s.n -= (size_t)(slash + 1 - s.s);
		s.s = slash + 1;
	}
	/* The address is a return address, as everywhere. */
	buf_span(&m->name, s);
	if (square != NULL)
		buf_printf(&m->name, "+0x%llx",
		    (unsigned long long)(addr > 0 ? addr - 1 : 0));
	return dump_name_id(m->d, buf_view(&m->name));
}

static void
snapshot(struct mtrace *m)
{
	dump_begin(m->d, m->d->mtime -
	    (int64_t)(m->total - m->before - m->seen));
	for (size_t i = 0; i < m->live.slots; i++)
		if (m->live.slot[i].addr != 0) {
			dump_frame(m->d, m->live.slot[i].site);
			dump_row(m->d, (double)m->live.slot[i].size, 1,
			    m->live.slot[i].addr);
		}
	dump_end(m->d);
}

/* " + 0x55 0x1d8" at a line's end: the operation, where the caller ends. */
static bool
scan_call(struct span *s, char *op, uint64_t *addr, uint64_t *size)
{
	struct span last[3] = { { "", 0 }, { "", 0 }, { "", 0 } };
	size_t n = 0;

	while (n < 3 && s->n > 0) {
		const char *blank = memrchr(s->s, ' ', s->n);

		if (blank == NULL)
			return false;
		last[n++] = (struct span){ blank + 1,
		    (size_t)(s->s + s->n - blank - 1) };
		s->n = (size_t)(blank - s->s);
		if (last[n - 1].n == 1 && strchr("+-<>!", *last[n - 1].s)) {
			*op = *last[n - 1].s;
			*size = 0;
			if (n == 3)
				return scan_hex(&last[1], addr) &&
				    scan_hex(&last[0], size);
			return n == 2 && scan_hex(&last[0], addr);
		}
	}
	return false;
}

static bool
read_line(struct mtrace *m, struct span s)
{
	struct span line = s;
	struct live_item gone;
	uint64_t addr, size;
	char op;

	if (s.n == 0 || s.s[0] == '=')
		return true;
	if (!scan_str(&s, "@ "))
		s = line;
	if (!scan_call(&s, &op, &addr, &size) || !sample_fits(size))
		return dump_fail(m->d, "not '@ CALLER OP ADDRESS [SIZE]'",
		    line);
	if (op == '+' || op == '>')
		live_add(&m->live, addr, size, caller_id(m, s));
	else if (op == '-' || op == '<')
		live_remove(&m->live, addr, &gone);
	m->seen++;
	return true;
}

/* Calls until the log ends, or another begins. */
static uint64_t
count_calls(struct span s)
{
	uint64_t n = 0;

	for (; s.n > 0 && !span_begins(s, START); scan_until(&s, '\n'))
		n += s.s[0] == '@';
	return n;
}

static void
begin_log(struct mtrace *m)
{
	m->calls = count_calls(lines_rest(&m->d->in));
	m->seen = m->nth = 0;
}

/* Logs put together are of one run after another: no address lives on. */
static void
next_log(struct mtrace *m)
{
	snapshot(m);
	live_free(&m->live);
	m->before += m->seen;
	dump_warn(m->d, "another log begins in line %zu: what was live before "
	    "it is no longer", m->d->in.line);
	begin_log(m);
}

static bool
read(struct dump *d)
{
	struct mtrace m = { .d = d };
	uint64_t n = d->all->options->snapshots;
	struct span s = lines_rest(&d->in);
	bool ok = true;

	for (; s.n > 0; scan_until(&s, '\n'))
		m.total += s.s[0] == '@';
	while (ok && lines_next(&d->in, &s)) {
		if (span_begins(s, START) && m.seen > 0)
			next_log(&m);
		else if (span_begins(s, START))
			begin_log(&m);
		ok = read_line(&m, s);
		if (ok && m.nth + 1 < n && m.seen > 0 &&
		    m.seen == m.calls * (m.nth + 1) / n) {
			snapshot(&m);
			m.nth++;
		}
	}
	if (ok)
		snapshot(&m);
	live_free(&m.live);
	buf_free(&m.name);
	return ok;
}

const struct heap_format format_mtrace = { "mtrace", sniff, read };
