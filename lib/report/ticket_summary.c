/* What the ticket says in one breath. */
#include <math.h>

#include "base/frames.h"
#include "base/human.h"
#include "base/when.h"
#include "report/ticket_sections.h"

#define LEADING 4	/* frames that name the leading stack */

static size_t
count_nodes(const struct ticket_writer *w)
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
sum_processes(struct ticket_writer *w)
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
	ticket_value(w);
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
	page_item(&w->page, "Processes", ticket_made(w), SPAN(""));
	if (end == INT64_MAX)
		return;
	ticket_value(w);
	buf_when(&w->b, end);
	buf_str(&w->b, ", if it goes on like this");
	page_item(&w->page, "First limit reached", ticket_made(w), SPAN(""));
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
sum_stacks(struct ticket_writer *w)
{
	const struct ticket *t = w->t;
	struct span common = { 0 };
	double growth = 0;
	size_t i, n = 0, frames;

	for (i = 0; i < t->stack.n; i++) {
		const struct ticket_stack *s = &t->stack.v[i];

		if (s->rank != 1 || !ticket_ours(w, s->component))
			continue;
		common = n++ == 0 ? s->stack : in_common(common, s->stack);
		growth += s->growth;
	}
	if (n == 0)
		return;
	common = frames_own(common);
	for (i = common.n, frames = 0; i > 0; i--)
		if (common.s[i - 1] == ';' && ++frames == LEADING)
			break;
	common.s += i;
	common.n -= i;
	ticket_value(w);
	if (n > 1)
		buf_printf(&w->b, "(%zu stacks) ", n);
	buf_str(&w->b, "grew ");
	buf_bytes(&w->b, growth);
	page_item(&w->page, "Leading stack", ticket_made(w), common);
}

void
ticket_put_summary(struct ticket_writer *w)
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
		if (ticket_ours(w, t->action.v[i].component))
			break;
	if (i < t->action.n) {
		ticket_value(w);
		buf_str(&w->b, "of ");
		buf_span(&w->b, t->action.v[i].target);
		buf_str(&w->b, " on ");
		buf_span(&w->b, t->action.v[i].node);
		page_item(&w->page, "Proposed", ticket_made(w),
		    t->action.v[i].action);
	}
	page_close_list(&w->page);
}
