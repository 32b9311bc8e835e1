#include "heap/dump.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "heap/format.h"

#define WARNINGS 8	/* of one file; a broken file would print thousands */

uint32_t
dump_address_id(struct dump *d, uint64_t addr)
{
	return 2 * addresses_id(&d->addresses, addr);
}

uint32_t
dump_name_id(struct dump *d, struct span name)
{
	return 2 * frame_table_id(&d->all->frames, name) + 1;
}

void
dump_frame(struct dump *d, uint32_t id)
{
	vec_push(&d->frame, id);
}

/* The functions at an address, if the dump names them. */
static bool
known_address(struct dump *d, uint64_t addr)
{
	size_t n;
	/* Of a call by the byte before its return address, else as it is. */
	const struct symbol *s = symbols_find(&d->symbols, addr - 1, &n);

	if (s == NULL)
		s = symbols_find(&d->symbols, addr, &n);
	for (size_t i = 0; s != NULL && i < n; i++)
		dump_frame(d, s[d->outermost_first ? i : n - 1 - i].frame);
	return s != NULL;
}

void
dump_address(struct dump *d, uint64_t addr)
{
	if (d->symbols.list.n > 0 && known_address(d, addr))
		return;
	vec_push(&d->frame, dump_address_id(d, addr));
}

static bool
read_text(struct dump *d, struct span *s)
{
	struct span text = *s;
	uint64_t addr;

	if (!scan_hex(s, &addr))
		return false;
	dump_address(d, addr);
	text.n -= s->n;
	if (d->symbols.list.n == 0) /* else it may be many frames */
		addresses_keep(&d->addresses, text,
		    d->frame.v[d->frame.n - 1]);
	return true;
}

bool
dump_addresses(struct dump *d, struct span s)
{
	for (scan_blank(&s); s.n > 0; scan_blank(&s)) {
		vec_room(&d->frame, s.n / 2);
		d->frame.n += addresses_take(&d->addresses, &s,
		    d->frame.v + d->frame.n);
		if (s.n > 0 && !read_text(d, &s))
			return dump_fail(d, "not an address", s);
	}
	return true;
}

void
dump_name(struct dump *d, struct span name)
{
	vec_push(&d->frame, dump_name_id(d, name));
}

void
dump_drop(struct dump *d)
{
	d->frame.n = d->row_frame;
}

static void
add_row(struct dump *d, struct sample live, uint64_t addr)
{
	vec_push(&d->row, (struct snapshot_row){ d->row_frame,
	    (uint32_t)(d->frame.n - d->row_frame), live, addr });
	d->row_frame = d->frame.n;
}

void
dump_row(struct dump *d, double bytes, double count, uint64_t addr)
{
	add_row(d, (struct sample){ bytes, count, 0, 0 }, addr);
}

void
dump_sample(struct dump *d, struct sample live)
{
	add_row(d, live, 0);
}

void
dump_begin(struct dump *d, int64_t ts)
{
	d->begun = true;
	d->ts = ts;
	d->complete = true;
	d->frame.n = d->row_frame = d->row.n = 0;
	vec_room(&d->frame, 1);	/* a row may have no frames, but a place */
}

/* The names of the addresses, now that the maps at the dump's end are read. */
static void
name_addresses(struct dump *d)
{
	const struct addresses *a = &d->addresses;
	struct buf text = { 0 };

	maps_ready(&d->maps);
	d->name = mem_new(a->n + 1, sizeof(d->name[0]));
	for (size_t i = 0; i < a->n; i++) {
		uint64_t pc = a->key[i];

		/* A return address may be the next function's first byte. */
		if (!d->exact_pc && pc > 0)
			pc--;
		text.n = 0;
		maps_print(&d->maps, pc, &text);
		d->name[i] = frame_table_id(&d->all->frames,
		    buf_view(&text));
	}
	buf_free(&text);
}

static void
turn(uint32_t *f, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint32_t t = f[i];

		f[i] = f[n - 1 - i];
		f[n - 1 - i] = t;
	}
}

/* Frames to names, outermost first, without the allocator's and repeats. */
static uint32_t
normalise(struct dump *d, uint32_t *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		f[i] = f[i] & 1 ? f[i] >> 1 : d->name[f[i] >> 1];
	if (!d->outermost_first)
		turn(f, n);
	if (d->all->options->raw)
		return (uint32_t)n;
	while (n > 1 && frame_table_kind(&d->all->frames, f[n - 1]) ==
	    FOLD_ALLOCATOR)
		n--;
	return (uint32_t)fold_recursion(f, n);
}

static void
normalise_rows(struct dump *d)
{
	name_addresses(d);
	for (size_t i = 0; i < d->row.n; i++)
		d->row.v[i].depth = normalise(d, d->frame.v +
		    d->row.v[i].frame, d->row.v[i].depth);
	if (!d->all->options->addresses)
		d->row.n = snapshot_merge(d->row.v, d->row.n, d->frame.v);
	free(d->name);
	d->name = NULL;
}

static void
warn_deleted(void *arg, const char *path)
{
	dump_warn(arg, "%s was deleted or replaced while it ran: its symbols "
	    "may be another version's", path);
}

static void
check_process(struct dump *d, const char *process)
{
	struct origin *o = &d->all->origin;

	switch (origin_check(o, process, d->path)) {
	case ORIGIN_SAME:
		break;
	case ORIGIN_OTHER_PROCESS:
		dump_warn(d, "of another process: %s, but %s is of %s", process,
		    o->path, o->first);
		break;
	case ORIGIN_OTHER_PROGRAM:
		dump_warn(d, "of another program: %s, but %s is of %s", process,
		    o->path, o->first);
	}
}

static int64_t
time_of(struct dump *d)
{
	struct dumps *all = d->all;
	uint64_t nth = all->times.n;
	bool late;
	int64_t ts = dump_times_next(&all->times, d->ts, d->mtime, &late);

	if (late && !all->said_time) {
		all->said_time = true;
		dump_warn(d, "snapshot %llu is not later than the one before "
		    "it%s: resin-snap --start --interval sets the times",
		    (unsigned long long)nth,
		    d->ts == WHEN_NEVER ? ", so it is put an interval after" :
		    "");
	}
	return ts;
}

void
dump_end(struct dump *d)
{
	struct dumps *all = d->all;
	struct buf process = { 0 };
	struct snapshot s = { .ordinal = all->times.n,
		.format = d->format->name, .names = &all->frames.name };

	if (!d->begun)
		return;
	d->begun = false;
	dump_drop(d);
	if (d->in.why[0] != '\0')
		dump_truncated(d, d->in.why);
	else if (d->in.cut)
		dump_truncated(d, "in the middle of a line");
	normalise_rows(d);
	origin_print(buf_view(&d->program), d->pid, &d->maps, &process);
	check_process(d, buf_cstr(&process));
	module_list_add(&all->modules, &d->maps, warn_deleted, d);
	s.ts = time_of(d);
	s.process = buf_cstr(&process);
	s.complete = d->complete;
	s.row = d->row.v;
	s.n = d->row.n;
	s.frame = d->frame.v;
	all->emit(all->arg, &s);
	buf_free(&process);
}

bool
dump_fail(struct dump *d, const char *reason, struct span text)
{
	struct buf *why = &d->all->why;

	if (d->failed)
		return false;
	d->failed = true;
	buf_str(why, d->path);
	if (d->in.line > 0)
		buf_printf(why, ":%zu", d->in.line);
	buf_printf(why, ": %s", reason);
	if (text.s != NULL) {
		size_t from = why->n + 3;

		buf_printf(why, ": '%.*s'", span_shown(text), text.s);
		for (; from < why->n; from++)
			if (frame_breaks_row((unsigned char)why->s[from]) &&
			    why->s[from] != ';')
				why->s[from] = '?';
	}
	return false;
}

void
dump_warn(struct dump *d, const char *format, ...)
{
	struct buf b = { 0 };
	va_list ap;
	char *text;

	if (++d->nwarning > WARNINGS)
		return;
	va_start(ap, format);
	if (vasprintf(&text, format, ap) >= 0) {
		buf_printf(&b, "%s: %s", d->path, text);
		free(text);
	}
	va_end(ap);
	if (d->nwarning == WARNINGS)
		buf_str(&b, " (and more like this)");
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.s[i] < ' ')
			b.s[i] = '?';
	vec_push(&d->all->warning, mem_copy(b.s, b.n));
	buf_free(&b);
}

void
dump_truncated(struct dump *d, const char *where)
{
	d->complete = false;
	dump_warn(d, "ends too early (%s): what could be read is marked "
	    "incomplete", where);
}

void
dump_free(struct dump *d)
{
	lines_close(&d->in);
	maps_free(&d->maps);
	symbols_free(&d->symbols);
	buf_free(&d->program);
	addresses_free(&d->addresses);
	vec_free(&d->frame);
	vec_free(&d->row);
}
