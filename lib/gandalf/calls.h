#ifndef GANDALF_CALLS_H
#define GANDALF_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "base/when.h"
#include "table/input.h"

/*
 * calls - how well pods answered, a row a caller, pod and minute, gathered by
 * minute, and the concurrent changes that may be why some no longer do.
 *
 * A row counts three times over: for the pods it is of, new ones apart from old
 * ones, by the service at the other end and by all of them; and for the pair of
 * services, whatever the pods.
 */
enum calls_side {
	CALLS_IN,		/* pods of `service` answer `peer` */
	CALLS_OUT,		/* pods of `service` call `peer` */
	CALLS_PAIR,		/* `peer` calls `service`, any pods */
};

struct calls_cell {
	enum calls_side side;
	uint32_t service, peer;	/* name; peer CALLS_ALL: all callers */
	bool fresh;		/* of the new version; never of a pair */
	int64_t minute;
	double weight, failed; /* requests, or rows; of these, failed */
	double timed, latency;		/* weight of rows with one; sum */
	double rows; /* answers, however many requests each */
};

struct calls_change {
	uint32_t service, version;	/* name */
	int64_t ts;			/* first deployment */
};

struct calls_pod {
	uint32_t service;
	bool fresh;
};

struct calls {
	struct intern name, cell_key, pod_key;
	VEC(struct calls_cell) cell;	/* sorted by calls_sort() */
	VEC(struct calls_change) change;
	VEC(struct calls_pod) pod;
};

#define CALLS_ALL INTERN_NONE
#define CALLS_MINUTE (60 * WHEN_SECOND)

enum { CALLS_TS, CALLS_CALLER, CALLS_CALLEE, CALLS_POD, CALLS_VERSION,
	CALLS_SUCCESS, CALLS_REQUESTS, CALLS_LATENCY, CALLS_COLUMNS };
extern const struct input_column calls_columns[CALLS_COLUMNS];

enum { CHANGE_TS, CHANGE_COMPONENT, CHANGE_VERSION, CHANGE_COLUMNS };
extern const struct input_column change_columns[CHANGE_COLUMNS];

/* All changes before the first call. */
void calls_add_change(struct calls *, struct input *);
void calls_add(struct calls *, struct input *);

/* Cells by side, service, peer, minute; old before new. */
void calls_sort(struct calls *);

/* The change of a service, or NULL. */
struct calls_change *calls_find(const struct calls *, uint32_t service);
void calls_free(struct calls *);

#endif
