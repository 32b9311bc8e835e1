/*
 * heaptrack's records, file format 3 and older: interpreted (what heaptrack
 * writes) and raw (heaptrack -r).  A record is every allocation in order, so it
 * is cut into snapshots at equal steps of its time.
 */
#include <string.h>

#include "base/buf.h"
#include "base/intern.h"
#include "heap/format.h"
#include "heap/formats.h"
#include "heap/frame_name.h"
#include "heap/live.h"

#define DEEPEST 256	/* frames of a stack; heaptrack itself stops at 64 */
#define MS (WHEN_SECOND / 1000)

struct ip { size_t frame; uint32_t n; };
struct trace { uint32_t ip, parent; };	/* ip: of heaptrack.ip, or address id */
struct site {				/* interpreted: size and trace */
	uint64_t size, live;
	uint32_t trace;
};

struct heaptrack {
	struct dump *d;
	uint64_t version;	/* of the file format */
	bool raw;
	struct intern text;
	VEC(uint32_t) string;	/* of text; numbered from 1 in the file */
	VEC(struct ip) ip;	/* from 1 */
	VEC(uint32_t) frames;	/* innermost first */
	VEC(struct trace) trace;	/* from 1 */
	VEC(struct site) site;	/* from 0 */
	struct live live;	/* raw */
	uint64_t end, next, nth;	/* ms: of the record, of the next cut */
	uint64_t lost;		/* events of things not defined */
	bool cut;
	bool totals;		/* the interpreter's, at the end */
	struct buf name;
};

static bool
sniff(struct span head)
{
	struct span s = head;
	uint64_t v;

	return scan_str(&s, "v ") && scan_hex(&s, &v) &&
	    (span_find(head, "\nX ") > 0 || span_find(head, "\nx ") > 0);
}

/* The next blank-separated field, hexadecimal. */
static bool
field(struct span *s, uint64_t *out)
{
	scan_blank(s);
	return scan_hex(s, out);
}

static struct span
string(const struct heaptrack *h, uint64_t i)
{
	if (i == 0 || i > h->string.n)
		return (struct span){ "", 0 };
	return h->text.key[h->string.v[i - 1]];
}

/* "s LEN TEXT"; before version 3 "s TEXT". */
static void
add_string(struct heaptrack *h, struct span s)
{
	uint64_t n;
	struct span t = s;
	uint32_t id;

	if (h->version >= 3 && field(&t, &n)) {
		scan_str(&t, " ");
		s = t;
	}
	id = intern_id(&h->text, s);
	vec_push(&h->string, id);
}

/*
 * "i IP MODULE [FUNCTION FILE LINE]...": what was inlined at one address,
 * innermost first.
 */
static void
add_ip(struct heaptrack *h, struct span s)
{
	struct ip ip = { .frame = h->frames.n };
	uint64_t addr = 0, module = 0, function, file, line;
	uint32_t id;

	field(&s, &addr);
	field(&s, &module);
	while (ip.n < 64 && field(&s, &function)) {
		if (function == 0)
			break;
		id = dump_name_id(h->d, string(h, function));
		vec_push(&h->frames, id);
		ip.n++;
		if (!field(&s, &file) || !field(&s, &line))
			break;
	}
	if (ip.n == 0) {
		h->name.n = 0;
		frame_paged(string(h, module), addr, &h->name);
		id = dump_name_id(h->d, buf_view(&h->name));
		vec_push(&h->frames, id);
		ip.n = 1;
	}
	vec_push(&h->ip, ip);
}

/* "t IP PARENT": a stack is a path to the root, parents come first. */
static void
add_trace(struct heaptrack *h, struct span s)
{
	struct trace t = { 0 };
	uint64_t ip = 0, parent = 0;

	field(&s, &ip);
	field(&s, &parent);
	if (parent <= h->trace.n)
		t.parent = (uint32_t)parent;
	if (h->raw)
		t.ip = dump_address_id(h->d, ip);
	else if (ip <= h->ip.n)
		t.ip = (uint32_t)ip;
	vec_push(&h->trace, t);
}

/* "m LEN NAME BASE {OFFSET SIZE}..."; "m 1 -" begins a new list. */
static void
add_module(struct heaptrack *h, struct span s)
{
	uint64_t n, base, from, size;
	struct span name;

	if (!field(&s, &n) || !scan_str(&s, " ") || n > s.n)
		return;
	name = (struct span){ s.s, (size_t)n };
	s.s += n;
	s.n -= (size_t)n;
	if (span_is(name, "-")) {
		maps_free(&h->d->maps);
		return;
	}
	if (span_is(name, "x"))
		name = buf_view(&h->d->program);
	if (!field(&s, &base))
		return;
	while (field(&s, &from) && field(&s, &size))
		if (base + from >= base && base + from + size >= base)
			maps_add(&h->d->maps, base + from, base + from + size,
			    from, name, (struct span){ 0 });
}

static void
put_stack(struct heaptrack *h, uint32_t trace)
{
	size_t n = 0;

	while (trace != 0 && trace <= h->trace.n && n < DEEPEST) {
		const struct trace *t = &h->trace.v[trace - 1];

		if (h->raw) {
			dump_frame(h->d, t->ip);
			n++;
		} else if (t->ip != 0) {
			const struct ip *ip = &h->ip.v[t->ip - 1];

			for (uint32_t i = 0; i < ip->n; i++)
				dump_frame(h->d, h->frames.v[ip->frame + i]);
			n += ip->n;
		}
		if (t->parent >= trace)
			break;
		trace = t->parent;
	}
}

static void
snapshot(struct heaptrack *h, uint64_t ms)
{
	struct dump *d = h->d;

	dump_begin(d, d->mtime - (int64_t)(h->end - ms) * MS);
	for (size_t i = 0; i < h->site.n; i++)
		if (h->site.v[i].live > 0) {
			put_stack(h, h->site.v[i].trace);
			dump_row(d, (double)h->site.v[i].live *
			    (double)h->site.v[i].size,
			    (double)h->site.v[i].live, 0);
		}
	for (size_t i = 0; i < h->live.slots; i++)
		if (h->live.slot[i].addr != 0) {
			put_stack(h, h->live.slot[i].site);
			dump_row(d, (double)h->live.slot[i].size, 1,
			    h->live.slot[i].addr);
		}
	if (h->cut)
		dump_truncated(d, "no totals at its end");
	dump_end(d);
}

/* "c MS": the clock.  The last cut is the end of the record, not a tick. */
static void
tick(struct heaptrack *h, struct span s)
{
	uint64_t n = h->d->all->options->snapshots, now;

	if (!field(&s, &now))
		return;
	while (h->nth + 1 < n && h->end > 0 &&
	    now >= h->end / n * (h->nth + 1)) {
		snapshot(h, h->end / n * (h->nth + 1));
		h->nth++;
	}
}

static void
allocate(struct heaptrack *h, struct span s)
{
	uint64_t a, trace, addr;

	if (!field(&s, &a)) {
		h->lost++;
	} else if (h->raw) {
		if (field(&s, &trace) && field(&s, &addr) && sample_fits(a))
			live_add(&h->live, addr, a, (uint32_t)trace);
		else
			h->lost++;
	} else if (a < h->site.n) {
		h->site.v[a].live++;
	} else
		h->lost++;
}

static void
release(struct heaptrack *h, struct span s)
{
	struct live_item gone;
	uint64_t a;

	if (!field(&s, &a))
		h->lost++;
	else if (h->raw)	/* of what was there before: no trouble */
		live_remove(&h->live, a, &gone);
	else if (a < h->site.n && h->site.v[a].live > 0)
		h->site.v[a].live--;
	else
		h->lost++;
}

static void
add_site(struct heaptrack *h, struct span s)
{
	struct site site = { 0 };
	uint64_t trace = 0;

	if (!field(&s, &site.size) || !field(&s, &trace) ||
	    !sample_fits(site.size))
		h->lost++;
	site.trace = trace <= h->trace.n ? (uint32_t)trace : 0;
	vec_push(&h->site, site);
}

static void
read_line(struct heaptrack *h, struct span s)
{
	char op = s.n > 1 && s.s[1] == ' ' ? s.s[0] : '\0';
	uint64_t n;

	h->totals |= op == '#';
	if (op == '\0')
		return;
	s.s += 2;
	s.n -= 2;
	switch (op) {
	case 'v':
		if (field(&s, &n) && !field(&s, &h->version))
			h->version = 1;
		break;
	case 'x':	/* only a raw record begins with the program's path */
		if (h->trace.n == 0)
			h->raw = true;
		if (field(&s, &n))
			scan_str(&s, " ");
		h->d->program.n = 0;
		buf_span(&h->d->program, s);
		break;
	case 'X':
		if (h->d->program.n == 0)
			buf_span(&h->d->program, scan_until(&s, ' '));
		break;
	case 's': add_string(h, s); break;
	case 'i': add_ip(h, s); break;
	case 't': add_trace(h, s); break;
	case 'm': add_module(h, s); break;
	case 'a': add_site(h, s); break;
	case '+': allocate(h, s); break;
	case '-': release(h, s); break;
	case 'c': tick(h, s); break;
	}
}

/* Another record begins, as where two files were put into one. */
static bool
is_second(struct span s, size_t *records)
{
	return span_begins(s, "v ") && ++*records > 1;
}

/* How long the record is, which only its end tells: it is read twice. */
static uint64_t
last_tick(struct dump *d)
{
	struct lines again;
	uint64_t ms, last = 0;
	struct span s, all;
	size_t records = 0;

	if (d->in.open && d->in.source.size > 0 &&
	    lines_open(&again, d->path)) {
		while (lines_next(&again, &s) && !is_second(s, &records))
			if (scan_str(&s, "c ") && scan_hex(&s, &ms))
				last = ms;
		lines_close(&again);
		return last;
	}
	for (all = lines_rest(&d->in); all.n > 0;) {
		s = scan_until(&all, '\n');
		if (is_second(s, &records))
			break;
		if (scan_str(&s, "c ") && scan_hex(&s, &ms))
			last = ms;
	}
	return last;
}

static bool
read(struct dump *d)
{
	struct heaptrack h = { .d = d, .version = 3 };
	size_t records = 0;
	struct span s;

	d->exact_pc = true;
	h.end = last_tick(d);
	if (h.end > (uint64_t)(INT64_MAX / MS / 4))
		h.end = 0;
	while (lines_next(&d->in, &s) && !is_second(s, &records))
		read_line(&h, s);
	if (records > 1)
		dump_warn(d, "a second record begins: it is not read");
	if (h.lost > 0)
		dump_warn(d, "%llu events name what the record does not "
		    "define", (unsigned long long)h.lost);
	h.cut = !h.raw && !h.totals && d->in.why[0] == '\0' && !d->in.cut;
	snapshot(&h, h.end);
	intern_free(&h.text);
	vec_free(&h.string);
	vec_free(&h.ip);
	vec_free(&h.frames);
	vec_free(&h.trace);
	vec_free(&h.site);
	live_free(&h.live);
	buf_free(&h.name);
	return true;
}

const struct heap_format format_heaptrack = { "heaptrack", sniff, read };
