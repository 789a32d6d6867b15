/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite.c - the store on disk: one SQLite database in WAL mode, each statement prepared once. */
#include "sqlite_internal.h"

#include <stdio.h>

/** One of each kind per table. %s is the table's name. */
enum { GET, PUT, REMOVE, EACH, STATEMENTS };
static const char *const statement_sql[STATEMENTS] = {
    [GET]    = "SELECT value FROM %s WHERE key = ?1",
    [PUT]    = "INSERT INTO %s(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
    [REMOVE] = "DELETE FROM %s WHERE key = ?1",
    [EACH]   = "SELECT key, value FROM %s ORDER BY key",
};

enum { BEGIN, COMMIT, ROLLBACK, TRANSACTION_STATEMENTS };
static const char *const transaction_sql[TRANSACTION_STATEMENTS] = {
    [BEGIN]    = "BEGIN IMMEDIATE", /* waits for other writers here, where nothing has been read yet */
    [COMMIT]   = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
};

typedef struct {
    ockam_store_t            base;
    const ockam_allocator_t *allocator;
    sqlite3                 *db;
    sqlite3_stmt            *statements[OCKAM_TABLE_COUNT][STATEMENTS];      /* NULL until the first use */
    sqlite3_stmt            *transaction_statements[TRANSACTION_STATEMENTS]; /* NULL until the first use */
    size_t                   path_size;
    char                     path[]; /* for error notes */
} sqlite_store_t;

static sqlite_store_t *sqlite(ockam_store_t *store)
{
    return (sqlite_store_t *)(void *)store; /* `base` is its first member */
}

/* ---- statements ------------------------------------------------------------------------------------------------ */

/** "reading table secret": what was tried, for the error trail. */
static ockam_status_t fail_table(sqlite_store_t *q, int rc, const char *verb, ockam_table_t table, ockam_error_t *err)
{
    char what[64];

    (void)snprintf(what, sizeof(what), "%s table %s", verb, ockam_table_name(table));
    return ockam_sqlite_note_path(ockam_sqlite_fail(q->db, rc, what, err), q->path, err);
}

static ockam_status_t fail_not_found(const sqlite_store_t *q, ockam_table_t table, ockam_error_t *err)
{
    return ockam_sqlite_note_path(ockam_fail(err, OCKAM_NOT_FOUND, "table %s: no such key", ockam_table_name(table)),
                                  q->path, err);
}

/** After some failures (full disk, I/O error) SQLite undoes the whole transaction by itself. What is written after that
 *  would be kept on its own. */
static ockam_status_t check_transaction(const sqlite_store_t *q, ockam_error_t *err)
{
    if (q->base.in_transaction && sqlite3_get_autocommit(q->db) != 0)
        return ockam_sqlite_note_path(
            ockam_fail(err, OCKAM_IO, "an earlier failure has undone this transaction: begin again"), q->path, err);
    return OCKAM_OK;
}

static int prepare(sqlite_store_t *q, sqlite3_stmt **slot, const char *sql)
{
    return *slot != NULL ? SQLITE_OK : sqlite3_prepare_v3(q->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
}

static int prepare_for_table(sqlite_store_t *q, ockam_table_t table, int kind, sqlite3_stmt **stmt)
{
    sqlite3_stmt **slot = &q->statements[table][kind];
    char           sql[160];
    int            rc;

    (void)snprintf(sql, sizeof(sql), statement_sql[kind], ockam_table_name(table));
    rc    = prepare(q, slot, sql);
    *stmt = *slot;
    return rc;
}

/** The bytes must stay until release(). */
static int bind(sqlite3_stmt *stmt, int index, ockam_slice_t bytes)
{
    /* An empty blob needs an address, or SQLite takes it for NULL. */
    return sqlite3_bind_blob64(stmt, index, bytes.len > 0 ? (const void *)bytes.ptr : "", bytes.len, SQLITE_STATIC);
}

/** Ready for the next use, and nothing borrowed any more. NULL is fine. */
static void release(sqlite3_stmt *stmt)
{
    if (stmt == NULL)
        return;
    (void)sqlite3_reset(stmt);
    (void)sqlite3_clear_bindings(stmt);
}

static ockam_slice_t column(sqlite3_stmt *stmt, int index)
{
    const void *const ptr = sqlite3_column_blob(stmt, index); /* before its length */

    return ockam_slice(ptr, (size_t)sqlite3_column_bytes(stmt, index));
}

/** STRICT tables hold nothing else than blobs, unless somebody has been at the file. */
static bool row_is_possible(ockam_slice_t key, ockam_slice_t value)
{
    return key.len >= 1 && key.len <= OCKAM_STORE_KEY_BYTES_MAX && value.len <= OCKAM_STORE_VALUE_BYTES_MAX;
}

/* ---- transactions ---------------------------------------------------------------------------------------------- */

static int run(sqlite_store_t *q, int kind)
{
    sqlite3_stmt **slot = &q->transaction_statements[kind];
    int            rc   = prepare(q, slot, transaction_sql[kind]);

    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(*slot);
    (void)sqlite3_reset(*slot);
    return rc;
}

static ockam_status_t sqlite_begin(ockam_store_t *store, ockam_error_t *err)
{
    sqlite_store_t *const q  = sqlite(store);
    const int             rc = run(q, BEGIN);

    if (rc == SQLITE_DONE)
        return OCKAM_OK;
    return ockam_sqlite_note_path(ockam_sqlite_fail(q->db, rc, "beginning a transaction", err), q->path, err);
}

static void sqlite_rollback(ockam_store_t *store)
{
    sqlite_store_t *const q = sqlite(store);

    if (sqlite3_get_autocommit(q->db) == 0) /* else SQLite has done so already */
        (void)run(q, ROLLBACK);
}

static ockam_status_t sqlite_commit(ockam_store_t *store, ockam_error_t *err)
{
    sqlite_store_t *const q = sqlite(store);
    ockam_status_t        s = check_transaction(q, err);
    int                   rc;

    if (s != OCKAM_OK || (rc = run(q, COMMIT)) == SQLITE_DONE)
        return s;
    s = ockam_sqlite_note_path(ockam_sqlite_fail(q->db, rc, "committing a transaction", err), q->path, err);
    sqlite_rollback(store);
    return s;
}

/* ---- reading and writing --------------------------------------------------------------------------------------- */

static ockam_status_t sqlite_get(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_buf_t *value,
                                 ockam_error_t *err)
{
    sqlite_store_t *const q    = sqlite(store);
    sqlite3_stmt         *stmt = NULL;
    ockam_status_t        s    = OCKAM_OK;
    int                   rc   = prepare_for_table(q, table, GET, &stmt);

    if (rc == SQLITE_OK && (rc = bind(stmt, 1, key)) == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_DONE)
        s = fail_not_found(q, table, err);
    else if (rc != SQLITE_ROW)
        s = fail_table(q, rc, "reading", table, err);
    else if (!row_is_possible(key, column(stmt, 0)))
        s = fail_table(q, SQLITE_CORRUPT, "reading", table, err);
    else if ((s = ockam_buf_append(value, column(stmt, 0), err)) != OCKAM_OK)
        s = ockam_sqlite_note_path(s, q->path, err);
    release(stmt);
    return s;
}

static ockam_status_t sqlite_put(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_slice_t value,
                                 ockam_error_t *err)
{
    sqlite_store_t *const q    = sqlite(store);
    sqlite3_stmt         *stmt = NULL;
    ockam_status_t        s    = check_transaction(q, err);
    int                   rc;

    if (s != OCKAM_OK)
        return s;
    rc = prepare_for_table(q, table, PUT, &stmt);
    if (rc == SQLITE_OK && (rc = bind(stmt, 1, key)) == SQLITE_OK && (rc = bind(stmt, 2, value)) == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc != SQLITE_DONE)
        s = fail_table(q, rc, "writing", table, err);
    release(stmt);
    return s;
}

static ockam_status_t sqlite_remove(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_error_t *err)
{
    sqlite_store_t *const q    = sqlite(store);
    sqlite3_stmt         *stmt = NULL;
    ockam_status_t        s    = check_transaction(q, err);
    int                   rc;

    if (s != OCKAM_OK)
        return s;
    rc = prepare_for_table(q, table, REMOVE, &stmt);
    if (rc == SQLITE_OK && (rc = bind(stmt, 1, key)) == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc != SQLITE_DONE)
        s = fail_table(q, rc, "removing from", table, err);
    else if (sqlite3_changes(q->db) == 0)
        s = fail_not_found(q, table, err);
    release(stmt);
    return s;
}

static ockam_status_t sqlite_each(ockam_store_t *store, ockam_table_t table, ockam_store_visit_fn visit, void *context,
                                  ockam_error_t *err)
{
    sqlite_store_t *const q    = sqlite(store);
    sqlite3_stmt         *stmt = NULL;
    ockam_status_t        s    = OCKAM_OK;
    int                   rc   = prepare_for_table(q, table, EACH, &stmt);

    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        if ((rc = sqlite3_step(stmt)) != SQLITE_ROW)
            break;
        if (!row_is_possible(column(stmt, 0), column(stmt, 1))) {
            rc = SQLITE_CORRUPT;
            break;
        }
        if (!visit(context, column(stmt, 0), column(stmt, 1)))
            rc = SQLITE_DONE;
    }
    if (rc != SQLITE_DONE)
        s = fail_table(q, rc, "reading", table, err);
    release(stmt);
    return s;
}

static void sqlite_free(ockam_store_t *store)
{
    sqlite_store_t *const q = sqlite(store);

    for (size_t table = 0; table < OCKAM_TABLE_COUNT; table++)
        for (size_t kind = 0; kind < STATEMENTS; kind++)
            (void)sqlite3_finalize(q->statements[table][kind]);
    for (size_t kind = 0; kind < TRANSACTION_STATEMENTS; kind++)
        (void)sqlite3_finalize(q->transaction_statements[kind]);
    (void)sqlite3_close(q->db); /* no statement is left, so it cannot refuse */
    ockam_release(q->allocator, q, sizeof(*q) + q->path_size);
}

ockam_status_t ockam_store_sqlite(const ockam_allocator_t *allocator, const char *path, ockam_store_t **out,
                                  ockam_error_t *err)
{
    static const ockam_store_ops_t ops = {
        .name     = "sqlite",
        .begin    = sqlite_begin,
        .commit   = sqlite_commit,
        .rollback = sqlite_rollback,
        .get      = sqlite_get,
        .put      = sqlite_put,
        .remove   = sqlite_remove,
        .each     = sqlite_each,
        .free     = sqlite_free,
    };
    const size_t          path_size = strlen(path) + 1;
    sqlite_store_t *const q         = (sqlite_store_t *)ockam_alloc(allocator, sizeof(*q) + path_size);
    bool                  exists    = false;
    ockam_status_t        s;

    if (q == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "sqlite store");
    q->base.ops  = &ops;
    q->allocator = allocator;
    q->path_size = path_size;
    memcpy(q->path, path, path_size);
    if ((s = ockam_sqlite_file_check(path, &exists, err)) == OCKAM_OK && !exists &&
        (s = ockam_sqlite_file_create(path, err)) == OCKAM_OK)
        s = ockam_sqlite_file_check(path, &exists, err); /* perhaps it is another process's */
    if (s == OCKAM_OK)
        s = ockam_sqlite_open(path, &q->db, err);
    if (s != OCKAM_OK) {
        s = ockam_sqlite_note_path(s, path, err);
        ockam_release(allocator, q, sizeof(*q) + path_size);
        return s;
    }
    *out = &q->base;
    return OCKAM_OK;
}
