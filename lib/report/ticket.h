#ifndef RESIN_TICKET_H
#define RESIN_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/vec.h"
#include "report/plot.h"
#include "table/input.h"

/*
 * ticket - what is known of one leaking component, for the engineer who gets
 * it: alert, processes, their memory over time, what they have in common, the
 * stacks that leak and the actions proposed.  Rows come from the other tools'
 * tables; every text is kept once, in `text`.
 */
struct ticket_alert {
	struct span component;
	uint64_t bucket;
	int64_t start, end;
	double nodes, mean, sd, severity;
};

struct ticket_process {
	struct span component, cluster, node, pid;
	int64_t start, leak_start, leak_end, exhausts;
	double usage, growth, rate, severity;	/* bytes; an hour; NaN: none */
	struct span pattern, common;
};

struct ticket_stack {
	uint64_t rank;		/* 0: what is not in the heap */
	struct span component, stack, reason, class;
	double growth, objects, share;
};

struct ticket_action {
	struct span component, node, target, action, reason;
	double priority;
};

struct ticket_series {
	struct span component, cluster, node, pid;
	int64_t start;
	VEC(struct plot_point) point;
};

struct ticket {
	struct intern text;
	VEC(struct ticket_alert) alert;
	VEC(struct ticket_process) process;
	VEC(struct ticket_stack) stack;
	VEC(struct ticket_action) action;
	struct intern key;	/* of series */
	VEC(struct ticket_series) series;
};

/* Columns, and the row at hand into the ticket. */
enum { TICKET_ALERTS, TICKET_PROCESSES, TICKET_STACKS, TICKET_ACTIONS,
	TICKET_TELEMETRY, TICKET_TABLES };
struct ticket_table {
	const struct input_column *want;
	size_t nwant;
	void (*take)(struct ticket *, struct input *);
};
extern const struct ticket_table ticket_tables[TICKET_TABLES];

/*
 * The component whose ticket it is: of the greatest severity, the first name
 * of equal ones; empty when there is neither process nor alert.
 */
struct span ticket_component(const struct ticket *);

/* Writes the page.  Orders the ticket's rows. */
void ticket_write(struct ticket *, struct span component, bool html,
    struct buf *);
void ticket_free(struct ticket *);

#endif
