/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite_internal.h - what the files of the SQLite store share:
 *   sqlite.c         the store's operations
 *   sqlite_schema.c  connections, schema versions, the statuses of SQLite's answers
 *   sqlite_file.c    who may read the file, and how a new one appears */
#ifndef OCKAM_STORAGE_SQLITE_INTERNAL_H
#define OCKAM_STORAGE_SQLITE_INTERNAL_H

#include <sqlite3.h>

#include "ockam/store.h"

#if SQLITE_VERSION_NUMBER < 3037000
#error "SQLite 3.37 or newer is needed: STRICT tables"
#endif

/** Milliseconds that a statement waits for another process to finish its transaction. Ours. */
#define OCKAM_SQLITE_BUSY_TIMEOUT_MS 10000

/** Start a trail with the status that stands for SQLite's answer `rc`; `what` says what was tried. `db` may be NULL. */
OCKAM_COLD ockam_status_t ockam_sqlite_fail(sqlite3 *db, int rc, const char *what, ockam_error_t *err);
/** Add "store PATH" to a trail; of a long path the end. @return `status`. */
OCKAM_COLD ockam_status_t ockam_sqlite_note_path(ockam_status_t status, const char *path, ockam_error_t *err);

/**
 * Check that the file `path`, its folder and its side files are ours and closed to others, without opening them.
 * The folder is made if there is none.
 *
 * @param exists  false: there is no such file, and none of its side files
 * @return OCKAM_OK; OCKAM_INVALID; OCKAM_IO; OCKAM_DENIED; OCKAM_CORRUPT (side files without their database).
 */
OCKAM_NODISCARD ockam_status_t ockam_sqlite_file_check(const char *path, bool *exists, ockam_error_t *err);
/**
 * Make the file `path`: a whole, empty store, or nothing. It is no failure when another process was faster.
 * @return OCKAM_OK; OCKAM_IO; OCKAM_NO_MEMORY.
 */
OCKAM_NODISCARD ockam_status_t ockam_sqlite_file_create(const char *path, ockam_error_t *err);

/** Whether there is something in the write-ahead log of the file `path`. */
bool ockam_sqlite_has_log(const char *path);

/**
 * Open the existing store `path` and bring its schema to this release's version.
 *
 * @param db  close it with sqlite3_close()
 * @return OCKAM_OK; OCKAM_IO; OCKAM_CORRUPT (the file is untouched); OCKAM_TIMEOUT; OCKAM_NO_MEMORY.
 */
OCKAM_NODISCARD ockam_status_t ockam_sqlite_open(const char *path, sqlite3 **db, ockam_error_t *err);
/** Write the schema into the existing file `path`, which is empty and nobody else's. @return as ockam_sqlite_open(). */
OCKAM_NODISCARD ockam_status_t ockam_sqlite_build(const char *path, ockam_error_t *err);

#endif
