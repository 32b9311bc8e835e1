#include "leak/rollup.h"

#include <stdlib.h>
#include <string.h>

#include "leak/rollup_mean.h"
#include "leak/rollup_order.h"
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
name_batch(struct rollup *r, struct rollup_key *key, uint32_t *attributes)
{
	const struct rollup_batch *b = &r->batch;
	uint32_t component[ROLLUP_BATCH], node[ROLLUP_BATCH];

	intern_ids(&r->components, b->component, component, b->n);
	intern_ids(&r->nodes, b->node, node, b->n);
	intern_ids(&r->attributes, b->attributes, attributes, b->n);
	for (size_t i = 0; i < b->n; i++)
		key[i] = (struct rollup_key){ component[i], node[i], b->pid[i],
			b->start[i] };
}

void
rollup_flush(struct rollup *r)
{
	struct rollup_batch *b = &r->batch;
	struct rollup_key key[ROLLUP_BATCH];
	uint32_t attributes[ROLLUP_BATCH], process[ROLLUP_BATCH];

	if (b->n == 0)
		return;
	name_batch(r, key, attributes);
	rollup_find(r->now, key, process, b->n);
	for (size_t i = 0; i < b->n; i++) {
		take_attributes(r, &r->now->process.v[process[i]], b->ts[i],
		    attributes[i]);
		rollup_sample(r->now, process[i], b->usage[i]);
	}
	b->n = 0;
	r->joined.n = 0;
}

/* Of one row, the columns being n apart.  There must be room. */
static struct span
join(struct buf *to, const struct span *attribute, size_t nattribute, size_t n)
{
	size_t from = to->n;

	for (size_t k = 0; k < nattribute; k++) {
		if (k > 0)
			buf_char(to, '\0');
		buf_span(to, attribute[k * n]);
	}
	return (struct span){ to->s + from, to->n - from };
}

static size_t
joined_size(const struct span *attribute, size_t n)
{
	size_t size = n;

	for (size_t i = 0; i < n; i++)
		size += attribute[i].n;
	return size;
}

void
rollup_join(struct rollup *r, const struct span *column, size_t nattribute,
    size_t n)
{
	buf_room(&r->joined, joined_size(column, nattribute * n) + 1);
	for (size_t i = 0; i < n; i++)
		r->batch.attributes[i] = join(&r->joined, column + i,
		    nattribute, n);
}

void
rollup_add(struct rollup *r, const struct rollup_row *row,
    const struct span *attribute, size_t n)
{
	struct rollup_batch *b = &r->batch;
	size_t size = joined_size(attribute, n) + 1;

	if (r->joined.cap - r->joined.n < size) {	/* it may move */
		rollup_flush(r);
		buf_room(&r->joined, size);
	}
	b->attributes[b->n] = join(&r->joined, attribute, n, 1);
	b->component[b->n] = row->component;
	b->node[b->n] = row->node;
	b->pid[b->n] = row->pid;
	b->start[b->n] = row->start;
	b->usage[b->n] = row->usage;
	b->ts[b->n] = row->ts;
	if (++b->n == ROLLUP_BATCH)
		rollup_flush(r);
}

static void
put_process(struct rollup *r, int64_t start, const struct rollup_process *p,
    uint64_t usage)
{
	r->put(r->arg, &(struct rollup_row){
		.component = r->components.key[p->key.component],
		.node = r->nodes.key[p->key.node],
		.attributes = r->attributes.key[p->attributes],
		.pid = p->key.pid,
		.start = p->key.start,
		.ts = start,
		.usage = usage,
	});
}

/* How far ahead of its use a process is fetched. */
enum { AHEAD = 16 };

/* In order; the numbers of those that had samples stay in r->sorted. */
static void
put_processes(struct rollup *r, int64_t start, struct rollup_window *w)
{
	struct rollup_process *process = w->process.v, *p;
	uint32_t *order = r->sorted.v;
	uint64_t *sample = rollup_gather(w);
	size_t n = r->sorted.n, live = 0;

	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			rollup_fetch(&process[order[i + AHEAD]]);
		p = &process[order[i]];
		if (p->samples == 0)
			continue;
		put_process(r, start, p, p->samples == 1 ? p->usage :
		    rollup_mean(sample + p->end - p->samples, p->samples));
		p->samples = 0;
		order[live++] = order[i];
	}
	free(sample);
	r->sorted.n = live;
}

/* Writes the window and makes it ready for the next one; how many processes
 * it had. */
static size_t
put_window(struct rollup *r, int64_t start, struct rollup_window *w)
{
	order_update(&r->component_order, &r->components);
	order_update(&r->node_order, &r->nodes);
	rollup_in_order(w, &r->component_order, &r->node_order, &r->sorted);
	put_processes(r, start, w);
	r->put(r->arg, NULL);
	rollup_next(w, &r->sorted);
	return r->sorted.n;
}

/* `w` is the last window, which still knows processes by their names' ids. */
static void
forget_names(struct rollup *r, struct rollup_window *w, size_t live)
{
	size_t keep = live * NAMES_FACTOR + NAMES_KEPT;

	if (r->windows.open.n > 0 || (r->components.n <= keep &&
	    r->nodes.n <= keep && r->attributes.n <= keep))
		return;
	rollup_clear(w);
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
	forget_names(r, w, put_window(r, closed.start, w));
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
	vec_free(&r->sorted);
	buf_free(&r->joined);
}
