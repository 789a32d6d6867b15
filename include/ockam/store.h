/* SPDX-License-Identifier: Apache-2.0
 *
 * store.h - what must survive: tables of key and value, changed in transactions, all or nothing. This is the interface;
 * the memory and SQLite stores are in storage/. */
#ifndef OCKAM_STORE_H
#define OCKAM_STORE_H

#include "ockam/bytes.h"

OCKAM_BEGIN_DECLS

/** What is kept. X(name, text): the text is the table's name in a database. */
#define OCKAM_TABLE_LIST(X)                                                                                            \
    X(SECRET, "secret")                 /* SHA-256 of the public key -> type byte and secret, vault */                 \
    X(CHANGE_HISTORY, "change_history") /* identifier, 32 bytes -> encoded change history */                           \
    X(PURPOSE_KEY, "purpose_key")       /* identifier and purpose byte -> attestation */                               \
    X(NAMED_IDENTITY, "named_identity") /* name -> identifier */                                                       \
    X(ATTRIBUTES, "attributes")         /* subject and issuer identifiers -> attributes with their times */

#define OCKAM_TABLE_ENUM(name, text) OCKAM_TABLE_##name,
typedef enum { OCKAM_TABLE_LIST(OCKAM_TABLE_ENUM) OCKAM_TABLE_COUNT } ockam_table_t;
#undef OCKAM_TABLE_ENUM

/** Bytes of a key: 1 to this many. Ours; the longest key there is holds two identifiers, or a name. */
#define OCKAM_STORE_KEY_BYTES_MAX 256u
/** Bytes of a value: 0 to this many. Ours; twice the longest change history. */
#define OCKAM_STORE_VALUE_BYTES_MAX 131072u

/**
 * One place where rows are kept. A store belongs to one thread at a time. Several stores, also of several processes,
 * may be open on one SQLite file; each sees what the others have committed.
 */
typedef struct ockam_store ockam_store_t;

/**
 * Called for each row, in ascending byte order of the keys (a key comes before the longer ones that begin with it).
 * Both slices are lent for the call. Return false to stop.
 */
typedef bool (*ockam_store_visit_fn)(void *context, ockam_slice_t key, ockam_slice_t value);

/**
 * What a store implements. Same contract as the functions below, which have checked the arguments and the state before:
 * keys and values are within their limits, transactions are not nested, nothing is written while rows are visited.
 */
typedef struct {
    const char *name; /* for logs: "memory", "sqlite" */
    ockam_status_t (*begin)(ockam_store_t *store, ockam_error_t *err);
    ockam_status_t (*commit)(ockam_store_t *store, ockam_error_t *err);
    void (*rollback)(ockam_store_t *store);
    ockam_status_t (*get)(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_buf_t *value,
                          ockam_error_t *err);
    ockam_status_t (*put)(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_slice_t value,
                          ockam_error_t *err);
    ockam_status_t (*remove)(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_error_t *err);
    ockam_status_t (*each)(ockam_store_t *store, ockam_table_t table, ockam_store_visit_fn visit, void *context,
                           ockam_error_t *err);
    void (*free)(ockam_store_t *store); /* no transaction is open */
} ockam_store_ops_t;

/** The first member of every store, which sets `ops` and leaves the rest to the functions below. */
struct ockam_store {
    const ockam_store_ops_t *ops;
    bool                     in_transaction;
    bool                     visiting;
};

/** The table's name, for example "change_history"; "unknown" for a value outside the enum. Static storage. */
OCKAM_API const char *ockam_table_name(ockam_table_t table);

/**
 * Start a transaction: nobody else writes until commit or rollback, and all its writes are kept or none of them.
 * Transactions do not nest. A write outside a transaction is one of its own. One's own writes can be read at once.
 *
 * @return OCKAM_OK; OCKAM_WRONG_STATE (one is open already, or rows are being visited); OCKAM_TIMEOUT (another process
 *         has held the store for 10 seconds); OCKAM_IO; OCKAM_CORRUPT; OCKAM_NO_MEMORY. After a failure none is open.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_begin(ockam_store_t *store, ockam_error_t *err);
/**
 * Keep what the transaction wrote and end it. After OCKAM_OK the changes survive a crash. After OCKAM_WRONG_STATE
 * nothing has happened; after any other failure the changes are undone and no transaction is open.
 *
 * @return OCKAM_OK; OCKAM_WRONG_STATE (none is open, or rows are being visited); OCKAM_IO (also when a write of this
 *         transaction failed and the system took back all of it); OCKAM_TIMEOUT; OCKAM_CORRUPT; OCKAM_NO_MEMORY.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_commit(ockam_store_t *store, ockam_error_t *err);
/** Undo what the transaction wrote. Does nothing when none is open. Not to be called from a visitor. */
OCKAM_API void ockam_store_rollback(ockam_store_t *store);
/**
 * Append the value of `key` to `value`, whose earlier content stays.
 *
 * @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_INVALID (empty key, no such table); OCKAM_LIMIT (key too long, or the value
 *         does not fit into `value`); OCKAM_IO; OCKAM_TIMEOUT; OCKAM_CORRUPT; OCKAM_NO_MEMORY. After a failure `value`
 *         is what it was.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_get(ockam_store_t *store, ockam_table_t table, ockam_slice_t key,
                                                         ockam_buf_t *value, ockam_error_t *err);
/**
 * Insert a row, or replace its value. Key and value are copied; the value that is replaced is overwritten.
 *
 * @return OCKAM_OK; OCKAM_INVALID (empty key, no such table); OCKAM_LIMIT (key or value too long); OCKAM_WRONG_STATE
 *         (rows are being visited); OCKAM_IO; OCKAM_TIMEOUT; OCKAM_CORRUPT; OCKAM_NO_MEMORY. After a failure the row is
 *         what it was, and an open transaction stays open.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_put(ockam_store_t *store, ockam_table_t table, ockam_slice_t key,
                                                         ockam_slice_t value, ockam_error_t *err);
/** Remove a row and overwrite its value. @return as ockam_store_put(); OCKAM_NOT_FOUND. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_remove(ockam_store_t *store, ockam_table_t table,
                                                            ockam_slice_t key, ockam_error_t *err);
/**
 * Visit the rows of a table as they are now. The visitor may call ockam_store_get() and nothing else of this store.
 *
 * @return OCKAM_OK (all were visited, or the visitor stopped); OCKAM_INVALID (no such table); OCKAM_WRONG_STATE (called
 *         from a visitor); OCKAM_IO; OCKAM_TIMEOUT; OCKAM_CORRUPT; OCKAM_NO_MEMORY. After one of the last four some
 *         rows may have been visited.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_each(ockam_store_t *store, ockam_table_t table,
                                                          ockam_store_visit_fn visit, void *context,
                                                          ockam_error_t *err);
/** Close; an open transaction is undone. NULL is fine. Not to be called from a visitor. */
OCKAM_API void ockam_store_free(ockam_store_t *store);

/**
 * A store that forgets everything, with its values wiped, when it is freed.
 *
 * @param allocator  where rows go; must outlive the store
 * @return OCKAM_OK; OCKAM_NO_MEMORY.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_memory(const ockam_allocator_t *allocator, ockam_store_t **out,
                                                            ockam_error_t *err);
/**
 * A store in a SQLite database in one file. If there is none it is made, whole or not at all, with mode 0600; so is its
 * folder, with mode 0700, but not the folders above. SQLite's side files (path-wal, path-shm) get the file's mode.
 *
 * The file holds secrets as they are: who can read it owns them. So it must be a regular file (no symbolic link) of the
 * effective user without any permission for others, in a folder that no other user (but root) can write to.
 *
 * @param allocator  for the handle; SQLite's own memory comes from malloc. Must outlive the store
 * @param path       copied
 * @return OCKAM_OK; OCKAM_INVALID (empty path, or one that ends in a slash); OCKAM_IO (cannot be made, opened or
 *         written); OCKAM_DENIED (no regular file, owned by another user, or open to others); OCKAM_CORRUPT (damaged,
 *         not ours, or from a newer release: the file is not touched); OCKAM_TIMEOUT (another process has held it for
 *         10 seconds); OCKAM_NO_MEMORY. The error trail names the path and what to do.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_sqlite(const ockam_allocator_t *allocator, const char *path,
                                                            ockam_store_t **out, ockam_error_t *err);

OCKAM_END_DECLS

#endif
