#include "heap/refs.h"

#include <stdlib.h>
#include <zstd.h>

#include "base/hash.h"
#include "base/mem.h"

#define APPLICATION 0x52455346	/* "RESF", in the file's header */
#define PATIENCE 20000		/* ms to wait for another writer */
#define LARGEST (UINT64_C(1) << 34)	/* bytes of a table */

static bool
fail(struct refs *r, const char *what)
{
	r->why.n = 0;
	buf_printf(&r->why, "%s: %s", what, sqlite3_errmsg(r->db));
	return false;
}

static bool
fail_with(struct refs *r, const char *reason)
{
	r->why.n = 0;
	buf_str(&r->why, reason);
	return false;
}

static bool
run(struct refs *r, const char *sql)
{
	return sqlite3_exec(r->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	    fail(r, "database");
}

static sqlite3_stmt *
prepare(struct refs *r, const char *sql)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(r->db, sql, -1, &q, NULL) != SQLITE_OK)
		fail(r, "database");
	return q;
}

/* One number that a query gives. */
static bool
ask(struct refs *r, const char *sql, int64_t *out)
{
	sqlite3_stmt *q = prepare(r, sql);
	bool ok;

	if (q == NULL)
		return false;
	ok = sqlite3_step(q) == SQLITE_ROW || fail(r, "database");
	*out = ok ? sqlite3_column_int64(q, 0) : 0;
	sqlite3_finalize(q);
	return ok;
}

static const char schema[] =
    "CREATE TABLE reference ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, cluster TEXT NOT NULL,"
    " os TEXT NOT NULL, service TEXT NOT NULL, version TEXT NOT NULL,"
    " date INTEGER NOT NULL, digest INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " data BLOB NOT NULL,"
    " UNIQUE (service, version, os, cluster, date, digest));"
    "PRAGMA application_id = 1380275014;"	/* APPLICATION */
    "PRAGMA user_version = 1;";

/* Two processes may find it new at once: look again under the lock. */
static bool
set_up(struct refs *r)
{
	int64_t application, objects;
	bool ok;

	if (!run(r, "BEGIN IMMEDIATE"))
		return false;
	ok = ask(r, "PRAGMA application_id", &application) &&
	    ask(r, "SELECT count(*) FROM sqlite_master", &objects);
	if (ok && application == 0 && objects == 0)
		ok = run(r, schema);
	else if (ok && application != APPLICATION)
		ok = fail_with(r, "not a database of references");
	if (ok)
		return run(r, "COMMIT");
	sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/*
 * SQLite does not ask its busy handler for this change of mode, which two
 * processes may want at once of a new file.
 */
static bool
write_ahead(struct refs *r)
{
	int result, waited;

	for (waited = 0; waited < PATIENCE; waited += sqlite3_sleep(10)) {
		result = sqlite3_exec(r->db, "PRAGMA journal_mode = WAL;"
		    "PRAGMA synchronous = FULL", NULL, NULL, NULL);
		if (result == SQLITE_OK)
			return true;
		if (result != SQLITE_BUSY)
			break;
	}
	return fail(r, "database");
}

bool
refs_open(struct refs *r, const char *path, bool create)
{
	int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
	int64_t application;

	*r = (struct refs){ 0 };
	if (sqlite3_open_v2(path, &r->db, flags, NULL) != SQLITE_OK)
		return fail(r, "open");
	sqlite3_busy_timeout(r->db, PATIENCE);
	if (!ask(r, "PRAGMA application_id", &application))
		return false;
	if (application != 0 && application != APPLICATION)
		return fail_with(r, "not a database of references");
	if (!write_ahead(r))
		return false;
	return application == APPLICATION || set_up(r);
}

static void
bind_fingerprint(sqlite3_stmt *q, const struct fingerprint *fp)
{
	int i;

	for (i = 0; i < FP_FIELDS; i++)
		sqlite3_bind_text64(q, i + 1, fp->field[i].n > 0 ?
		    fp->field[i].s : "", fp->field[i].n, SQLITE_TRANSIENT,
		    SQLITE_UTF8);
	sqlite3_bind_int64(q, FP_FIELDS + 1, fp->date);
}

/* The id of what is there already, or was just put there. */
static bool
find(struct refs *r, const struct fingerprint *fp, int64_t digest,
    int64_t *id)
{
	sqlite3_stmt *q = prepare(r, "SELECT id FROM reference WHERE "
	    "cluster = ?1 AND os = ?2 AND service = ?3 AND version = ?4 AND "
	    "date = ?5 AND digest = ?6");
	bool ok;

	if (q == NULL)
		return false;
	bind_fingerprint(q, fp);
	sqlite3_bind_int64(q, FP_FIELDS + 2, digest);
	ok = sqlite3_step(q) == SQLITE_ROW || fail(r, "add");
	*id = ok ? sqlite3_column_int64(q, 0) : 0;
	sqlite3_finalize(q);
	return ok;
}

bool
refs_add(struct refs *r, const struct fingerprint *fp, struct span table,
    uint64_t rows, int64_t *id)
{
	sqlite3_stmt *q = prepare(r, "INSERT OR IGNORE INTO reference (cluster,"
	    " os, service, version, date, digest, rows, data) VALUES "
	    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	int64_t digest = (int64_t)hash_bytes(table.s, table.n);
	size_t cap = ZSTD_compressBound(table.n), n;
	char *data;
	bool ok;

	if (q == NULL)
		return false;
	data = mem_new(cap, 1);
	n = ZSTD_compress(data, cap, table.s, table.n, 6);
	bind_fingerprint(q, fp);
	sqlite3_bind_int64(q, FP_FIELDS + 2, digest);
	sqlite3_bind_int64(q, FP_FIELDS + 3, (int64_t)rows);
	sqlite3_bind_blob64(q, FP_FIELDS + 4, data, n, free);
	ok = !ZSTD_isError(n) && (sqlite3_step(q) == SQLITE_DONE ||
	    fail(r, "add"));
	sqlite3_finalize(q);
	return ok && find(r, fp, digest, id);
}

static struct span
text(sqlite3_stmt *q, int column)
{
	const char *s = (const char *)sqlite3_column_text(q, column);

	return (struct span){ s != NULL ? s : "",
		(size_t)sqlite3_column_bytes(q, column) };
}

bool
refs_each(struct refs *r, void (*each)(void *, const struct refs_entry *),
    void *arg)
{
	sqlite3_stmt *q = prepare(r, "SELECT cluster, os, service, version, "
	    "date, id, rows FROM reference ORDER BY id");
	struct refs_entry e;
	int got, i;

	if (q == NULL)
		return false;
	while ((got = sqlite3_step(q)) == SQLITE_ROW) {
		for (i = 0; i < FP_FIELDS; i++)
			e.fp.field[i] = text(q, i);
		e.fp.date = sqlite3_column_int64(q, 4);
		e.id = sqlite3_column_int64(q, 5);
		e.rows = (uint64_t)sqlite3_column_int64(q, 6);
		each(arg, &e);
	}
	sqlite3_finalize(q);
	return got == SQLITE_DONE || fail(r, "read");
}

static bool
expand(struct refs *r, const void *data, size_t n, struct buf *table)
{
	unsigned long long size = ZSTD_getFrameContentSize(data, n);

	if (size > LARGEST)	/* also what zstd says when it is no frame */
		return fail_with(r, "damaged reference");
	buf_room(table, (size_t)size + 1);
	if (ZSTD_decompress(table->s + table->n, (size_t)size, data, n) != size)
		return fail_with(r, "damaged reference");
	table->n += (size_t)size;
	return true;
}

bool
refs_table(struct refs *r, int64_t id, struct buf *table)
{
	sqlite3_stmt *q = prepare(r, "SELECT data FROM reference WHERE id = ?");
	int got;
	bool ok;

	if (q == NULL)
		return false;
	sqlite3_bind_int64(q, 1, id);
	got = sqlite3_step(q);
	ok = got == SQLITE_ROW || (got == SQLITE_DONE ?
	    fail_with(r, "expired meanwhile") : fail(r, "read"));
	if (ok) {
		const void *data = sqlite3_column_blob(q, 0);

		ok = expand(r, data, (size_t)sqlite3_column_bytes(q, 0),
		    table);
	}
	sqlite3_finalize(q);
	return ok;
}

bool
refs_expire(struct refs *r, int64_t before, uint64_t *n)
{
	sqlite3_stmt *q = prepare(r, "DELETE FROM reference WHERE date < ?");
	bool ok;

	if (q == NULL)
		return false;
	sqlite3_bind_int64(q, 1, before);
	ok = sqlite3_step(q) == SQLITE_DONE || fail(r, "expire");
	*n = ok ? (uint64_t)sqlite3_changes64(r->db) : 0;
	sqlite3_finalize(q);
	return ok;
}

void
refs_close(struct refs *r)
{
	sqlite3_close(r->db);
	buf_free(&r->why);
	*r = (struct refs){ 0 };
}
