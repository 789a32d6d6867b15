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

#define OCKAM_STORE_KEY_BYTES_MAX   256u   /* 1 to this many */
#define OCKAM_STORE_VALUE_BYTES_MAX 131072u

typedef struct ockam_store ockam_store_t;

/** Called for each row, in ascending byte order of the keys; both slices are lent for the call. Return false to stop. */
typedef bool (*ockam_store_visit_fn)(void *context, ockam_slice_t key, ockam_slice_t value);

/** What a store implements. Same contract as the functions below. */
typedef struct {
    const char *name;
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
    void (*free)(ockam_store_t *store);
} ockam_store_ops_t;

/** The first member of every store. */
struct ockam_store {
    const ockam_store_ops_t *ops;
};

/**
 * Start a transaction: nobody else writes until commit or rollback. They do not nest.
 * A write outside a transaction is one of its own.
 * @return OCKAM_OK; OCKAM_WRONG_STATE (one is open); OCKAM_TIMEOUT (another process holds it); OCKAM_IO.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_begin(ockam_store_t *store, ockam_error_t *err);
/** After OCKAM_OK the changes survive a crash. After a failure they are undone, and no transaction is open. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_commit(ockam_store_t *store, ockam_error_t *err);
/** Undo. Does nothing when no transaction is open. */
OCKAM_API void ockam_store_rollback(ockam_store_t *store);
/** Append the value to `value`. @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_IO; OCKAM_CORRUPT; OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_get(ockam_store_t *store, ockam_table_t table, ockam_slice_t key,
                                                         ockam_buf_t *value, ockam_error_t *err);
/** Insert or replace. @return OCKAM_OK; OCKAM_INVALID (empty key); OCKAM_LIMIT (too long); OCKAM_IO; OCKAM_TIMEOUT; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_put(ockam_store_t *store, ockam_table_t table, ockam_slice_t key,
                                                         ockam_slice_t value, ockam_error_t *err);
/** @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_IO; OCKAM_TIMEOUT. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_remove(ockam_store_t *store, ockam_table_t table, ockam_slice_t key,
                                                            ockam_error_t *err);
/** Visit all rows of a table as they are now. The visitor must not change the store. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_each(ockam_store_t *store, ockam_table_t table,
                                                          ockam_store_visit_fn visit, void *context, ockam_error_t *err);
/** Closes; an open transaction is undone. NULL is fine. */
OCKAM_API void ockam_store_free(ockam_store_t *store);

/** A store that forgets everything when it is freed. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_memory(const ockam_allocator_t *allocator, ockam_store_t **out,
                                                            ockam_error_t *err);
/**
 * A SQLite database; made with its folder (0700) if it does not exist, mode 0600, also of its side files.
 * @return OCKAM_OK; OCKAM_IO (cannot be made, opened or written); OCKAM_CORRUPT (damaged, not ours, or from a newer
 *         release: the file is not touched); OCKAM_DENIED (owned by another user, or open to others); OCKAM_NO_MEMORY.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_store_sqlite(const ockam_allocator_t *allocator, const char *path,
                                                            ockam_store_t **out, ockam_error_t *err);

OCKAM_END_DECLS

#endif
