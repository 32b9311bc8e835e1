#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/hash.h"
#include "base/load.h"
#include "base/mem.h"
#include "base/vec.h"
#include "heap/dump.h"
#include "heap/format.h"

#define COPIED WHEN_SECOND	/* files closer than that were copied */
#define WARNINGS 8	/* of one file; a broken file would print thousands */

/* A row is one line of flame-graph text: nothing in a name may break it. */
static bool
breaks_row(unsigned char c)
{
	return c < ' ' || c == 0x7f || c == ';';
}

static uint32_t
name_id(struct dumps *all, struct span name)
{
	char small[256], *clean = small;
	uint32_t id;
	size_t i;

	if (name.n == 0)
		name = SPAN("[unknown]");
	for (i = 0; i < name.n && !breaks_row((unsigned char)name.s[i]); i++)
		;
	if (i == name.n)
		return intern_id(&all->names, name);
	if (name.n > sizeof(small))
		clean = mem_new(name.n, 1);
	for (i = 0; i < name.n; i++)
		clean[i] = breaks_row((unsigned char)name.s[i]) ? '_' :
		    name.s[i];
	id = intern_id(&all->names, (struct span){ clean, name.n });
	if (clean != small)
		free(clean);
	return id;
}

static enum fold_kind
kind_of(struct dumps *all, uint32_t name)
{
	while (all->fold.n <= name) {
		struct span next = all->names.key[all->fold.n];

		vec_push(&all->fold, (unsigned char)fold_kind(next));
	}
	return (enum fold_kind)all->fold.v[name];
}

static void
addrs_grow(struct addrs *a)
{
	size_t slots = a->mask == 0 ? 1024 : 2 * (a->mask + 1);

	free(a->slot);
	a->slot = mem_new(slots, sizeof(a->slot[0]));
	a->mask = slots - 1;
	for (size_t i = 0; i < a->n; i++) {
		size_t h = hash_mix(a->key[i], 0x9e3779b97f4a7c15u) & a->mask;

		while (a->slot[h] != 0)
			h = (h + 1) & a->mask;
		a->slot[h] = (uint32_t)i + 1;
	}
}

uint32_t
dump_address_id(struct dump *d, uint64_t addr)
{
	struct addrs *a = &d->addrs;
	size_t h;

	if (2 * a->n >= a->mask)
		addrs_grow(a);
	h = hash_mix(addr, 0x9e3779b97f4a7c15u) & a->mask;
	for (; a->slot[h] != 0; h = (h + 1) & a->mask)
		if (a->key[a->slot[h] - 1] == addr)
			return 2 * (a->slot[h] - 1);
	if (a->n == a->cap)
		a->key = vec_grow(a->key, &a->cap, a->n + 1, sizeof(addr));
	a->key[a->n] = addr;
	a->slot[h] = (uint32_t)++a->n;
	return 2 * (uint32_t)(a->n - 1);
}

uint32_t
dump_name_id(struct dump *d, struct span name)
{
	return 2 * name_id(d->all, name) + 1;
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

/*
 * The same addresses are written millions of times.  Their digits are read
 * once: after that the text itself, 8 to 16 bytes of it as two words, leads to
 * the frame.
 */
enum { TEXTS = 8192 };	/* a power of two; what has no place is read again */
struct addr_text {
	uint64_t head, tail;
	uint32_t n;		/* 0: free */
	uint32_t frame;
};

/* Where the text of n bytes is kept, or belongs. */
static struct addr_text *
text_place(struct dump *d, const char *s, size_t n, struct addr_text *key)
{
	*key = (struct addr_text){ load_le64(s), load_le64(s + n - 8),
		(uint32_t)n, 0 };
	return &d->text[hash_mix(key->head ^ 0xa0761d6478bd642fu,
	    key->tail ^ 0xe7037ed1a0b428dbu) & (TEXTS - 1)];
}

/* Takes an address that is as long as the last one, if it was seen before. */
static bool
seen_text(struct dump *d, struct span *s)
{
	size_t n = d->text_n;
	struct addr_text key, *at;

	if (n < 8 || s->n < n || (s->n > n && s->s[n] != ' '))
		return false;
	at = text_place(d, s->s, n, &key);
	if (at->head != key.head || at->tail != key.tail || at->n != key.n)
		return false;
	vec_push(&d->frame, at->frame);
	s->s += n;
	s->n -= n;
	return true;
}

static bool
read_text(struct dump *d, struct span *s)
{
	const char *from = s->s;
	struct addr_text key, *at;
	uint64_t addr;
	size_t n;

	if (!scan_hex(s, &addr))
		return false;
	dump_address(d, addr);
	n = (size_t)(s->s - from);
	if (n < 8 || n > 16 || d->symbols.list.n > 0)
		return true; /* of those with symbols it may be many frames */
	if (d->text == NULL)
		d->text = mem_new(TEXTS, sizeof(*d->text));
	at = text_place(d, from, n, &key);
	key.frame = d->frame.v[d->frame.n - 1];
	*at = key;
	d->text_n = n;
	return true;
}

bool
dump_addresses(struct dump *d, struct span s)
{
	for (scan_blank(&s); s.n > 0; scan_blank(&s))
		if (!seen_text(d, &s) && !read_text(d, &s))
			return dump_fail(d, "not an address", s);
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
	struct addrs *a = &d->addrs;
	struct buf text = { 0 };

	maps_ready(&d->maps);
	a->name = mem_new(a->n + 1, sizeof(a->name[0]));
	for (size_t i = 0; i < a->n; i++) {
		uint64_t pc = a->key[i];

		/* A return address may be the next function's first byte. */
		if (!d->exact_pc && pc > 0)
			pc--;
		text.n = 0;
		maps_print(&d->maps, pc, &text);
		a->name[i] = name_id(d->all, buf_view(&text));
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
		f[i] = f[i] & 1 ? f[i] >> 1 : d->addrs.name[f[i] >> 1];
	if (!d->outermost_first)
		turn(f, n);
	if (d->all->options->raw)
		return (uint32_t)n;
	while (n > 1 && kind_of(d->all, f[n - 1]) == FOLD_ALLOCATOR)
		n--;
	return (uint32_t)fold_recursion(f, n);
}

/*
 * Rows of one stack become one; the order is that of first appearance.  The
 * stacks are compared as numbers of names, so ASLR cannot tell them apart.
 */
static void
merge(struct dump *d)
{
	size_t slots = 16, n = 0, i, h;
	uint32_t *slot;
	struct snapshot_row *row = d->row.v;

	while (slots < 2 * d->row.n)
		slots *= 2;
	slot = mem_new(slots, sizeof(slot[0]));
	for (i = 0; i < d->row.n; i++) {
		const uint32_t *f = d->frame.v + row[i].frame;
		size_t bytes = row[i].depth * sizeof(f[0]);

		for (h = hash_bytes(f, bytes) & (slots - 1); slot[h] != 0;
		    h = (h + 1) & (slots - 1))
			if (row[slot[h] - 1].depth == row[i].depth &&
			    memcmp(d->frame.v + row[slot[h] - 1].frame, f,
			    bytes) == 0)
				break;
		if (slot[h] == 0) {
			row[n++] = row[i];
			slot[h] = (uint32_t)n;
			continue;
		}
		sample_add(&row[slot[h] - 1].live, &row[i].live);
	}
	d->row.n = n;
	free(slot);
}

static int
compare_module(const void *a, const void *b)
{
	const struct dump_module *x = a, *y = b;
	int c = strcmp(x->module, y->module);

	return c != 0 ? c : strcmp(x->path, y->path);
}

/* Is this the first time that this file is mapped under this name? */
static bool
new_module(struct dumps *all, const struct map *m)
{
	struct buf key = { 0 };
	size_t n = all->seen.n;

	buf_str(&key, m->module);
	buf_char(&key, '\n');
	buf_str(&key, m->path);
	intern_id(&all->seen, buf_view(&key));
	buf_free(&key);
	return all->seen.n > n;
}

static void
keep_modules(struct dump *d)
{
	struct dumps *all = d->all;
	size_t before = all->module.n;

	for (size_t i = 0; i < d->maps.n; i++) {
		const struct map *m = &d->maps.v[i];

		if (!m->exec || m->path[0] == '[' || !new_module(all, m))
			continue;
		if (m->deleted)
			dump_warn(d, "%s was deleted or replaced while it "
			    "ran: its symbols may be another version's",
			    m->path);
		vec_push(&all->module, (struct dump_module){
		    mem_copy(m->module, strlen(m->module)),
		    mem_copy(m->path, strlen(m->path)),
		    m->build_id == NULL ? NULL :
		    mem_copy(m->build_id, strlen(m->build_id)) });
	}
	if (all->module.n > before)
		qsort(all->module.v, all->module.n, sizeof(all->module.v[0]),
		    compare_module);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* Which process: a restart or another program is not to be compared blindly. */
static void
print_process(struct dump *d, struct buf *out)
{
	const struct map *program = maps_program(&d->maps);

	if (d->program.n > 0)
		buf_str(out, base_name(buf_cstr(&d->program)));
	else if (program != NULL)
		buf_str(out, program->module);
	if (d->pid != 0)
		buf_printf(out, "[%llu]", (unsigned long long)d->pid);
	if (d->maps.vdso != 0)
		buf_printf(out, "@%llx", (unsigned long long)d->maps.vdso);
	for (size_t i = 0; i < out->n; i++)
		if (breaks_row((unsigned char)out->s[i]))
			out->s[i] = '_';
}

static void
check_process(struct dump *d, const char *process)
{
	struct dumps *all = d->all;
	size_t n = strcspn(process, "[@");

	if (process[0] == '\0')
		return;
	if (all->first_process == NULL) {
		all->first_process = mem_copy(process, strlen(process));
		all->first_path = mem_copy(d->path, strlen(d->path));
		return;
	}
	if (strcmp(all->first_process, process) == 0 ||
	    (all->last_process != NULL &&
	    strcmp(all->last_process, process) == 0))
		return;
	free(all->last_process);
	all->last_process = mem_copy(process, strlen(process));
	if (strncmp(all->first_process, process, n) != 0 ||
	    strcspn(all->first_process, "[@") != n)
		dump_warn(d, "of another program: %s, but %s is of %s", process,
		    all->first_path, all->first_process);
	else
		dump_warn(d, "of another process: %s, but %s is of %s", process,
		    all->first_path, all->first_process);
}

/*
 * The dump's own time, or the file's.  A copy, an archive or a checkout gives
 * files times that say nothing, and a file of several dumps has but one: then
 * the snapshots are taken to be an interval apart, in the order given.
 */
static int64_t
time_of(struct dump *d)
{
	struct dumps *all = d->all;
	int64_t interval = all->options->interval, ts = d->ts;
	int64_t nth = (int64_t)all->ordinal * interval;
	bool late;

	if (all->options->start != WHEN_NEVER)
		return all->options->start + nth;
	if (ts == WHEN_NEVER)
		ts = all->even != WHEN_NEVER ? all->even + nth : d->mtime;
	late = all->ordinal > 0 && ts <= all->newest;
	if (late && !all->said_time) {
		all->said_time = true;
		dump_warn(d, "snapshot %llu is not later than the one before "
		    "it%s: --start and --interval set the times",
		    (unsigned long long)all->ordinal,
		    d->ts == WHEN_NEVER ? ", so it is put an interval after" :
		    "");
	}
	return late && d->ts == WHEN_NEVER ? all->newest + interval : ts;
}

void
dump_end(struct dump *d)
{
	struct dumps *all = d->all;
	struct buf process = { 0 };
	struct snapshot s = { 0 };

	if (!d->begun)
		return;
	d->begun = false;
	dump_drop(d);
	if (d->in.why[0] != '\0')
		dump_truncated(d, d->in.why);
	else if (d->in.cut)
		dump_truncated(d, "in the middle of a line");
	name_addresses(d);
	for (size_t i = 0; i < d->row.n; i++)
		d->row.v[i].depth = normalise(d, d->frame.v +
		    d->row.v[i].frame, d->row.v[i].depth);
	if (!all->options->addresses)
		merge(d);
	print_process(d, &process);
	check_process(d, buf_cstr(&process));
	keep_modules(d);
	s.ordinal = all->ordinal;
	s.ts = all->newest = time_of(d);
	s.format = d->format->name;
	s.process = buf_cstr(&process);
	s.complete = d->complete;
	s.row = d->row.v;
	s.n = d->row.n;
	s.frame = d->frame.v;
	s.names = &all->names;
	all->emit(all->arg, &s);
	all->ordinal++;
	buf_free(&process);
	free(d->addrs.name);
	d->addrs.name = NULL;
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
			if (breaks_row((unsigned char)why->s[from]) &&
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

static bool
read_one(struct dump *d)
{
	struct dumps *all = d->all;
	struct span head = lines_head(&d->in);
	bool ok;

	if (head.n == 0 && d->in.why[0] != '\0')
		return dump_fail(d, d->in.why, (struct span){ 0 });
	if (head.n == 0)
		return dump_fail(d, "empty", (struct span){ 0 });
	if (all->options->format != NULL)
		d->format = format_named(all->options->format);
	else
		d->format = format_sniff(head);
	if (d->format == NULL)
		return dump_fail(d, "no known format of heap dumps "
		    "(see --format)", (struct span){ 0 });
	ok = d->format->read(d);
	if (ok && d->in.fatal)
		return dump_fail(d, d->in.why, (struct span){ 0 });
	return ok;
}

static void
free_one(struct dump *d)
{
	lines_close(&d->in);
	maps_free(&d->maps);
	symbols_free(&d->symbols);
	buf_free(&d->program);
	free(d->addrs.key);
	free(d->addrs.slot);
	free(d->addrs.name);
	free(d->text);
	vec_free(&d->frame);
	vec_free(&d->row);
}

/* A pipe has no time of its own: what it carries is being taken now. */
static int64_t
file_time(struct lines *in)
{
	struct stat st;
	struct timespec t;

	if (fstat(in->source.fd, &st) == 0 && S_ISREG(st.st_mode))
		t = st.st_mtim;
	else
		clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * WHEN_SECOND + t.tv_nsec;
}

static int
by_number(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

void
dumps_order(char **path, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(path[i - 1], path[i]) >= 0)
			return;
	if (n > 1)
		qsort(path, n, sizeof(path[0]), by_number);
}

bool
dumps_times(struct dumps *all, char **path, size_t n)
{
	int64_t first = INT64_MAX, last = INT64_MIN, t;
	struct stat st;

	for (size_t i = 0; i < n; i++) {
		if (stat(path[i], &st) == -1 || !S_ISREG(st.st_mode))
			return true;
		t = (int64_t)st.st_mtim.tv_sec * WHEN_SECOND +
		    st.st_mtim.tv_nsec;
		first = t < first ? t : first;
		last = t > last ? t : last;
	}
	all->even = WHEN_NEVER;
	if (n < 2 || last - first >= (int64_t)(n - 1) * COPIED)
		return true;
	all->even = first;
	return false;
}

bool
dumps_read(struct dumps *all, const char *path)
{
	struct dump d = { .all = all, .path = path };
	bool ok;

	if (!lines_open(&d.in, path)) {
		buf_printf(&all->why, "%s: %s", path, d.in.why);
		return false;
	}
	d.path = d.in.source.name;
	d.mtime = file_time(&d.in);
	ok = read_one(&d);
	free_one(&d);
	return ok;
}

bool
dumps_read_memory(struct dumps *all, const void *p, size_t n)
{
	struct dump d = { .all = all, .path = "memory" };
	bool ok;

	lines_memory(&d.in, p, n);
	ok = read_one(&d);
	free_one(&d);
	return ok;
}

void
dumps_free(struct dumps *all)
{
	intern_free(&all->names);
	intern_free(&all->seen);
	vec_free(&all->fold);
	for (size_t i = 0; i < all->module.n; i++) {
		free(all->module.v[i].module);
		free(all->module.v[i].path);
		free(all->module.v[i].build_id);
	}
	vec_free(&all->module);
	for (size_t i = 0; i < all->warning.n; i++)
		free(all->warning.v[i]);
	vec_free(&all->warning);
	free(all->first_process);
	free(all->first_path);
	free(all->last_process);
	buf_free(&all->why);
}
