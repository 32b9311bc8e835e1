#include "report/ticket.h"

#include <math.h>
#include <stdlib.h>

#include "base/human.h"
#include "base/when.h"
#include "report/page.h"

#define PROCESSES 10	/* rows shown; more are counted */
#define FINDINGS 5
#define ACTIONS 10
#define LEADING 4	/* frames that name the leading stack */
#define FRAMES 14	/* of a stack, the innermost */
#define PEERS 12	/* healthy processes drawn */
#define LEAKS 12	/* leaking ones drawn */
#define SPARKS 40	/* heights in a drawing made of text */

struct writer {
	struct ticket *t;
	struct span component;
	struct page page;
	struct buf b;		/* a value being made */
	size_t nprocess;	/* the component's come first */
};

static void
begin(struct writer *w)
{
	w->b.n = 0;
}

static struct span
made(const struct writer *w)
{
	return buf_view(&w->b);
}

static bool
ours(const struct writer *w, struct span component)
{
	return component.n == 0 || span_eq(component, w->component);
}

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
choose_processes(struct writer *w)
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

static size_t
count_nodes(const struct writer *w)
{
	struct intern nodes = { 0 };
	struct buf key = { 0 };
	size_t i, n;

	for (i = 0; i < w->nprocess; i++) {
		const struct ticket_process *p = &w->t->process.v[i];

		key.n = 0;
		buf_span(&key, p->cluster);
		buf_char(&key, '\t');
		buf_span(&key, p->node);
		intern_id(&nodes, buf_view(&key));
	}
	n = nodes.n;
	intern_free(&nodes);
	buf_free(&key);
	return n;
}

static void
sum_processes(struct writer *w)
{
	const struct ticket_process *p = w->t->process.v;
	int64_t since = INT64_MAX, end = INT64_MAX;
	double growth = 0, rate = 0;
	size_t i, nodes = count_nodes(w);

	for (i = 0; i < w->nprocess; i++) {
		growth += isnan(p[i].growth) ? 0 : p[i].growth;
		rate = fmax(rate, isnan(p[i].rate) ? 0 : p[i].rate);
		if (p[i].leak_start != WHEN_NEVER && p[i].leak_start < since)
			since = p[i].leak_start;
		if (p[i].exhausts != WHEN_NEVER && p[i].exhausts < end)
			end = p[i].exhausts;
	}
	begin(w);
	buf_printf(&w->b, "%zu on %zu node%s grew ", w->nprocess, nodes,
	    nodes == 1 ? "" : "s");
	buf_bytes(&w->b, growth);
	buf_str(&w->b, " together");
	if (since != INT64_MAX) {
		buf_str(&w->b, " since ");
		buf_when(&w->b, since);
	}
	if (rate > 0) {
		buf_str(&w->b, ", the fastest ");
		buf_bytes(&w->b, rate);
		buf_str(&w->b, "/h");
	}
	page_item(&w->page, "Processes", made(w), SPAN(""));
	if (end == INT64_MAX)
		return;
	begin(w);
	buf_when(&w->b, end);
	buf_str(&w->b, ", if it goes on like this");
	page_item(&w->page, "First limit reached", made(w), SPAN(""));
}

/* Cuts `a` to the frames that it and b begin with. */
static struct span
in_common(struct span a, struct span b)
{
	size_t i = 0, end = 0;

	while (i < a.n && i < b.n && a.s[i] == b.s[i]) {
		if (a.s[i] == ';')
			end = i;
		i++;
	}
	if ((i == a.n || a.s[i] == ';') && (i == b.n || b.s[i] == ';'))
		end = i;
	a.n = end;
	return a;
}

/*
 * The first finding in a line: the innermost frames that its stacks have in
 * common, as the leaf alone is often a wrapper of malloc.
 */
static void
sum_stacks(struct writer *w)
{
	const struct ticket *t = w->t;
	struct span common = { 0 };
	double growth = 0;
	size_t i, n = 0, frames;

	for (i = 0; i < t->stack.n; i++) {
		const struct ticket_stack *s = &t->stack.v[i];

		if (s->rank != 1 || !ours(w, s->component))
			continue;
		common = n++ == 0 ? s->stack : in_common(common, s->stack);
		growth += s->growth;
	}
	if (n == 0)
		return;
	for (i = common.n, frames = 0; i > 0; i--)
		if (common.s[i - 1] == ';' && ++frames == LEADING)
			break;
	common.s += i;
	common.n -= i;
	begin(w);
	if (n > 1)
		buf_printf(&w->b, "(%zu stacks) ", n);
	buf_str(&w->b, "grew ");
	buf_bytes(&w->b, growth);
	page_item(&w->page, "Leading stack", made(w), common);
}

/* What the page says in one breath. */
static void
put_summary(struct writer *w)
{
	const struct ticket *t = w->t;
	const struct ticket_process *p = t->process.v;
	size_t i;

	page_open_list(&w->page);
	if (w->nprocess > 0)
		sum_processes(w);
	if (w->nprocess > 0 && p->pattern.n > 0)
		page_item(&w->page, "Pattern", p->pattern, SPAN(""));
	if (w->nprocess > 0 && p->common.n > 0)
		page_item(&w->page, "In common", SPAN(""), p->common);
	sum_stacks(w);
	for (i = 0; i < t->action.n; i++)
		if (ours(w, t->action.v[i].component))
			break;
	if (i < t->action.n) {
		begin(w);
		buf_str(&w->b, "of ");
		buf_span(&w->b, t->action.v[i].target);
		buf_str(&w->b, " on ");
		buf_span(&w->b, t->action.v[i].node);
		page_item(&w->page, "Proposed", made(w),
		    t->action.v[i].action);
	}
	page_close_list(&w->page);
}

static void
cell_bytes(struct writer *w, double v, const char *unit)
{
	begin(w);
	if (!isnan(v)) {
		buf_bytes(&w->b, v);
		buf_str(&w->b, unit);
	}
	page_cell(&w->page, made(w));
}

static void
cell_number(struct writer *w, double v)
{
	begin(w);
	if (!isnan(v))
		buf_printf(&w->b, "%.4g", v);
	page_cell(&w->page, made(w));
}

static void
cell_when(struct writer *w, int64_t ns)
{
	begin(w);
	buf_when(&w->b, ns);
	page_cell(&w->page, made(w));
}

static void
put_alert(struct writer *w)
{
	static const struct page_column column[] = { { "Bucket", true, false },
		{ "Nodes", true, false }, { "Usual", true, false },
		{ "sd", true, false }, { "Severity", true, false },
		{ "From", false, false }, { "To", false, false } };
	const struct ticket_alert *a = w->t->alert.v;
	size_t i, n = w->t->alert.n;

	for (i = 0; i < n && !span_eq(a[i].component, w->component); i++)
		;
	if (i == n)
		return;
	page_heading(&w->page, "Alert");
	page_open_table(&w->page, column, 7);
	for (; i < n; i++) {
		if (!span_eq(a[i].component, w->component))
			continue;
		cell_bytes(w, (double)a[i].bucket, " or more");
		cell_number(w, a[i].nodes);
		cell_number(w, a[i].mean);
		cell_number(w, a[i].sd);
		cell_number(w, a[i].severity);
		cell_when(w, a[i].start);
		cell_when(w, a[i].end);
	}
	page_close_table(&w->page);
}

static void
put_processes(struct writer *w)
{
	static const struct page_column column[] = { { "Node", false, true },
		{ "Process", true, true }, { "Since", false, false },
		{ "Usage", true, false }, { "Growth", true, false },
		{ "Rate", true, false }, { "Severity", true, false },
		{ "Pattern", false, false } };
	size_t i;

	if (w->nprocess == 0)
		return;
	page_heading(&w->page, "Leaking processes");
	page_open_table(&w->page, column, 8);
	for (i = 0; i < w->nprocess && i < PROCESSES; i++) {
		const struct ticket_process *p = &w->t->process.v[i];

		begin(w);
		if (p->cluster.n > 0) {
			buf_span(&w->b, p->cluster);
			buf_char(&w->b, '/');
		}
		buf_span(&w->b, p->node);
		page_cell(&w->page, made(w));
		page_cell(&w->page, p->pid);
		cell_when(w, p->leak_start);
		cell_bytes(w, p->usage, "");
		cell_bytes(w, p->growth, "");
		cell_bytes(w, p->rate, "/h");
		cell_number(w, p->severity);
		page_cell(&w->page, p->pattern);
	}
	page_close_table(&w->page);
	if (w->nprocess <= PROCESSES)
		return;
	begin(w);
	buf_printf(&w->b, "and %zu more.", w->nprocess - PROCESSES);
	page_text(&w->page, made(w));
}

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
process_of(const struct writer *w, const struct ticket_series *s)
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
choose_series(struct writer *w, struct drawn **list, size_t *n)
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
sparkline(struct writer *w, const struct ticket_series *s)
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
put_sparklines(struct writer *w, const struct drawn *d, size_t n)
{
	size_t i;

	begin(w);
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
		page_code(&w->page, made(w));
}

static void
put_drawing(struct writer *w, const struct drawn *d, size_t n)
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
	begin(w);
	buf_str(&w->b, "<figure>\n");
	plot_svg(&plot, &w->b);
	buf_str(&w->b, "<figcaption>Leaking processes in front, others of the "
	    "component in grey; shaded while the most severe one leaks. "
	    "Times are UTC.</figcaption>\n</figure>\n");
	page_raw(&w->page, made(w));
	free(line);
}

static void
put_plot(struct writer *w)
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

/* One frame a line, outermost first; the outer ones of a deep stack counted. */
static void
put_frames(struct writer *w, struct span stack)
{
	size_t depth = 1, i;
	const char *end;

	for (i = 0; i < stack.n; i++)
		depth += stack.s[i] == ';';
	begin(w);
	if (depth > FRAMES)
		buf_printf(&w->b, "(%zu outer frames)\n", depth - FRAMES);
	for (; depth > 0; depth--) {
		end = memchr(stack.s, ';', stack.n);
		i = end != NULL ? (size_t)(end - stack.s) : stack.n;
		if (depth <= FRAMES) {
			buf_add(&w->b, stack.s, i);
			buf_str(&w->b, depth > 1 ? "\n" : "");
		}
		i += end != NULL;
		stack.s += i;
		stack.n -= i;
	}
	page_code(&w->page, made(w));
}

static void
put_stack(struct writer *w, const struct ticket_stack *s)
{
	begin(w);
	if (s->rank > 0)
		buf_printf(&w->b, "%ju. ", (uintmax_t)s->rank);
	buf_bytes(&w->b, s->growth);
	if (!isnan(s->objects) && s->objects >= 1)
		buf_printf(&w->b, " in %.0f objects", s->objects);
	buf_str(&w->b, s->rank > 0 ? "; " : " not in the heap: ");
	buf_span(&w->b, s->reason);
	page_text(&w->page, made(w));
	if (s->rank > 0)
		put_frames(w, s->stack);
}

/* The first row of each finding stands for it. */
static void
put_stacks(struct writer *w)
{
	uint64_t last = 0;
	size_t i, shown = 0;

	for (i = 0; i < w->t->stack.n; i++) {
		const struct ticket_stack *s = &w->t->stack.v[i];

		if (!ours(w, s->component) || (s->rank > 0 &&
		    (s->rank == last || shown >= FINDINGS)))
			continue;
		if (shown == 0 && last == 0)
			page_heading(&w->page, "Stacks that leak");
		put_stack(w, s);
		shown += s->rank > 0;
		last = s->rank > 0 ? s->rank : last;
	}
}

static void
put_actions(struct writer *w)
{
	static const struct page_column column[] = { { "", true, false },
		{ "Node", false, true }, { "Action", false, true },
		{ "Target", false, true }, { "Reason", false, false } };
	size_t i, shown = 0;

	for (i = 0; i < w->t->action.n && shown < ACTIONS; i++) {
		const struct ticket_action *a = &w->t->action.v[i];

		if (!ours(w, a->component))
			continue;
		if (shown++ == 0) {
			page_heading(&w->page, "Proposed actions");
			page_open_table(&w->page, column, 5);
		}
		cell_number(w, a->priority);
		page_cell(&w->page, a->node);
		page_cell(&w->page, a->action);
		page_cell(&w->page, a->target);
		page_cell(&w->page, a->reason);
	}
	if (shown > 0)
		page_close_table(&w->page);
}

void
ticket_write(struct ticket *t, struct span component, bool html,
    struct buf *out)
{
	struct writer w = { .t = t, .component = component,
		.page = { .out = out, .html = html } };
	struct buf title = { 0 };

	choose_processes(&w);
	buf_str(&title, w.nprocess > 0 ? "Memory leak in " :
	    component.n > 0 ? "Memory alert on " : "No memory leak");
	buf_span(&title, component);
	page_begin(&w.page, buf_view(&title));
	put_summary(&w);
	put_alert(&w);
	put_processes(&w);
	put_plot(&w);
	put_stacks(&w);
	put_actions(&w);
	page_end(&w.page);
	buf_free(&title);
	buf_free(&w.b);
}
