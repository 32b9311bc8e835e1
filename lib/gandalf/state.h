#ifndef GANDALF_STATE_H
#define GANDALF_STATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "table/input.h"
#include "table/output.h"

/*
 * state - a table that a tool keeps from run to run: read, changed and replaced
 * whole, by one run at a time.  In the escaped dialect: names may hold
 * anything.
 *
 *	bool ok = state_take(&s, path) && state_load(&s, ...) &&
 *	    state_save(&s, ...);
 *	(s.why says what was wrong)
 *	state_drop(&s);
 */
struct state {
	const char *path;	/* the caller's */
	int lock;
	bool busy;		/* another run has it: try again */
	struct buf why;		/* of what failed */
};

bool state_take(struct state *, const char *path);

/* Calls `add` for every row; no file yet is no row. */
bool state_load(struct state *, const struct input_column *, size_t n,
    void (*add)(void *, struct input *), void *arg);

/* Replaces the file by what `put` writes. */
bool state_save(struct state *, void (*put)(void *, struct output *),
    void *arg);
void state_drop(struct state *);

#endif
