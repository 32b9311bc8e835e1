#ifndef RESIN_BUCKET_WINDOW_H
#define RESIN_BUCKET_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "base/when.h"

/*
 * windows - which windows of time are open, each with something of the
 * caller's.  A window is open until a time `lateness` behind its end has been
 * seen (the watermark), or to the end if everything is held.
 */
#define LATENESS_ALL INT64_MAX

struct windows_options {
	int64_t width;		/* > 0, ns */
	int64_t lateness;	/* >= 0, ns; LATENESS_ALL: hold everything */
};

struct window {
	int64_t start;
	void *data;
};

struct windows {
	struct windows_options options;
	VEC(struct window) open;	/* by start */
	int64_t closed; /* the last start closed; or WHEN_NEVER */
};

/*
 * The window of `ts`, opened with data NULL if it is new; NULL if it was closed
 * before.
 */
struct window *windows_at(struct windows *, int64_t ts);

/* Whether seeing `ts` ends the oldest open window. */
bool windows_due(const struct windows *, int64_t ts);

/* The oldest window is closed: copied to *w.  False: none is open. */
bool windows_close(struct windows *, struct window *w);

#endif
