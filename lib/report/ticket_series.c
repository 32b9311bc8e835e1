/* Memory over time: a drawing in HTML, lines of text in Markdown. */
#include <stdlib.h>

#include "base/human.h"
#include "base/when.h"
#include "report/ticket_sections.h"

#define PEERS 12	/* healthy processes drawn */
#define LEAKS 12	/* leaking ones drawn */
#define SPARKS 40	/* heights in a drawing made of text */

static int
earlier(const void *a, const void *b)
{
	const struct plot_point *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* The place of a series' process among ours, or SIZE_MAX. */
static size_t
process_of(const struct ticket_writer *w, const struct ticket_series *s)
{
	size_t i;

	for (i = 0; i < w->nprocess; i++) {
		const struct ticket_process *p = &w->t->process.v[i];

		if (span_eq(p->node, s->node) && span_eq(p->pid, s->pid) &&
		    span_eq(p->cluster, s->cluster) &&
		    (p->start == s->start || s->start == WHEN_NEVER))
			return i;
	}
	return SIZE_MAX;
}

struct drawn {
	struct ticket_series *s;
	size_t process;		/* SIZE_MAX: it does not leak */
};

static int
draw_first(const void *a, const void *b)
{
	const struct drawn *x = a, *y = b;
	int c;

	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	if ((c = span_cmp(x->s->cluster, y->s->cluster)) != 0 ||
	    (c = span_cmp(x->s->node, y->s->node)) != 0 ||
	    (c = span_cmp(x->s->pid, y->s->pid)) != 0)
		return c;
	return (x->s->start > y->s->start) - (x->s->start < y->s->start);
}

/*
 * The component's series, leaking ones first, no more than can be told apart.
 */
static void
choose_series(struct ticket_writer *w, struct drawn **list, size_t *n)
{
	VEC(struct drawn) all = { 0 };
	size_t i, leaks = 0, peers = 0;

	for (i = 0; i < w->t->series.n; i++) {
		struct ticket_series *s = &w->t->series.v[i];

		if (span_eq(s->component, w->component))
			vec_push(&all, (struct drawn){ s, process_of(w, s) });
	}
	if (all.n > 1)
		qsort(all.v, all.n, sizeof(*all.v), draw_first);
	for (i = *n = 0; i < all.n; i++)
		if (all.v[i].process == SIZE_MAX ? peers++ < PEERS :
		    leaks++ < LEAKS)
			all.v[(*n)++] = all.v[i];
	*list = all.v;
}

static void
sparkline(struct ticket_writer *w, const struct ticket_series *s)
{
	double v[SPARKS];
	size_t n = s->point.n < SPARKS ? s->point.n : SPARKS, i;

	for (i = 0; i < n; i++)
		v[i] = s->point.v[i * (s->point.n - 1) / (n > 1 ? n - 1 : 1)]
		    .bytes;
	buf_sparkline(&w->b, v, n);
}

/* In Markdown, which has no drawings of its own. */
static void
put_sparklines(struct ticket_writer *w, const struct drawn *d, size_t n)
{
	size_t i;

	ticket_value(w);
	for (i = 0; i < n && d[i].process != SIZE_MAX; i++) {
		if (i > 0)
			buf_char(&w->b, '\n');
		sparkline(w, d[i].s);
		buf_str(&w->b, "  ");
		buf_bytes(&w->b, d[i].s->point.v[d[i].s->point.n - 1].bytes);
		buf_str(&w->b, "  ");
		buf_span(&w->b, d[i].s->node);
		buf_char(&w->b, ' ');
		buf_span(&w->b, d[i].s->pid);
	}
	if (i > 0)
		page_code(&w->page, ticket_made(w));
}

static void
put_drawing(struct ticket_writer *w, const struct drawn *d, size_t n)
{
	struct plot_line *line = mem_new(n, sizeof(*line));
	struct plot plot = { line, n, 0, 0, SPAN("Memory of the leaking "
	    "processes and of others of the component over time") };
	size_t i;

	for (i = 0; i < n; i++)
		line[i] = (struct plot_line){ d[i].s->point.v,
			d[i].s->point.n, d[i].s->node,
			d[i].process != SIZE_MAX };
	if (w->nprocess > 0 && w->t->process.v[0].leak_start != WHEN_NEVER) {
		plot.from = w->t->process.v[0].leak_start;
		plot.to = w->t->process.v[0].leak_end;
	}
	ticket_value(w);
	buf_str(&w->b, "<figure>\n");
	plot_svg(&plot, &w->b);
	buf_str(&w->b, "<figcaption>Leaking processes in front, others of the "
	    "component in grey; shaded while the most severe one leaks. "
	    "Times are UTC.</figcaption>\n</figure>\n");
	page_raw(&w->page, ticket_made(w));
	free(line);
}

void
ticket_put_series(struct ticket_writer *w)
{
	struct drawn *d;
	size_t n, i;

	choose_series(w, &d, &n);
	for (i = 0; i < n; i++)
		qsort(d[i].s->point.v, d[i].s->point.n,
		    sizeof(*d[i].s->point.v), earlier);
	if (n > 0) {
		page_heading(&w->page, "Memory over time");
		if (w->page.html)
			put_drawing(w, d, n);
		else
			put_sparklines(w, d, n);
	}
	free(d);
}
