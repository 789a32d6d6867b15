/* SPDX-License-Identifier: Apache-2.0
 *
 * store.c - what every store has in common: arguments within their limits, transactions that do not nest, and no
 * writing while rows are visited. The work is done by the store's own operations. No I/O here. */
#include "ockam/store.h"

#include <assert.h>

const char *ockam_table_name(ockam_table_t table)
{
    static const char *const names[OCKAM_TABLE_COUNT] = {
#define ROW(name, text) [OCKAM_TABLE_##name] = text,
        OCKAM_TABLE_LIST(ROW)
#undef ROW
    };

    return (unsigned)table < OCKAM_TABLE_COUNT ? names[table] : "unknown";
}

static ockam_status_t check_key(ockam_table_t table, ockam_slice_t key, ockam_error_t *err)
{
    if ((unsigned)table >= OCKAM_TABLE_COUNT)
        return ockam_fail(err, OCKAM_INVALID, "no table has number %u", (unsigned)table);
    if (key.len == 0)
        return ockam_fail(err, OCKAM_INVALID, "table %s: empty key", ockam_table_name(table));
    if (key.len > OCKAM_STORE_KEY_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "table %s: key of %zu bytes, limit %u", ockam_table_name(table), key.len,
                          OCKAM_STORE_KEY_BYTES_MAX);
    return OCKAM_OK;
}

static ockam_status_t check_not_visiting(const ockam_store_t *store, ockam_error_t *err)
{
    if (store->visiting)
        return ockam_fail(err, OCKAM_WRONG_STATE, "rows of the store are being visited");
    return OCKAM_OK;
}

ockam_status_t ockam_store_begin(ockam_store_t *store, ockam_error_t *err)
{
    ockam_status_t s;

    if ((s = check_not_visiting(store, err)) != OCKAM_OK)
        return s;
    if (store->in_transaction)
        return ockam_fail(err, OCKAM_WRONG_STATE, "a transaction is open already");
    s                     = store->ops->begin(store, err);
    store->in_transaction = s == OCKAM_OK;
    return s;
}

ockam_status_t ockam_store_commit(ockam_store_t *store, ockam_error_t *err)
{
    ockam_status_t s;

    if ((s = check_not_visiting(store, err)) != OCKAM_OK)
        return s;
    if (!store->in_transaction)
        return ockam_fail(err, OCKAM_WRONG_STATE, "no transaction is open");
    s                     = store->ops->commit(store, err);
    store->in_transaction = false; /* kept or undone, it is over */
    return s;
}

void ockam_store_rollback(ockam_store_t *store)
{
    assert(!store->visiting);
    if (!store->in_transaction)
        return;
    store->ops->rollback(store);
    store->in_transaction = false;
}

ockam_status_t ockam_store_get(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_buf_t *value,
                               ockam_error_t *err)
{
    const ockam_status_t s = check_key(table, key, err);

    return s == OCKAM_OK ? store->ops->get(store, table, key, value, err) : s;
}

ockam_status_t ockam_store_put(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_slice_t value,
                               ockam_error_t *err)
{
    ockam_status_t s;

    if ((s = check_not_visiting(store, err)) != OCKAM_OK)
        return s;
    if ((s = check_key(table, key, err)) != OCKAM_OK)
        return s;
    if (value.len > OCKAM_STORE_VALUE_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "table %s: value of %zu bytes, limit %u", ockam_table_name(table),
                          value.len, OCKAM_STORE_VALUE_BYTES_MAX);
    return store->ops->put(store, table, key, value, err);
}

ockam_status_t ockam_store_remove(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_error_t *err)
{
    ockam_status_t s;

    if ((s = check_not_visiting(store, err)) != OCKAM_OK)
        return s;
    if ((s = check_key(table, key, err)) != OCKAM_OK)
        return s;
    return store->ops->remove(store, table, key, err);
}

ockam_status_t ockam_store_each(ockam_store_t *store, ockam_table_t table, ockam_store_visit_fn visit, void *context,
                                ockam_error_t *err)
{
    ockam_status_t s;

    if ((s = check_not_visiting(store, err)) != OCKAM_OK)
        return s;
    if ((unsigned)table >= OCKAM_TABLE_COUNT)
        return ockam_fail(err, OCKAM_INVALID, "no table has number %u", (unsigned)table);
    store->visiting = true;
    s               = store->ops->each(store, table, visit, context, err);
    store->visiting = false;
    return s;
}

void ockam_store_free(ockam_store_t *store)
{
    if (store == NULL)
        return;
    ockam_store_rollback(store);
    store->ops->free(store);
}
