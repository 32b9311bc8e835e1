#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "act/ledger.h"
#include "base/when.h"

#define VERSION 1

/* Empty text, not NULL, where there is no value: NULLs are never unique. */
static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS action("
    " id INTEGER PRIMARY KEY,"
    " ts INTEGER NOT NULL, node TEXT NOT NULL, leak TEXT NOT NULL,"
    " target TEXT NOT NULL, action TEXT NOT NULL,"
    " component TEXT NOT NULL, cluster TEXT NOT NULL,"
    " service TEXT NOT NULL, pid TEXT NOT NULL, start TEXT NOT NULL,"
    " usage REAL, goal REAL,"
    " at INTEGER NOT NULL, ended INTEGER, until INTEGER,"
    " state TEXT NOT NULL CHECK(state IN"
    "  ('intent','done','failed','timeout','interrupted')),"
    " verdict TEXT NOT NULL CHECK(verdict IN"
    "  ('','pending','fell','not','gone','unknown','stopped')),"
    " after REAL, detail TEXT NOT NULL,"
    " UNIQUE(ts, node, target, action, pid, start, leak)) STRICT;"
    "CREATE INDEX IF NOT EXISTS action_at ON action(at);"
    "PRAGMA user_version = 1;"
    "COMMIT;";

static bool
fail(struct ledger *l, const char *what)
{
	l->why.n = 0;
	buf_printf(&l->why, "%s: %s", buf_cstr(&l->path), what);
	return false;
}

static bool
fail_db(struct ledger *l)
{
	return fail(l, sqlite3_errmsg(l->db));
}

const char *
ledger_why(struct ledger *l)
{
	return buf_cstr(&l->why);
}

static enum ledger_result
take_lock(struct ledger *l, int64_t wait)
{
	const struct timespec pause = { 0, 50 * 1000 * 1000 };
	struct buf name = { 0 };

	buf_span(&name, buf_view(&l->path));
	buf_str(&name, ".lock");
	l->lock = open(buf_cstr(&name), O_RDWR | O_CREAT | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	buf_free(&name);
	if (l->lock == -1) {
		fail(l, strerror(errno));
		return LEDGER_FAIL;
	}
	while (flock(l->lock, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			fail(l, strerror(errno));
			return LEDGER_FAIL;
		}
		if (wait <= 0) {
			fail(l, "another resin-act is at work");
			return LEDGER_BUSY;
		}
		nanosleep(&pause, NULL);
		wait -= pause.tv_nsec;
	}
	return LEDGER_OK;
}

static bool
exec(struct ledger *l, const char *sql)
{
	return sqlite3_exec(l->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	    fail_db(l);
}

static bool
prepare(struct ledger *l, const char *sql, sqlite3_stmt **st)
{
	return sqlite3_prepare_v2(l->db, sql, -1, st, NULL) == SQLITE_OK ||
	    fail_db(l);
}

static int
version(struct ledger *l)
{
	sqlite3_stmt *st;
	int v = -1;

	if (!prepare(l, "PRAGMA user_version", &st))
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int(st, 0);
	else
		fail_db(l);
	sqlite3_finalize(st);
	return v;
}

/*
 * EXTRA also syncs the directory after the journal is removed, so that a commit
 * is on the disk when it returns, even if the power goes.
 */
static bool
set_up(struct ledger *l, bool write)
{
	int v;

	sqlite3_busy_timeout(l->db, 10000);
	if (!exec(l, "PRAGMA synchronous = EXTRA") || (v = version(l)) == -1)
		return false;
	if (v != 0 && v != VERSION)
		return fail(l, "a ledger of another version");
	return v == VERSION || !write || exec(l, schema);
}

enum ledger_result
ledger_open(struct ledger *l, const char *path, bool write, int64_t wait)
{
	int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE :
	    SQLITE_OPEN_READWRITE;
	enum ledger_result r;
	struct stat st;

	l->lock = -1;
	buf_str(&l->path, path);
	if (write && (r = take_lock(l, wait)) != LEDGER_OK)
		return r;
	if (!write && stat(path, &st) == -1) {
		if (errno == ENOENT)
			return LEDGER_OK;
		fail(l, strerror(errno));
		return LEDGER_FAIL;
	}
	/* A reader, too, must roll back what a killed writer left. */
	if (sqlite3_open_v2(path, &l->db, flags, NULL) != SQLITE_OK ||
	    !set_up(l, write)) {
		if (l->why.n == 0)
			fail_db(l);
		return LEDGER_FAIL;
	}
	return LEDGER_OK;
}

void
ledger_close(struct ledger *l)
{
	sqlite3_close(l->db);
	if (l->lock != -1)
		close(l->lock);
	buf_free(&l->why);
	buf_free(&l->path);
	*l = (struct ledger){ .lock = -1 };
}

static void
bind_text(sqlite3_stmt *st, int i, struct span s)
{
	sqlite3_bind_text64(st, i, s.n > 0 ? s.s : "", s.n, SQLITE_STATIC,
	    SQLITE_UTF8);
}

static void
bind_number(sqlite3_stmt *st, int i, double x)
{
	if (isnan(x))
		sqlite3_bind_null(st, i);
	else
		sqlite3_bind_double(st, i, x);
}

static void
bind_time(sqlite3_stmt *st, int i, int64_t ns)
{
	if (ns == WHEN_NEVER)
		sqlite3_bind_null(st, i);
	else
		sqlite3_bind_int64(st, i, ns);
}

/* Runs a statement that returns no rows, and disposes of it. */
static bool
finish_step(struct ledger *l, sqlite3_stmt *st)
{
	bool ok = sqlite3_step(st) == SQLITE_DONE;

	if (!ok)
		fail_db(l);
	sqlite3_finalize(st);
	return ok;
}

static void
bind_key(sqlite3_stmt *st, const struct entry *e)
{
	sqlite3_bind_int64(st, 1, e->ts);
	bind_text(st, 2, e->node);
	bind_text(st, 3, e->target);
	bind_text(st, 4, e->action);
	bind_text(st, 5, e->pid);
	bind_text(st, 6, e->start);
	bind_text(st, 7, e->leak);
}

bool
ledger_has(struct ledger *l, const struct entry *e)
{
	sqlite3_stmt *st;
	bool has;

	if (l->db == NULL || version(l) != VERSION)
		return false;
	if (!prepare(l, "SELECT 1 FROM action WHERE ts = ?1 AND node = ?2 "
	    "AND target = ?3 AND action = ?4 AND pid = ?5 AND start = ?6 "
	    "AND leak = ?7", &st))
		return false;
	bind_key(st, e);
	has = sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return has;
}

bool
ledger_intent(struct ledger *l, struct entry *e)
{
	sqlite3_stmt *st;

	if (!prepare(l, "INSERT INTO action(ts, node, target, action, pid, "
	    "start, leak, component, cluster, service, usage, goal, at, "
	    "ended, until, state, verdict, detail) VALUES(?1, ?2, ?3, ?4, ?5, "
	    "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
	    &st))
		return false;
	bind_key(st, e);
	bind_text(st, 8, e->component);
	bind_text(st, 9, e->cluster);
	bind_text(st, 10, e->service);
	bind_number(st, 11, e->usage);
	bind_number(st, 12, e->goal);
	sqlite3_bind_int64(st, 13, e->at);
	bind_time(st, 14, e->ended);
	bind_time(st, 15, e->until);
	bind_text(st, 16, e->state);
	bind_text(st, 17, e->verdict);
	bind_text(st, 18, e->detail);
	if (!finish_step(l, st))
		return false;
	e->id = sqlite3_last_insert_rowid(l->db);
	return true;
}

bool
ledger_outcome(struct ledger *l, const struct entry *e)
{
	sqlite3_stmt *st;

	if (!prepare(l, "UPDATE action SET state = ?2, verdict = ?3, "
	    "ended = ?4, until = ?5, detail = ?6 WHERE id = ?1", &st))
		return false;
	sqlite3_bind_int64(st, 1, e->id);
	bind_text(st, 2, e->state);
	bind_text(st, 3, e->verdict);
	bind_time(st, 4, e->ended);
	bind_time(st, 5, e->until);
	bind_text(st, 6, e->detail);
	return finish_step(l, st);
}

bool
ledger_stop(struct ledger *l, struct entry *e)
{
	sqlite3_stmt *st;

	if (!exec(l, "BEGIN IMMEDIATE"))
		return false;
	if (prepare(l, "UPDATE action SET verdict = 'stopped' WHERE "
	    "node = ?1 AND leak = ?2 AND verdict = 'pending'", &st)) {
		bind_text(st, 1, e->node);
		bind_text(st, 2, e->leak);
		if (finish_step(l, st) && ledger_intent(l, e))
			return exec(l, "COMMIT");
	}
	sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool
ledger_verdict(struct ledger *l, int64_t id, const char *verdict, double after)
{
	sqlite3_stmt *st;

	if (!prepare(l, "UPDATE action SET verdict = ?2, after = ?3 "
	    "WHERE id = ?1", &st))
		return false;
	sqlite3_bind_int64(st, 1, id);
	bind_text(st, 2, span_of(verdict));
	bind_number(st, 3, after);
	return finish_step(l, st);
}

static struct span
column_text(sqlite3_stmt *st, int i, struct entries *all)
{
	const void *text = sqlite3_column_text(st, i);
	size_t n = (size_t)sqlite3_column_bytes(st, i);
	char *copy = mem_copy(n > 0 ? text : "", n);

	vec_push(&all->bytes, copy);
	return (struct span){ copy, n };
}

static double
column_number(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? NAN :
	    sqlite3_column_double(st, i);
}

static int64_t
column_time(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? WHEN_NEVER :
	    sqlite3_column_int64(st, i);
}

static void
read_entry(sqlite3_stmt *st, struct entries *all)
{
	struct entry e = {
		.id = sqlite3_column_int64(st, 0),
		.ts = sqlite3_column_int64(st, 1),
		.usage = column_number(st, 11), .goal = column_number(st, 12),
		.at = column_time(st, 13), .ended = column_time(st, 14),
		.until = column_time(st, 15), .after = column_number(st, 18),
	};
	struct span *text[] = {
		&e.node, &e.leak, &e.target, &e.action, &e.component,
		&e.cluster, &e.service, &e.pid, &e.start,
	};

	for (int i = 0; i < 9; i++)
		*text[i] = column_text(st, 2 + i, all);
	e.state = column_text(st, 16, all);
	e.verdict = column_text(st, 17, all);
	e.detail = column_text(st, 19, all);
	vec_push(&all->list, e);
}

bool
ledger_read(struct ledger *l, int64_t from, struct entries *all)
{
	sqlite3_stmt *st;
	int r, v;

	if (l->db == NULL)
		return true;
	if ((v = version(l)) != VERSION)
		return v == 0;
	if (!prepare(l, "SELECT id, ts, node, leak, target, action, component, "
	    "cluster, service, pid, start, usage, goal, at, ended, until, "
	    "state, verdict, after, detail FROM action WHERE at >= ?1 OR "
	    "state = 'intent' OR verdict = 'pending' ORDER BY id", &st))
		return false;
	sqlite3_bind_int64(st, 1, from);
	while ((r = sqlite3_step(st)) == SQLITE_ROW)
		read_entry(st, all);
	if (r != SQLITE_DONE)
		fail_db(l);
	sqlite3_finalize(st);
	return r == SQLITE_DONE;
}

void
entries_free(struct entries *all)
{
	for (size_t i = 0; i < all->bytes.n; i++)
		free(all->bytes.v[i]);
	vec_free(&all->bytes);
	vec_free(&all->list);
}
