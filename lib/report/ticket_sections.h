#ifndef RESIN_TICKET_SECTIONS_H
#define RESIN_TICKET_SECTIONS_H

#include "report/page.h"
#include "report/ticket.h"

/*
 * ticket_sections - the parts of a ticket, each in a file of its own.  A part
 * that has nothing to say writes nothing, not even its heading.
 */
struct ticket_writer {
	struct ticket *t;
	struct span component;
	struct page page;
	struct buf b;		/* a value being made */
	size_t nprocess;	/* the component's come first */
};

void ticket_put_summary(struct ticket_writer *);
void ticket_put_alert(struct ticket_writer *);
void ticket_put_processes(struct ticket_writer *);
void ticket_put_series(struct ticket_writer *);	/* memory over time */
void ticket_put_stacks(struct ticket_writer *);
void ticket_put_actions(struct ticket_writer *);

/* A value is begun, printed into w->b, and made a span. */
static inline void
ticket_value(struct ticket_writer *w)
{
	w->b.n = 0;
}

static inline struct span
ticket_made(const struct ticket_writer *w)
{
	return buf_view(&w->b);
}

/* Rows of tables without a component are of any. */
static inline bool
ticket_ours(const struct ticket_writer *w, struct span component)
{
	return component.n == 0 || span_eq(component, w->component);
}

#endif
