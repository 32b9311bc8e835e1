#ifndef RESIN_ACT_VERIFY_H
#define RESIN_ACT_VERIFY_H

#include <stdint.h>

#include "act/census.h"
#include "act/ledger.h"
#include "base/intern.h"
#include "base/vec.h"
#include "table/input.h"

/*
 * verify - did memory really fall?  Of each action whose verdict is pending,
 * the newest sample of the leaking component on that node that was taken after
 * the action ended is compared with its goal: that of the same process if it is
 * still there, else that of the largest one.
 */
struct watch {
	const struct entry *entry;
	uint32_t next;		/* another of the same node and leak */
	int64_t last;		/* the newest sample, WHEN_NEVER: none */
	bool same;		/* `usage` is of the very process */
	double usage;
};

struct verify {
	VEC(struct watch) watch;
	struct intern leak;	/* node and leak */
	VEC(uint32_t) first;	/* by leak: of watch */
	struct intern node;
	VEC(int64_t) node_last;	/* when it last reported anything */
};

void verify_watch(struct verify *, const struct entry *);
void verify_sample(struct verify *, int64_t ts, struct span component,
    struct span node, struct span pid, struct span start, double usage);

/* A row of telemetry: a sample, and one more node of a cluster. */
enum {
	TELEMETRY_TS, TELEMETRY_COMPONENT, TELEMETRY_NODE, TELEMETRY_USAGE,
	TELEMETRY_CLUSTER, TELEMETRY_PID, TELEMETRY_START, TELEMETRY_NCOL,
};
extern const struct input_column telemetry_columns[TELEMETRY_NCOL];
void verify_read(struct verify *, struct census *, struct input *);

/*
 * fell; not (it did not, and the time is up); gone (the node reports, but
 * nothing of that component); unknown (no sample, and the time is up); or NULL:
 * still pending.
 */
const char *verify_judge(const struct verify *, const struct watch *,
    int64_t now);
void verify_free(struct verify *);

#endif
