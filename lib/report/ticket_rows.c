/* The parts of the ticket that are tables: alert, processes, actions. */
#include <math.h>

#include "base/human.h"
#include "report/ticket_sections.h"

#define PROCESSES 10	/* rows shown; more are counted */
#define ACTIONS 10

static void
cell_bytes(struct ticket_writer *w, double v, const char *unit)
{
	ticket_value(w);
	if (!isnan(v)) {
		buf_bytes(&w->b, v);
		buf_str(&w->b, unit);
	}
	page_cell(&w->page, ticket_made(w));
}

static void
cell_number(struct ticket_writer *w, double v)
{
	ticket_value(w);
	if (!isnan(v))
		buf_printf(&w->b, "%.4g", v);
	page_cell(&w->page, ticket_made(w));
}

static void
cell_when(struct ticket_writer *w, int64_t ns)
{
	ticket_value(w);
	buf_when(&w->b, ns);
	page_cell(&w->page, ticket_made(w));
}

void
ticket_put_alert(struct ticket_writer *w)
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

void
ticket_put_processes(struct ticket_writer *w)
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

		ticket_value(w);
		if (p->cluster.n > 0) {
			buf_span(&w->b, p->cluster);
			buf_char(&w->b, '/');
		}
		buf_span(&w->b, p->node);
		page_cell(&w->page, ticket_made(w));
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
	ticket_value(w);
	buf_printf(&w->b, "and %zu more.", w->nprocess - PROCESSES);
	page_text(&w->page, ticket_made(w));
}

void
ticket_put_actions(struct ticket_writer *w)
{
	static const struct page_column column[] = { { "", true, false },
		{ "Node", false, true }, { "Action", false, true },
		{ "Target", false, true }, { "Reason", false, false } };
	size_t i, shown = 0;

	for (i = 0; i < w->t->action.n && shown < ACTIONS; i++) {
		const struct ticket_action *a = &w->t->action.v[i];

		if (!ticket_ours(w, a->component))
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
