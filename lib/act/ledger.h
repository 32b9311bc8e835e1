#ifndef RESIN_ACT_LEDGER_H
#define RESIN_ACT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"
#include "table/output.h"

/*
 * ledger - what was done, in an SQLite database.  The intent is committed to
 * the disk before anything is done and the outcome after it; an intent that a
 * later run finds without its outcome was cut short, and is never begun again.
 * One action is one (ts, node, target, action, pid, start, leak): the primary
 * key, so that the same plan read twice is executed once.
 *
 * LEDGER.lock is held by the one instance that executes, and by nothing that it
 * starts; the kernel drops it however that instance ends.
 */
struct entry {
	int64_t id;		/* 0: not in the ledger yet */
	int64_t ts;		/* of the plan */
	struct span node, leak, target, action;
	struct span component, cluster, service, pid, start;
	double usage;		/* before, bytes; NAN: unknown */
	double growth;		/* of it, what leaked; not kept */
	double goal;		/* bytes: at or below this it has fallen */
	int64_t at, ended, until;	/* WHEN_NEVER: not yet */
	struct span state;	/* intent done failed timeout interrupted */
	struct span verdict;	/* pending fell not gone unknown stopped */
	double after;		/* bytes, when the verdict was made */
	struct span detail;	/* what the command said, or why */
};

struct ledger {
	struct sqlite3 *db;
	int lock;		/* -1: none */
	struct buf why;
	struct buf path;
};

enum ledger_result { LEDGER_OK, LEDGER_BUSY, LEDGER_FAIL };

/*
 * For writing: makes the file if need be and takes the lock, waiting for it at
 * most `wait` ns.  For reading: a ledger that does not exist is an empty one.
 */
enum ledger_result ledger_open(struct ledger *, const char *path, bool write,
    int64_t wait);
const char *ledger_why(struct ledger *);
void ledger_close(struct ledger *);

/* Is this very action in it? */
bool ledger_has(struct ledger *, const struct entry *);

/* Commits the intent and sets e->id.  False: ledger_why(); do nothing then. */
bool ledger_intent(struct ledger *, struct entry *);
/* Commits state, ended, until, verdict and detail of e->id. */
bool ledger_outcome(struct ledger *, const struct entry *);
/* A stop row: closes what is pending about this leak, in one transaction. */
bool ledger_stop(struct ledger *, struct entry *);
bool ledger_verdict(struct ledger *, int64_t id, const char *verdict,
    double after);


/* Everything since `from`, oldest first; spans are owned by the list. */
struct entries {
	VEC(struct entry) list;
	VEC(char *) bytes;
};
bool ledger_read(struct ledger *, int64_t from, struct entries *);
void entries_free(struct entries *);

/* The whole ledger as a table: see resin-act(1). */
void ledger_report(const struct entries *, struct output *);

#endif
