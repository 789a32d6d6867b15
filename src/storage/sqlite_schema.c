/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite_schema.c - connections to the SQLite store: is the file ours, of which version, and the steps to this
 * release's version. A file that is refused has not been written to. */
#include "sqlite_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/** "OCKM", in the header of each of our databases; file(1) and sqlite3 show it. Never to be changed. */
#define APPLICATION_ID 0x4f434b4d

/** Bytes of one row that SQLite will look at: far above the largest that is written, far below what could hurt. */
#define ROW_BYTES_MAX 1048576

#define TABLE_SQL(name)                                                                                                \
    "CREATE TABLE " name "(key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID"
#define MAKE_TABLE(name) TABLE_SQL(name) ";"

/**
 * steps[n] leads from version n to n + 1. A step that a release has shipped is never changed: databases made by it are
 * out there. A new table is a new step, also in ockam/store.h.
 */
static const char *const steps[] = {
    MAKE_TABLE("secret") MAKE_TABLE("change_history") MAKE_TABLE("purpose_key") MAKE_TABLE("named_identity")
        MAKE_TABLE("attributes"),
};
#define NEWEST_VERSION ((int)(sizeof(steps) / sizeof(steps[0])))

/* ---- statuses -------------------------------------------------------------------------------------------------- */

ockam_status_t ockam_sqlite_fail(sqlite3 *db, int rc, const char *what, ockam_error_t *err)
{
    const int error = db != NULL ? sqlite3_system_errno(db) : 0;

    if (rc == SQLITE_IOERR_NOMEM)
        return ockam_fail(err, OCKAM_NO_MEMORY, "%s", what);
    switch (rc & 0xff) {
    case SQLITE_NOMEM: return ockam_fail(err, OCKAM_NO_MEMORY, "%s", what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ockam_fail(err, OCKAM_TIMEOUT, "%s: another process has held it for %d s: try again later", what,
                          OCKAM_SQLITE_BUSY_TIMEOUT_MS / 1000);
    case SQLITE_FULL: return ockam_fail_os(err, ENOSPC, "%s: free some space and try again", what);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: return ockam_fail_os(err, error, "%s: %s", what, sqlite3_errstr(rc));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS: return ockam_fail_os(err, 0, "%s: %s", what, sqlite3_errstr(rc));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR: /* our statements are right, so the schema is not */
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT: /* as are the rows that we write */
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: /* what we write is never so long */
        return ockam_fail(err, OCKAM_CORRUPT, "%s: %s: restore a backup", what, sqlite3_errstr(rc));
    default: return ockam_fail(err, OCKAM_INTERNAL, "%s: SQLite answers %d, %s", what, rc, sqlite3_errstr(rc));
    }
}

ockam_status_t ockam_sqlite_note_path(ockam_status_t status, const char *path, ockam_error_t *err)
{
    static const char prefix[] = "store ";
    const size_t      room     = OCKAM_ERROR_NOTE_BYTES - sizeof(prefix);
    const size_t      len      = strlen(path);
    char              note[OCKAM_ERROR_NOTE_BYTES];

    if (err == NULL)
        return status;
    if (len <= room) {
        (void)snprintf(note, sizeof(note), "%s%s", prefix, path);
    } else {
        const char *end = path + len - (room - 3);     /* behind "..." */
        while (((unsigned char)*end & 0xc0u) == 0x80u) /* not in the middle of a UTF-8 character */
            end++;
        (void)snprintf(note, sizeof(note), "%s...%s", prefix, end);
    }
    return ockam_error_wrap(err, status, __func__, note);
}

/* ---- one connection -------------------------------------------------------------------------------------------- */

static ockam_status_t exec(sqlite3 *db, const char *sql, const char *what, ockam_error_t *err)
{
    const int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? OCKAM_OK : ockam_sqlite_fail(db, rc, what, err);
}

/** The first column of the first row. @return SQLITE_ROW and `*stmt` to be finalized, or another answer. */
static int query(sqlite3 *db, const char *sql, const char *argument, sqlite3_stmt **stmt)
{
    int rc = sqlite3_prepare_v2(db, sql, -1, stmt, NULL);

    if (rc == SQLITE_OK && argument != NULL)
        rc = sqlite3_bind_text(*stmt, 1, argument, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(*stmt);
    if (rc != SQLITE_ROW) {
        (void)sqlite3_finalize(*stmt);
        *stmt = NULL;
    }
    return rc;
}

static ockam_status_t read_version(sqlite3 *db, int *version, ockam_error_t *err)
{
    sqlite3_stmt *stmt;
    const int     rc = query(db, "PRAGMA user_version", NULL, &stmt);

    if (rc != SQLITE_ROW)
        return ockam_sqlite_fail(db, rc, "reading it", err);
    *version = sqlite3_column_int(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return OCKAM_OK;
}

/** Nothing is read yet, and nothing in the file is trusted: it may hold views and triggers that are not ours. */
static ockam_status_t connect_file(const char *path, sqlite3 **out, ockam_error_t *err)
{
    static const struct {
        int option, value;
    } settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},   {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0}, {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1}, /* until the file is accepted */
    };
    /* SQLite gives names that begin with "file:" or ':' a meaning of their own. */
    const char    *prefix = path[0] == '/' ? "" : "./";
    char          *name   = sqlite3_mprintf("%s%s", prefix, path);
    sqlite3       *db     = NULL;
    ockam_status_t s      = OCKAM_OK;
    int            rc;

    if (name == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "its path");
    rc = sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof(settings) / sizeof(settings[0]); i++)
        rc = sqlite3_db_config(db, settings[i].option, settings[i].value, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(db, OCKAM_SQLITE_BUSY_TIMEOUT_MS);
    sqlite3_free(name);
    if (rc != SQLITE_OK)
        s = ockam_sqlite_fail(db, rc, "opening it", err);
    else if (sqlite3_db_readonly(db, "main") != 0)
        s = ockam_fail(err, OCKAM_IO, "the file is read-only: chmod 600 it, or mount it for writing");
    if (s != OCKAM_OK) {
        (void)sqlite3_close(db);
        return s;
    }
    (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, ROW_BYTES_MAX);
    (void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    *out = db;
    return OCKAM_OK;
}

static ockam_status_t configure(sqlite3 *db, ockam_error_t *err)
{
    /* FULL: what is committed survives a power failure. secure_delete: removed bytes are overwritten in the file.
     * temp_store: nothing is ever put into a temporary file elsewhere. */
    return exec(db,
                "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
                "PRAGMA cell_size_check = ON",
                "configuring it", err);
}

static ockam_status_t use_wal(sqlite3 *db, ockam_error_t *err)
{
    sqlite3_stmt  *stmt;
    const int      rc = query(db, "PRAGMA journal_mode = WAL", NULL, &stmt);
    ockam_status_t s  = OCKAM_OK;

    if (rc != SQLITE_ROW)
        return ockam_sqlite_fail(db, rc, "switching it to WAL mode", err);
    if (strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") != 0)
        s = ockam_fail(err, OCKAM_IO, "this file system cannot share memory (WAL mode): use a local one");
    (void)sqlite3_finalize(stmt);
    return s;
}

/* ---- is it ours ------------------------------------------------------------------------------------------------ */

static ockam_status_t check_version(int version, ockam_error_t *err)
{
    if (version > NEWEST_VERSION)
        return ockam_fail(err, OCKAM_CORRUPT, "schema version %d is from a newer release, this one knows %d: upgrade",
                          version, NEWEST_VERSION);
    if (version < 1)
        return ockam_fail(err, OCKAM_CORRUPT, "schema version %d does not exist: restore a backup", version);
    return OCKAM_OK;
}

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/**
 * The first bytes of the file, read through SQLite's own descriptor but before SQLite reads anything, since that could
 * roll back somebody else's journal. Source: https://www.sqlite.org/fileformat2.html, "The Database Header".
 *
 * @param has_log  a checkpoint may have been cut off, and the log has all of it
 */
static ockam_status_t check_header(sqlite3 *db, bool has_log, ockam_error_t *err)
{
    static const char magic[16]   = "SQLite format 3";
    uint8_t           header[100] = {0};
    sqlite3_file     *file        = NULL;
    sqlite3_int64     size        = 0;
    uint32_t          page_size;
    int               rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

    if (rc == SQLITE_OK)
        rc = file->pMethods->xFileSize(file, &size);
    if (rc == SQLITE_OK)
        rc = file->pMethods->xRead(file, header, sizeof(header), 0);
    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ) /* of a short file the rest is zeros */
        return ockam_sqlite_fail(db, rc, "reading it", err);
    if (memcmp(header, magic, sizeof(magic)) != 0)
        return ockam_fail(err, OCKAM_CORRUPT, "no SQLite database: name another file, or restore a backup");
    if (read_u32(header + 68) != APPLICATION_ID)
        return ockam_fail(err, OCKAM_CORRUPT, "a SQLite database of another program: name another file");
    page_size = (uint32_t)header[16] << 8 | header[17]; /* 1 for 65536; ours are never so large */
    if (page_size == 0 || (size % page_size != 0 && !has_log))
        return ockam_fail(err, OCKAM_CORRUPT, "cut off after %lld bytes: restore a backup", (long long)size);
    return check_version((int)read_u32(header + 60), err);
}

static ockam_status_t check_table(sqlite3 *db, const char *name, ockam_error_t *err)
{
    char           expected[160];
    const char    *sql;
    sqlite3_stmt  *stmt;
    const int      rc = query(db, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", name, &stmt);
    ockam_status_t s  = OCKAM_OK;

    if (rc == SQLITE_DONE)
        return ockam_fail(err, OCKAM_CORRUPT, "table %s is missing: restore a backup", name);
    if (rc != SQLITE_ROW)
        return ockam_sqlite_fail(db, rc, "reading its schema", err);
    (void)snprintf(expected, sizeof(expected), TABLE_SQL("%s"), name);
    if ((sql = (const char *)sqlite3_column_text(stmt, 0)) == NULL || strcmp(sql, expected) != 0)
        s = ockam_fail(err, OCKAM_CORRUPT, "table %s is not of this schema version: restore a backup", name);
    (void)sqlite3_finalize(stmt);
    return s;
}

/** Every table as the steps made it. @return OCKAM_OK or why not. */
static ockam_status_t check_tables(sqlite3 *db, ockam_error_t *err)
{
    ockam_status_t s = OCKAM_OK;

    for (unsigned table = 0; s == OCKAM_OK && table < OCKAM_TABLE_COUNT; table++)
        s = check_table(db, ockam_table_name((ockam_table_t)table), err);
    return s;
}

/** Each page hangs together, so that no write makes a damage worse. Rows are found damaged when they are read. */
static ockam_status_t check_pages(sqlite3 *db, ockam_error_t *err)
{
    sqlite3_stmt  *stmt;
    const int      rc = query(db, "PRAGMA quick_check(1)", NULL, &stmt);
    ockam_status_t s  = OCKAM_OK;

    if (rc != SQLITE_ROW)
        return ockam_sqlite_fail(db, rc, "checking it", err);
    if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
        s = ockam_fail(err, OCKAM_CORRUPT, "its pages are damaged: restore a backup");
    (void)sqlite3_finalize(stmt);
    return s;
}

/* ---- versions -------------------------------------------------------------------------------------------------- */

/** All steps in one transaction. Two processes may try; the second one finds that there is nothing left to do. */
static ockam_status_t upgrade(sqlite3 *db, ockam_error_t *err)
{
    char           sql[64];
    int            version = 0;
    ockam_status_t s;

    if ((s = exec(db, "BEGIN IMMEDIATE", "upgrading its schema", err)) != OCKAM_OK)
        return s;
    s = read_version(db, &version, err);
    for (; s == OCKAM_OK && version >= 0 && version < NEWEST_VERSION; version++)
        s = exec(db, steps[version], "upgrading its schema", err);
    (void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d; COMMIT", version);
    if (s == OCKAM_OK)
        s = exec(db, sql, "upgrading its schema", err);
    if (s != OCKAM_OK)
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return s;
}

ockam_status_t ockam_sqlite_build(const char *path, ockam_error_t *err)
{
    char           sql[96];
    sqlite3       *db = NULL;
    ockam_status_t s;
    int            rc;

    if ((s = connect_file(path, &db, err)) != OCKAM_OK)
        return s;
    /* No journal on disk: until it is complete nobody knows this file. */
    (void)snprintf(sql, sizeof(sql), "PRAGMA journal_mode = MEMORY; PRAGMA application_id = %d", APPLICATION_ID);
    if ((s = configure(db, err)) == OCKAM_OK && (s = exec(db, sql, "making it", err)) == OCKAM_OK &&
        (s = upgrade(db, err)) == OCKAM_OK)
        s = use_wal(db, err);
    rc = sqlite3_close(db);
    if (s == OCKAM_OK && rc != SQLITE_OK)
        s = ockam_sqlite_fail(NULL, rc, "making it", err);
    return s;
}

static void allow_checkpoint_on_close(sqlite3 *db)
{
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
}

ockam_status_t ockam_sqlite_open(const char *path, sqlite3 **out, ockam_error_t *err)
{
    sqlite3       *db      = NULL;
    int            version = 0;
    ockam_status_t s;

    if ((s = connect_file(path, &db, err)) != OCKAM_OK)
        return s;
    if ((s = check_header(db, ockam_sqlite_has_log(path), err)) != OCKAM_OK || (s = configure(db, err)) != OCKAM_OK)
        goto done;
    /* The log may know a newer version than the file's header does. */
    if ((s = read_version(db, &version, err)) != OCKAM_OK || (s = check_version(version, err)) != OCKAM_OK)
        goto done;
    if ((s = check_pages(db, err)) != OCKAM_OK)
        goto done;
    if (version < NEWEST_VERSION && (s = upgrade(db, err)) != OCKAM_OK)
        goto done;
    if ((s = check_tables(db, err)) != OCKAM_OK)
        goto done;
    if ((s = use_wal(db, err)) != OCKAM_OK)
        goto done;
    allow_checkpoint_on_close(db); /* accepted */
    *out = db;
    db   = NULL;
done:
    if (db != NULL && !ockam_sqlite_has_log(path))
        allow_checkpoint_on_close(db); /* nothing to write, but the side files that reading made go away */
    (void)sqlite3_close(db);
    return s;
}
