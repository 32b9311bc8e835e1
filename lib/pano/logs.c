#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pano/logs.h"

struct log {
	struct tail tail;
	struct entry entry;
	bool ended;
};

static void
give(struct logs *w, struct log *l)
{
	if (!l->entry.held)
		return;
	w->entry(w->arg, l->tail.path, &l->entry);
	entry_clear(&l->entry);
}

/* A line begins an entry or belongs to the one before. */
static void
take(struct logs *w, struct log *l, struct span line)
{
	if (w->rules->uses_more && !logrules_head(w->rules, line)) {
		entry_more(&l->entry, line);
		return;
	}
	give(w, l);
	entry_begin(&l->entry, line, l->tail.line);
	if (!w->rules->uses_more)
		give(w, l);
}

/* All that is there now. */
static bool
drain(struct logs *w, struct log *l)
{
	struct span line;
	enum tail_result r;

	while ((r = tail_next(&l->tail, &line)) == TAIL_GOT)
		take(w, l, line);
	if (r == TAIL_FAIL)
		snprintf(w->why, sizeof(w->why), "%s", l->tail.why);
	l->ended = r == TAIL_END;
	if (l->ended)
		give(w, l);
	return r != TAIL_FAIL;
}

/* One turn over all logs; *held: an entry may still grow. */
static bool
turn(struct logs *w, struct log *log, size_t n, bool *waiting, bool *held)
{
	*waiting = *held = false;
	for (size_t i = 0; i < n; i++) {
		if (log[i].ended)
			continue;
		if (!drain(w, &log[i]))
			return false;
		*waiting = *waiting || !log[i].ended;
		if (entry_young(&log[i].entry))
			*held = true;
		else
			give(w, &log[i]);
	}
	return true;
}

/* On what may come soonest: a followed file is looked at every so often. */
static void
wait_for(const struct log *log, size_t n, bool held)
{
	const struct log *on = NULL;

	for (size_t i = 0; i < n; i++)
		if (!log[i].ended && (on == NULL || log[i].tail.follow))
			on = &log[i];
	if (on != NULL)
		tail_wait(&on->tail, held ? LOGS_HOLD_MS : -1);
}

bool
logs_read(struct logs *w, char **file, size_t n, bool follow)
{
	struct log *log = mem_new(n, sizeof(*log));
	bool ok = true, waiting = true, held;

	for (size_t i = 0; i < n && ok; i++)
		if (!(ok = tail_open(&log[i].tail, file[i], follow)))
			snprintf(w->why, sizeof(w->why), "%s",
			    log[i].tail.why);
	while (ok && waiting) {
		ok = turn(w, log, n, &waiting, &held);
		if (ok && waiting)
			wait_for(log, n, held);
	}
	for (size_t i = 0; i < n; i++) {
		tail_close(&log[i].tail);
		entry_free(&log[i].entry);
	}
	free(log);
	return ok;
}

bool
logs_names(struct logrules *r, const char *path, struct buf *why)
{
	struct tail tail;
	struct span line;
	enum tail_result got = TAIL_FAIL;
	bool any = false;

	if (r->names == NULL) {
		buf_printf(why, "%s: has no names, so that --names cannot be "
		    "read", r->path);
		return false;
	}
	if (tail_open(&tail, path, false))
		do {
			got = tail_next(&tail, &line);
			if (got == TAIL_GOT)
				any = logrules_peer(r, line) || any;
			else if (got == TAIL_WAIT)
				tail_wait(&tail, -1);
		} while (got == TAIL_GOT || got == TAIL_WAIT);
	if (got == TAIL_FAIL)
		buf_str(why, tail.why);
	else if (!any)
		buf_printf(why, "%s: no line is a name by %s", path, r->path);
	tail_close(&tail);
	return got == TAIL_END && any;
}
