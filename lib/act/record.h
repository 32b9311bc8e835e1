#ifndef RESIN_ACT_RECORD_H
#define RESIN_ACT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "act/fields.h"
#include "base/intern.h"
#include "base/vec.h"
#include "table/input.h"

/*
 * record - what the decisions are made of, read whole: suspects are few, and a
 * decision about one looks at all.  Every list keeps its own copy of the bytes.
 */

/* A lasting copy; the same bytes are kept once. */
struct span record_keep(struct intern *, struct span);

/*
 * All columns of the row, those of `want`, then those carried along, and room
 * for `more` before them.  The caller frees it.
 */
struct field *record_fields(struct intern *, struct input *,
    const struct input_column *want, size_t nwant, size_t more, size_t *n);

/* A suspect or a candidate.  Times in ns; NAN where the input has no number. */
struct suspect {
	struct span node, component, service, cluster, pid, start;
	int64_t leak_start, leak_end;
	double usage, growth, rate, severity;	/* bytes, bytes, bytes/h, - */
	const struct field *field;		/* all columns */
	size_t nfield;
};

enum {
	SUSPECT_COMPONENT, SUSPECT_CLUSTER, SUSPECT_NODE, SUSPECT_SERVICE,
	SUSPECT_PID, SUSPECT_START, SUSPECT_LEAK_START, SUSPECT_LEAK_END,
	SUSPECT_USAGE, SUSPECT_GROWTH, SUSPECT_RATE, SUSPECT_SEVERITY,
	SUSPECT_NCOL,
};
extern const struct input_column suspect_columns[SUSPECT_NCOL];

struct suspects {
	VEC(struct suspect) list;
	struct intern bytes;
};

void suspects_add(struct suspects *, struct input *);
void suspects_free(struct suspects *);

/*
 * The state of a node: vms (guests on it), low_memory (events), short (its
 * region is short of capacity), used and reserve (bytes in use, bytes set aside
 * for the host), free (bytes), and columns of the user's own.
 */
enum {
	NODE_NODE, NODE_CLUSTER, NODE_VMS, NODE_LOW_MEMORY, NODE_SHORT,
	NODE_USED, NODE_RESERVE, NODE_FREE, NODE_NCOL,
};
extern const struct input_column node_columns[NODE_NCOL];

struct node {
	double number[NODE_NCOL];	/* NAN: no value; from NODE_VMS on */
	struct fields fields;
};

struct nodes {
	VEC(struct node) list;		/* by the number of the name */
	struct intern name, bytes;
};

void nodes_add(struct nodes *, struct input *);
const struct node *nodes_find(const struct nodes *, struct span name);
void nodes_free(struct nodes *);

/* What was done before: a row of resin-act --report. */
struct deed {
	struct span node, leak, target, action, pid, start, state, verdict;
	struct span component, service, cluster;
	int64_t at;	/* when it began */
	int64_t until;	/* when memory must have fallen */
	size_t order;	/* of the input */
};

enum {
	DEED_NODE, DEED_LEAK, DEED_TARGET, DEED_ACTION, DEED_PID, DEED_START,
	DEED_STATE, DEED_VERDICT, DEED_COMPONENT, DEED_SERVICE, DEED_CLUSTER,
	DEED_AT, DEED_UNTIL, DEED_NCOL,
};
extern const struct input_column deed_columns[DEED_NCOL];

struct deeds {
	VEC(struct deed) list;
	struct intern bytes;
};

void deeds_add(struct deeds *, struct input *);
/* After the last: by node, then time, then as they came. */
void deeds_sort(struct deeds *);
/* Those of one node, oldest first; their number in *n. */
const struct deed *deeds_of(const struct deeds *, struct span node, size_t *n);
void deeds_free(struct deeds *);

/*
 * Which processes there still are: of a suspect's node and of its very process,
 * when they were last reported.
 */
enum {
	SEEN_TS, SEEN_NODE, SEEN_COMPONENT, SEEN_PID, SEEN_START, SEEN_NCOL,
};
extern const struct input_column seen_columns[SEEN_NCOL];

struct seen {
	struct intern node, process;
	VEC(int64_t) node_last;
	VEC(int64_t) process_last;
};

void seen_add(struct seen *, struct input *);
/* Its node was reported at least `fresh` later, or without it. */
bool seen_gone(const struct seen *, const struct suspect *, int64_t fresh);
void seen_free(struct seen *);

/* Snapshots being taken: rows of resin-trace's list. */
struct trace {
	struct span node, pid;	/* pid empty: the whole node */
	int64_t until;
};

enum { TRACE_NODE, TRACE_PID, TRACE_UNTIL, TRACE_NCOL };
extern const struct input_column trace_columns[TRACE_NCOL];

struct traces {
	VEC(struct trace) list;
	struct intern bytes;
};

void traces_add(struct traces *, struct input *);
/* The one on that node at `now`, or NULL. */
const struct trace *traces_find(const struct traces *, struct span node,
    int64_t now);
void traces_free(struct traces *);

#endif
