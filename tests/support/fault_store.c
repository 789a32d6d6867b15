/* SPDX-License-Identifier: Apache-2.0
 *
 * fault_store.c - see fault_store.h. */
#include "fault_store.h"

#include <stdio.h>

#include "test.h"

static fault_store_t *self(ockam_store_t *store)
{
    return (fault_store_t *)store;
}

static ockam_status_t enter(ockam_store_t *store, const char *what, const char *table, ockam_error_t *err)
{
    fault_store_t *f    = self(store);
    const size_t   used = strlen(f->log);

    if (what != NULL)
        (void)snprintf(f->log + used, sizeof(f->log) - used, "%s%s%s ", what, table != NULL ? ":" : "",
                       table != NULL ? table : "");
    return ++f->calls == f->fail_at ? ockam_fail(err, OCKAM_IO, "told to fail") : OCKAM_OK;
}

static ockam_status_t fault_begin(ockam_store_t *store, ockam_error_t *err)
{
    const ockam_status_t s = enter(store, "begin", NULL, err);

    return s == OCKAM_OK ? ockam_store_begin(self(store)->inner, err) : s;
}

static ockam_status_t fault_commit(ockam_store_t *store, ockam_error_t *err)
{
    const ockam_status_t s = enter(store, "commit", NULL, err);

    if (s == OCKAM_OK)
        return ockam_store_commit(self(store)->inner, err);
    ockam_store_rollback(self(store)->inner); /* a commit that fails has undone everything */
    return s;
}

static void fault_rollback(ockam_store_t *store)
{
    const size_t used = strlen(self(store)->log);

    (void)snprintf(self(store)->log + used, sizeof(self(store)->log) - used, "rollback ");
    ockam_store_rollback(self(store)->inner);
}

static ockam_status_t fault_get(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_buf_t *value,
                                ockam_error_t *err)
{
    const ockam_status_t s = enter(store, NULL, NULL, err);

    return s == OCKAM_OK ? ockam_store_get(self(store)->inner, table, key, value, err) : s;
}

static ockam_status_t fault_put(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_slice_t value,
                                ockam_error_t *err)
{
    const ockam_status_t s = enter(store, "put", ockam_table_name(table), err);

    return s == OCKAM_OK ? ockam_store_put(self(store)->inner, table, key, value, err) : s;
}

static ockam_status_t fault_remove(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_error_t *err)
{
    const ockam_status_t s = enter(store, "remove", ockam_table_name(table), err);

    return s == OCKAM_OK ? ockam_store_remove(self(store)->inner, table, key, err) : s;
}

static ockam_status_t fault_each(ockam_store_t *store, ockam_table_t table, ockam_store_visit_fn visit, void *context,
                                 ockam_error_t *err)
{
    const ockam_status_t s = enter(store, "each", ockam_table_name(table), err);

    return s == OCKAM_OK ? ockam_store_each(self(store)->inner, table, visit, context, err) : s;
}

static void fault_free(ockam_store_t *store)
{
    (void)store;
}

void fault_store_init(fault_store_t *f, ockam_store_t *inner, size_t fail_at)
{
    static const ockam_store_ops_t ops = {"fault",   fault_begin,  fault_commit, fault_rollback, fault_get,
                                          fault_put, fault_remove, fault_each,   fault_free};

    *f = (fault_store_t){.base = {.ops = &ops}, .inner = inner, .fail_at = fail_at};
}

static bool count_row(void *context, ockam_slice_t key, ockam_slice_t value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return true;
}

size_t store_rows(ockam_store_t *store)
{
    size_t rows = 0;

    for (int table = 0; table < OCKAM_TABLE_COUNT; table++)
        assert_ok(ockam_store_each(store, (ockam_table_t)table, count_row, &rows, NULL));
    return rows;
}
