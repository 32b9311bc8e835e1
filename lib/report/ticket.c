#include "report/ticket.h"

#include <math.h>
#include <stdlib.h>

#include "report/ticket_sections.h"

static double
or_none(double v)
{
	return isnan(v) ? -INFINITY : v;
}

struct span
ticket_component(const struct ticket *t)
{
	struct span best = { 0 };
	double most = -INFINITY, v;
	/* An alert without processes gives way to any process. */
	size_t n = t->process.n > 0 ? t->process.n : t->alert.n, i;

	for (i = 0; i < n; i++) {
		struct span name = t->process.n > 0 ?
		    t->process.v[i].component : t->alert.v[i].component;

		v = or_none(t->process.n > 0 ? t->process.v[i].severity :
		    t->alert.v[i].severity);
		if (best.n == 0 || v > most ||
		    (v >= most && span_cmp(name, best) < 0)) {
			best = name;
			most = v;
		}
	}
	return best;
}

static int
worse(const void *a, const void *b)
{
	const struct ticket_process *x = a, *y = b;
	double sx = or_none(x->severity), sy = or_none(y->severity);
	int c;

	if (sx != sy)
		return sx > sy ? -1 : 1;
	if ((c = span_cmp(x->cluster, y->cluster)) != 0 ||
	    (c = span_cmp(x->node, y->node)) != 0 ||
	    (c = span_cmp(x->pid, y->pid)) != 0)
		return c;
	return (x->start > y->start) - (x->start < y->start);
}

/* The component's processes to the front, the most severe first. */
static void
choose_processes(struct ticket_writer *w)
{
	struct ticket_process *p = w->t->process.v;
	size_t i, n = 0;

	for (i = 0; i < w->t->process.n; i++)
		if (span_eq(p[i].component, w->component)) {
			struct ticket_process swap = p[n];

			p[n++] = p[i];
			p[i] = swap;
		}
	if (n > 1)
		qsort(p, n, sizeof(*p), worse);
	w->nprocess = n;
}

void
ticket_write(struct ticket *t, struct span component, bool html,
    struct buf *out)
{
	struct ticket_writer w = { .t = t, .component = component,
		.page = { .out = out, .html = html } };
	struct buf title = { 0 };

	choose_processes(&w);
	buf_str(&title, w.nprocess > 0 ? "Memory leak in " :
	    component.n > 0 ? "Memory alert on " : "No memory leak");
	buf_span(&title, component);
	page_begin(&w.page, buf_view(&title));
	ticket_put_summary(&w);
	ticket_put_alert(&w);
	ticket_put_processes(&w);
	ticket_put_series(&w);
	ticket_put_stacks(&w);
	ticket_put_actions(&w);
	page_end(&w.page);
	buf_free(&title);
	buf_free(&w.b);
}
