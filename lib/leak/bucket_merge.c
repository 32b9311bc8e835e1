#include "leak/bucket_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const struct input_column merge_columns[MERGE_COLUMNS] = {
	[MERGE_TS] = { "ts", 0 },
	[MERGE_COMPONENT] = { "component", 0 },
	[MERGE_BUCKET] = { "bucket", 0 },
	[MERGE_NODES] = { "nodes", 0 },
	[MERGE_WINDOW] = { "window", 0 },
	[MERGE_EDGES] = { "edges", 0 },
};

static int
order(int64_t ts_a, struct span key_a, uint64_t bucket_a, int64_t ts_b,
    struct span key_b, uint64_t bucket_b)
{
	int c;

	if (ts_a != ts_b)
		return ts_a < ts_b ? -1 : 1;
	c = span_cmp(key_a, key_b);
	return c != 0 ? c : (bucket_a > bucket_b) - (bucket_a < bucket_b);
}

static bool
less(const struct merge *m, size_t a, size_t b)
{
	const struct merge_part *pa = &m->part[a], *pb = &m->part[b];
	int c = order(pa->ts, buf_view(&pa->key), pa->bucket, pb->ts,
	    buf_view(&pb->key), pb->bucket);

	return c != 0 ? c < 0 : a < b;
}

static void
sift_down(struct merge *m, size_t i)
{
	for (;;) {
		size_t child = 2 * i + 1, low = i, swap;

		if (child < m->nheap && less(m, m->heap[child], m->heap[low]))
			low = child;
		if (child + 1 < m->nheap &&
		    less(m, m->heap[child + 1], m->heap[low]))
			low = child + 1;
		if (low == i)
			return;
		swap = m->heap[i];
		m->heap[i] = m->heap[low];
		m->heap[low] = swap;
		i = low;
	}
}

/* All rows of all parts say the same of `col`, which the first one said. */
static void
check_same(struct input *in, size_t col, struct buf *first, const char *reason)
{
	struct span text = input_key(in, col);

	if (first->n == 0)
		buf_span(first, text);
	else if (!span_eq(buf_view(first), text))
		input_fault(in, col, reason);
}

static void
check_edges(struct merge *m, struct input *in, uint64_t bucket)
{
	const char *why;

	check_same(in, MERGE_WINDOW, &m->window_text,
	    "not the first part's window");
	check_same(in, MERGE_EDGES, &m->edges_text,
	    "not the first part's edges");
	if (m->edges.n == 0 && m->edges_text.n > 0) {
		why = edges_parse(&m->edges, buf_cstr(&m->edges_text));
		if (why != NULL) {
			edges_free(&m->edges);
			m->edges_text.n = 0;
			input_fault(in, MERGE_EDGES, why);
			return;
		}
	}
	if (m->edges.n > 0 && edges_find(&m->edges, bucket) == m->edges.n)
		input_fault(in, MERGE_BUCKET, "not one of the edges");
}

static void
read_row(struct merge *m, struct merge_part *p)
{
	struct input *in = &p->in;
	struct buf swap = p->last_key;

	p->last_key = p->key;
	p->key = swap;
	p->last_ts = p->ts;
	p->last_bucket = p->bucket;
	p->ts = input_time(in, MERGE_TS);
	p->bucket = input_u64(in, MERGE_BUCKET);
	p->nodes = input_u64(in, MERGE_NODES);
	p->key.n = 0;
	buf_span(&p->key, input_key(in, MERGE_COMPONENT));
	for (size_t i = 0; i < in->ncarry; i++) {
		buf_char(&p->key, '\0');
		buf_span(&p->key, input_carried(in, i));
	}
	check_edges(m, in, p->bucket);
	if (p->started && order(p->last_ts, buf_view(&p->last_key),
	    p->last_bucket, p->ts, buf_view(&p->key), p->bucket) >= 0)
		input_fault(in, MERGE_TS,
		    "out of order: ts, component, attributes, bucket");
}

/* The part's next row.  False: it has no more, or m->failed is set. */
static bool
advance(struct merge *m, struct merge_part *p)
{
	while (input_next(&p->in)) {
		read_row(m, p);
		if (input_bad(&p->in)) {
			/* What was put aside is not what order goes by. */
			struct buf swap = p->last_key;

			p->last_key = p->key;
			p->key = swap;
			p->ts = p->last_ts;
			p->bucket = p->last_bucket;
			continue;
		}
		p->started = true;
		return true;
	}
	if (input_why(&p->in) != NULL)
		m->failed = p;
	return false;
}

static bool
same_columns(const struct input *a, const struct input *b)
{
	bool same = a->ncarry == b->ncarry;

	for (size_t i = 0; same && i < a->ncarry; i++)
		same = span_eq(a->carry[i], b->carry[i]);
	return same;
}

bool
merge_init(struct merge *m, struct merge_part *part, size_t npart)
{
	*m = (struct merge){ .part = part, .npart = npart };
	m->heap = mem_new(npart, sizeof(*m->heap));
	for (size_t i = 0; i < npart && m->failed == NULL; i++) {
		if (!same_columns(&part[0].in, &part[i].in)) {
			m->failed = &part[i];
			m->why = "not the first part's columns";
		} else if (advance(m, &part[i]))
			m->heap[m->nheap++] = i;
	}
	for (size_t i = m->nheap; i-- > 0;)
		sift_down(m, i);
	return m->failed == NULL;
}

bool
merge_next(struct merge *m, struct merge_row *row)
{
	struct merge_part *p;

	if (m->failed != NULL || m->why != NULL || m->nheap == 0)
		return false;
	p = &m->part[m->heap[0]];
	m->sum_key.n = 0;
	buf_span(&m->sum_key, buf_view(&p->key));
	*row = (struct merge_row){ .ts = p->ts, .bucket = p->bucket,
		.key = buf_view(&m->sum_key) };
	do {
		if (__builtin_add_overflow(row->nodes, p->nodes, &row->nodes)) {
			m->why = "the sum of nodes overflows";
			return false;
		}
		if (!advance(m, p))
			m->heap[0] = m->heap[--m->nheap];
		sift_down(m, 0);
		if (m->failed != NULL)
			return false;
		p = &m->part[m->heap[0]];
	} while (m->nheap > 0 && order(p->ts, buf_view(&p->key), p->bucket,
	    row->ts, row->key, row->bucket) == 0);
	return true;
}

const char *
merge_why(struct merge *m, struct input **part)
{
	*part = m->failed != NULL ? &m->failed->in : NULL;
	return m->why;
}

void
merge_free(struct merge *m)
{
	for (size_t i = 0; i < m->npart; i++) {
		buf_free(&m->part[i].key);
		buf_free(&m->part[i].last_key);
	}
	free(m->heap);
	buf_free(&m->sum_key);
	buf_free(&m->edges_text);
	buf_free(&m->window_text);
	edges_free(&m->edges);
}
