/*
 * Logs of Windows' UMDH (umdh -p:PID): every allocation with its address, and
 * each stack where its id occurs first.  This is what RESIN itself works on.
 */
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/intern.h"
#include "heap/format.h"
#include "heap/formats.h"

static bool
sniff(struct span head)
{
	return span_find(head, "// UMDH: version") >= 0 ||
	    (span_find(head, " by BackTrace") > 0 &&
	    span_find(head, "Start of data for heap @") > 0);
}

struct stack {
	size_t first;		/* of umdh.frames */
	uint32_t n;
	double bytes, count;
};

struct alloc {
	uint64_t bytes, addr;
	uint32_t stack;		/* of umdh.stack */
};

struct umdh {
	struct dump *d;
	struct intern ids;	/* BackTrace18D0A0D0 */
	VEC(struct stack) stack;
	VEC(uint32_t) frames;	/* innermost first */
	VEC(struct alloc) alloc;
	bool modules, tracing;
};

/* "...: Logtime 2012-04-30 12:09 - Machine=X - PID=7696"; UTC is a guess. */
static int64_t
read_banner(struct umdh *u, struct span s)
{
	uint64_t v[5];
	struct tm tm = { 0 };
	ptrdiff_t at = span_find(s, "Logtime "), pid = span_find(s, "PID=");
	struct span t;

	if (pid > 0) {
		t = (struct span){ s.s + pid + 4, s.n - (size_t)pid - 4 };
		scan_u64(&t, &u->d->pid);
	}
	if (at < 0)
		return WHEN_NEVER;
	t = (struct span){ s.s + at + 8, s.n - (size_t)at - 8 };
	for (int i = 0; i < 5; i++) {
		if (!scan_u64(&t, &v[i]) || v[i] > 9999 || t.n == 0)
			return WHEN_NEVER;
		t.s++;
		t.n--;
	}
	tm.tm_year = (int)v[0] - 1900;
	tm.tm_mon = (int)v[1] - 1;
	tm.tm_mday = (int)v[2];
	tm.tm_hour = (int)v[3];
	tm.tm_min = (int)v[4];
	if (v[0] < 1980 || v[0] > 2200)
		return WHEN_NEVER;
	return (int64_t)timegm(&tm) * WHEN_SECOND;
}

/* "//     400000   11D000 D:\blah\app.exe", the program first. */
static bool
read_module(struct umdh *u, struct span s)
{
	uint64_t base, size;

	scan_blank(&s);
	if (!scan_hex(&s, &base) || !scan_str(&s, " "))
		return false;
	scan_blank(&s);
	if (!scan_hex(&s, &size) || !scan_str(&s, " ") ||
	    size > UINT64_MAX - base)
		return false;
	s = span_trim(s);
	if (u->d->program.n == 0) {
		const char *back = memrchr(s.s, '\\', s.n);
		size_t skip = back == NULL ? 0 : (size_t)(back + 1 - s.s);

		buf_add(&u->d->program, s.s + skip, s.n - skip);
	}
	maps_add(&u->d->maps, base, base + size, 0, s, (struct span){ 0 });
	return true;
}

/* "64 bytes + 1C at 2E9FA20 by BackTrace18D0A0D0", all hexadecimal. */
static bool
read_alloc(struct umdh *u, struct span s)
{
	uint64_t bytes, extra, addr;
	uint32_t id;

	if (!scan_hex(&s, &bytes) || !scan_str(&s, " bytes + ") ||
	    !scan_hex(&s, &extra) || !scan_str(&s, " at ") ||
	    !scan_hex(&s, &addr) || !scan_str(&s, " by "))
		return false;
	if (!sample_fits(bytes))
		return dump_fail(u->d, "number too large", s);
	id = intern_id(&u->ids, span_trim(s));
	u->tracing = id == u->stack.n;
	if (u->tracing)
		vec_push(&u->stack, (struct stack){ .first = u->frames.n });
	vec_push(&u->alloc, (struct alloc){ bytes, addr, id });
	return true;
}

static void
read_address(struct umdh *u, struct span s)
{
	uint64_t pc;
	uint32_t id;

	scan_blank(&s);
	if (!u->tracing || !scan_hex(&s, &pc))
		return;
	id = dump_address_id(u->d, pc);
	vec_push(&u->frames, id);
	u->stack.v[u->stack.n - 1].n++;
}

static void
put_stack(struct umdh *u, const struct stack *s)
{
	for (uint32_t k = 0; k < s->n; k++)
		dump_frame(u->d, u->frames.v[s->first + k]);
}

/* Each allocation, or the sums of each stack. */
static void
put_allocs(struct umdh *u)
{
	if (u->d->all->options->addresses) {
		for (size_t i = 0; i < u->alloc.n; i++) {
			put_stack(u, &u->stack.v[u->alloc.v[i].stack]);
			dump_row(u->d, (double)u->alloc.v[i].bytes, 1,
			    u->alloc.v[i].addr);
		}
		return;
	}
	for (size_t i = 0; i < u->alloc.n; i++) {
		u->stack.v[u->alloc.v[i].stack].bytes +=
		    (double)u->alloc.v[i].bytes;
		u->stack.v[u->alloc.v[i].stack].count++;
	}
	for (size_t i = 0; i < u->stack.n; i++) {
		put_stack(u, &u->stack.v[i]);
		dump_row(u->d, u->stack.v[i].bytes, u->stack.v[i].count, 0);
	}
}

static bool
read_line(struct umdh *u, struct span s, int64_t *ts)
{
	uint64_t v;
	struct span t = s;

	if (scan_str(&s, "//")) {
		if (span_find(s, "Loaded modules") >= 0)
			u->modules = true;
		else if (span_find(s, "UMDH: version") >= 0)
			*ts = read_banner(u, s);
		else if (u->modules)
			read_module(u, s);
	} else if (s.n > 0 && s.s[0] == '\t') {
		read_address(u, s);
	} else if (s.n > 0 && s.s[0] != '*' && scan_hex(&t, &v) &&
	    scan_str(&t, " bytes + ")) {
		if (!read_alloc(u, s))
			return dump_fail(u->d, "not 'N bytes + N at ADDRESS "
			    "by BackTraceID'", s);
	}
	return true;
}

static bool
read(struct dump *d)
{
	struct umdh u = { .d = d };
	int64_t ts = WHEN_NEVER;
	struct span s;
	size_t starts = 0, ends = 0;
	bool ok = true;

	while (ok && lines_next(&d->in, &s)) {
		starts += span_find(s, "Start of data for heap @") > 0;
		ends += span_find(s, "End of data for heap @") > 0;
		ok = read_line(&u, s, &ts);
	}
	if (ok) {
		dump_begin(d, ts);
		if (starts > ends && ends > 0)
			dump_truncated(d, "a heap without its end");
		put_allocs(&u);
		dump_end(d);
	}
	intern_free(&u.ids);
	vec_free(&u.stack);
	vec_free(&u.frames);
	vec_free(&u.alloc);
	return ok;
}

const struct heap_format format_umdh = { "umdh", sniff, read };
