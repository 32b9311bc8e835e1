#include "leak/rollup.h"

#include <stdlib.h>
#include <string.h>

#include "leak/rollup_mean.h"
#include "leak/rollup_table.h"

/* Names kept beyond those of the last window, before starting afresh. */
#define NAMES_KEPT (1 << 16)
#define NAMES_FACTOR 4

void
rollup_init(struct rollup *r, const struct windows_options *windows,
    rollup_put *put, void *arg)
{
	*r = (struct rollup){
		.put = put,
		.arg = arg,
		.windows = { .options = *windows, .closed = WHEN_NEVER },
	};
}

/* The attributes of the newest sample, of equally new ones the greater. */
static void
take_attributes(const struct rollup *r, struct rollup_process *p, int64_t ts,
    uint32_t attributes)
{
	const struct span *text = r->attributes.key;

	if (p->samples > 0 && (ts < p->newest || (ts == p->newest &&
	    (attributes == p->attributes ||
	    span_cmp(text[attributes], text[p->attributes]) < 0))))
		return;
	p->newest = ts;
	p->attributes = attributes;
}

static void
name_batch(struct rollup *r, struct rollup_process *key, uint32_t *attributes)
{
	struct span component[ROLLUP_BATCH], node[ROLLUP_BATCH];
	struct span text[ROLLUP_BATCH];
	uint32_t c[ROLLUP_BATCH], n[ROLLUP_BATCH];

	for (size_t i = 0; i < r->n; i++) {
		component[i] = r->row[i].component;
		node[i] = r->row[i].node;
		text[i] = r->row[i].attributes;
	}
	intern_ids(&r->components, component, c, r->n);
	intern_ids(&r->nodes, node, n, r->n);
	intern_ids(&r->attributes, text, attributes, r->n);
	for (size_t i = 0; i < r->n; i++)
		key[i] = (struct rollup_process){
			.component = c[i],
			.node = n[i],
			.pid = r->row[i].pid,
			.start = r->row[i].start,
		};
}

void
rollup_flush(struct rollup *r)
{
	struct rollup_process key[ROLLUP_BATCH];
	uint32_t attributes[ROLLUP_BATCH], process[ROLLUP_BATCH];

	if (r->n == 0)
		return;
	name_batch(r, key, attributes);
	rollup_find(r->now, key, process, r->n);
	for (size_t i = 0; i < r->n; i++) {
		take_attributes(r, &r->now->process.v[process[i]],
		    r->row[i].ts, attributes[i]);
		rollup_sample(r->now, process[i], r->row[i].usage);
	}
	r->n = 0;
	r->joined.n = 0;
}

static struct span
join(struct rollup *r, const struct span *attribute, size_t n)
{
	struct buf *b = &r->joined;
	size_t size = n, from;

	for (size_t i = 0; i < n; i++)
		size += attribute[i].n;
	if (b->n + size > b->cap) {	/* it may move */
		rollup_flush(r);
		buf_room(b, size);
	}
	from = b->n;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(b, '\0');
		buf_span(b, attribute[i]);
	}
	return (struct span){ b->s + from, b->n - from };
}

void
rollup_add(struct rollup *r, const struct rollup_row *row,
    const struct span *attribute, size_t n)
{
	struct span joined = n == 0 ? SPAN("") :
	    n == 1 ? attribute[0] : join(r, attribute, n);

	r->row[r->n] = *row;
	r->row[r->n].attributes = joined;
	if (++r->n == ROLLUP_BATCH)
		rollup_flush(r);
}

/* What puts the processes in order: names by rank, then pid and start. */
struct place {
	uint64_t names;
	uint64_t pid;
	uint32_t process;
};

/* How far ahead of its use a process is fetched. */
enum { AHEAD = 16 };

/* One pass of a radix sort, by up to 11 bits of the names. */
enum { RADIX_BITS = 11 };

static void
radix_pass(const struct place *from, struct place *to, size_t n, unsigned shift,
    unsigned bits)
{
	size_t at[1 << RADIX_BITS] = { 0 }, total = 0, mask = (1u << bits) - 1;

	for (size_t i = 0; i < n; i++)
		at[from[i].names >> shift & mask]++;
	for (size_t d = 0; d <= mask; d++) {
		size_t count = at[d];

		at[d] = total;
		total += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].names >> shift & mask]++] = from[i];
}

static bool
comes_after(const struct place *a, const struct place *b,
    const struct rollup_process *process)
{
	if (a->pid != b->pid)
		return a->pid + 1 > b->pid + 1;		/* none first */
	return process[a->process].start > process[b->process].start;
}

static int
by_instance(const void *va, const void *vb, void *process)
{
	return comes_after(va, vb, process) ? 1 : -1;
}

/* Places of the same names. */
static void
sort_instances(struct place *v, size_t n, struct rollup_process *process)
{
	if (n > AHEAD) {
		qsort_r(v, n, sizeof(*v), by_instance, process);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct place x = v[i];
		size_t k = i;

		for (; k > 0 && comes_after(&v[k - 1], &x, process); k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* By names, none above `most`; in equal passes. */
static struct place *
sort_places(struct place *v, struct place *spare, size_t n, uint64_t most)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(most | 1);
	unsigned passes = (bits + RADIX_BITS - 1) / RADIX_BITS;
	unsigned digit = (bits + passes - 1) / passes;

	for (unsigned shift = 0; shift < bits; shift += digit) {
		struct place *swap = v;

		radix_pass(v, spare, n, shift, digit);
		v = spare;
		spare = swap;
	}
	return v;
}

/* All processes of the window in the order of the output; the array is
 * allocated and its own: v[0] of *memory. */
static const struct place *
in_order(struct rollup *r, const struct rollup_window *w, struct place **memory)
{
	size_t n = w->process.n, end;
	unsigned bits;
	struct place *v = mem_new(2 * n, sizeof(*v));

	*memory = v;
	order_update(&r->component_order, &r->components);
	order_update(&r->node_order, &r->nodes);
	bits = 64 - (unsigned)__builtin_clzll(r->nodes.n);
	for (size_t i = 0; i < n; i++) {
		const struct rollup_process *p = &w->process.v[i];
		uint64_t c = r->component_order.rank.v[p->component];

		v[i].names = c << bits | r->node_order.rank.v[p->node];
		v[i].pid = p->pid;
		v[i].process = (uint32_t)i;
	}
	v = sort_places(v, v + n, n, (uint64_t)r->components.n << bits);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && v[end].names == v[i].names; end++)
			;
		sort_instances(v + i, end - i, w->process.v);
	}
	return v;
}

static void
put_process(struct rollup *r, int64_t start, const struct rollup_process *p,
    uint64_t usage)
{
	r->put(r->arg, &(struct rollup_row){
		.component = r->components.key[p->component],
		.node = r->nodes.key[p->node],
		.attributes = r->attributes.key[p->attributes],
		.pid = p->pid,
		.start = p->start,
		.ts = start,
		.usage = usage,
	});
}

static void
put_window(struct rollup *r, int64_t start, struct rollup_window *w)
{
	const struct rollup_process *process = w->process.v;
	const struct place *place;
	struct place *memory;
	uint64_t *sample;
	size_t *from, n = w->process.n;

	if (n == 0)
		return;
	place = in_order(r, w, &memory);
	rollup_gather(w, &sample, &from);
	for (size_t i = 0; i < n; i++) {
		const struct rollup_process *p = &process[place[i].process];

		if (i + AHEAD < n)
			rollup_fetch(&process[place[i + AHEAD].process]);
		put_process(r, start, p, p->samples == 1 ? p->first :
		    rollup_mean(sample + from[place[i].process], p->samples));
	}
	free(sample);
	free(from);
	free(memory);
}

static void
forget_names(struct rollup *r, size_t live)
{
	size_t keep = live * NAMES_FACTOR + NAMES_KEPT;

	if (r->windows.open.n > 0 || (r->components.n <= keep &&
	    r->nodes.n <= keep && r->attributes.n <= keep))
		return;
	intern_free(&r->components);
	intern_free(&r->nodes);
	intern_free(&r->attributes);
	order_free(&r->component_order);
	order_free(&r->node_order);
}

static void
drop_window(struct rollup_window *w)
{
	if (w != NULL)
		rollup_window_free(w);
	free(w);
}

static bool
close_oldest(struct rollup *r)
{
	struct rollup_window *w;
	struct window closed;

	if (!windows_close(&r->windows, &closed))
		return false;
	w = closed.data;
	put_window(r, closed.start, w);
	forget_names(r, w->process.n);
	rollup_clear(w);
	drop_window(r->spare);
	r->spare = w;
	return true;
}

const char *
rollup_time(struct rollup *r, int64_t ts)
{
	struct window *w;

	if (r->now != NULL && ts >= r->from && ts < r->to)
		return NULL;
	rollup_flush(r);
	r->now = NULL;
	while (windows_due(&r->windows, ts))
		close_oldest(r);
	w = windows_at(&r->windows, ts);
	if (w == NULL)
		return "its window is closed: sort by ts, or see --lateness";
	if (w->data == NULL) {
		w->data = r->spare != NULL ? r->spare :
		    mem_new(1, sizeof(struct rollup_window));
		r->spare = NULL;
	}
	r->now = w->data;
	r->from = w->start;
	if (__builtin_add_overflow(w->start, r->windows.options.width, &r->to))
		r->to = INT64_MAX;
	return NULL;
}

void
rollup_end(struct rollup *r)
{
	rollup_flush(r);
	r->now = NULL;
	while (close_oldest(r))
		;
}

void
rollup_free(struct rollup *r)
{
	struct window w;

	while (windows_close(&r->windows, &w))
		drop_window(w.data);
	drop_window(r->spare);
	vec_free(&r->windows.open);
	intern_free(&r->components);
	intern_free(&r->nodes);
	intern_free(&r->attributes);
	order_free(&r->component_order);
	order_free(&r->node_order);
	buf_free(&r->joined);
}
