/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.c - the store that forgets: each table is an array of rows in the order of their keys, and a transaction is
 * the list of what to undo. Everything that can fail happens before the first change, so undoing cannot fail. */
#include "ockam/store.h"

#include <assert.h>

#define ROWS_FIRST_CAP 16u

typedef struct {
    size_t  key_len;
    size_t  value_len;
    uint8_t bytes[]; /* the key, then the value */
} row_t;

typedef struct {
    row_t **rows; /* ascending by key */
    size_t  len;
    size_t  cap;
} table_t;

/** One step back. Steps are undone latest first, so each finds its table as it was right after the change. */
typedef struct undo {
    struct undo  *next;
    ockam_table_t table;
    row_t        *added;   /* the table's: to be taken out again; NULL if the change was a removal */
    row_t        *removed; /* ours: to be put back; NULL if the change was an insertion */
} undo_t;

typedef struct {
    ockam_store_t            base;
    const ockam_allocator_t *allocator;
    table_t                  tables[OCKAM_TABLE_COUNT];
    undo_t                  *undo; /* latest first */
} memory_store_t;

static memory_store_t *memory(ockam_store_t *store)
{
    return (memory_store_t *)(void *)store; /* `base` is its first member */
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static ockam_slice_t row_key(const row_t *row)
{
    return ockam_slice(row->bytes, row->key_len);
}

static ockam_slice_t row_value(const row_t *row)
{
    return ockam_slice(row->bytes + row->key_len, row->value_len);
}

static row_t *row_new(const ockam_allocator_t *allocator, ockam_slice_t key, ockam_slice_t value)
{
    row_t *row = (row_t *)ockam_alloc(allocator, sizeof(*row) + key.len + value.len);

    if (row == NULL)
        return NULL;
    row->key_len   = key.len;
    row->value_len = value.len;
    memcpy(row->bytes, key.ptr, key.len);
    if (value.len > 0)
        memcpy(row->bytes + key.len, value.ptr, value.len);
    return row;
}

static void row_free(const ockam_allocator_t *allocator, row_t *row)
{
    if (row != NULL)
        ockam_release(allocator, row, sizeof(*row) + row->key_len + row->value_len); /* wipes */
}

static int compare(ockam_slice_t a, ockam_slice_t b)
{
    const size_t common = a.len < b.len ? a.len : b.len;
    const int    order  = memcmp(a.ptr, b.ptr, common); /* no key is empty */

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */

/** The first row whose key is not less than `key`; the table's length if there is none. */
static size_t table_lower_bound(const table_t *table, ockam_slice_t key)
{
    size_t low  = 0;
    size_t high = table->len;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(row_key(table->rows[middle]), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** Whether the row at `at`, a lower bound of `key`, has this very key. */
static bool table_has(const table_t *table, size_t at, ockam_slice_t key)
{
    return at < table->len && compare(row_key(table->rows[at]), key) == 0;
}

static bool table_reserve_one(table_t *table, const ockam_allocator_t *allocator)
{
    const size_t cap = table->cap == 0 ? ROWS_FIRST_CAP : table->cap * 2;
    row_t      **rows;

    if (table->len < table->cap)
        return true;
    if (cap > SIZE_MAX / sizeof(row_t *) || (rows = (row_t **)ockam_alloc(allocator, cap * sizeof(row_t *))) == NULL)
        return false;
    if (table->len > 0)
        memcpy(rows, table->rows, table->len * sizeof(row_t *));
    ockam_release(allocator, table->rows, table->cap * sizeof(row_t *));
    table->rows = rows;
    table->cap  = cap;
    return true;
}

/** There is room. */
static void table_insert(table_t *table, size_t at, row_t *row)
{
    assert(table->len < table->cap && at <= table->len);
    memmove(table->rows + at + 1, table->rows + at, (table->len - at) * sizeof(row_t *));
    table->rows[at] = row;
    table->len++;
}

static row_t *table_take(table_t *table, size_t at)
{
    row_t *const row = table->rows[at];

    table->len--;
    memmove(table->rows + at, table->rows + at + 1, (table->len - at) * sizeof(row_t *));
    return row;
}

/* ---- transactions ---------------------------------------------------------------------------------------------- */

/** Room to remember one change, made before the change. Outside a transaction there is nothing to remember. */
static bool undo_prepare(const memory_store_t *m, undo_t **out)
{
    *out = NULL;
    return !m->base.in_transaction || (*out = (undo_t *)ockam_alloc(m->allocator, sizeof(**out))) != NULL;
}

/** The change is made: remember it, or, outside a transaction, let the old row go. */
static void undo_push(memory_store_t *m, undo_t *undo, ockam_table_t table, row_t *added, row_t *removed)
{
    if (undo == NULL) {
        row_free(m->allocator, removed);
        return;
    }
    *undo   = (undo_t){.next = m->undo, .table = table, .added = added, .removed = removed};
    m->undo = undo;
}

static undo_t *undo_pop(memory_store_t *m)
{
    undo_t *const undo = m->undo;

    if (undo != NULL)
        m->undo = undo->next;
    return undo;
}

static ockam_status_t memory_begin(ockam_store_t *store, ockam_error_t *err)
{
    (void)store;
    (void)err;
    assert(memory(store)->undo == NULL);
    return OCKAM_OK;
}

static ockam_status_t memory_commit(ockam_store_t *store, ockam_error_t *err)
{
    memory_store_t *const m = memory(store);

    (void)err;
    for (undo_t *undo; (undo = undo_pop(m)) != NULL;) {
        row_free(m->allocator, undo->removed);
        ockam_release(m->allocator, undo, sizeof(*undo));
    }
    return OCKAM_OK;
}

static void memory_rollback(ockam_store_t *store)
{
    memory_store_t *const m = memory(store);

    for (undo_t *undo; (undo = undo_pop(m)) != NULL;) {
        table_t *const table = &m->tables[undo->table];
        const size_t   at    = table_lower_bound(table, row_key(undo->added != NULL ? undo->added : undo->removed));

        if (undo->added != NULL)
            row_free(m->allocator, table_take(table, at));
        if (undo->removed != NULL)
            table_insert(table, at, undo->removed); /* arrays never shrink: the room it had is there */
        ockam_release(m->allocator, undo, sizeof(*undo));
    }
}

/* ---- reading and writing --------------------------------------------------------------------------------------- */

static ockam_status_t memory_get(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_buf_t *value,
                                 ockam_error_t *err)
{
    const table_t *const t  = &memory(store)->tables[table];
    const size_t         at = table_lower_bound(t, key);

    if (!table_has(t, at, key))
        return ockam_fail(err, OCKAM_NOT_FOUND, "table %s: no such key", ockam_table_name(table));
    return ockam_buf_append(value, row_value(t->rows[at]), err);
}

static ockam_status_t memory_put(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_slice_t value,
                                 ockam_error_t *err)
{
    memory_store_t *const m       = memory(store);
    table_t *const        t       = &m->tables[table];
    const size_t          at      = table_lower_bound(t, key);
    row_t *const          row     = row_new(m->allocator, key, value);
    row_t                *removed = NULL;
    undo_t               *undo    = NULL;

    if (row == NULL || !undo_prepare(m, &undo) || !table_reserve_one(t, m->allocator)) {
        row_free(m->allocator, row);
        ockam_release(m->allocator, undo, sizeof(*undo));
        return ockam_fail(err, OCKAM_NO_MEMORY, "table %s: row of %zu bytes", ockam_table_name(table),
                          key.len + value.len);
    }
    if (table_has(t, at, key)) {
        removed     = t->rows[at];
        t->rows[at] = row;
    } else {
        table_insert(t, at, row);
    }
    undo_push(m, undo, table, row, removed);
    return OCKAM_OK;
}

static ockam_status_t memory_remove(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_error_t *err)
{
    memory_store_t *const m    = memory(store);
    table_t *const        t    = &m->tables[table];
    const size_t          at   = table_lower_bound(t, key);
    undo_t               *undo = NULL;

    if (!table_has(t, at, key))
        return ockam_fail(err, OCKAM_NOT_FOUND, "table %s: no such key", ockam_table_name(table));
    if (!undo_prepare(m, &undo))
        return ockam_fail(err, OCKAM_NO_MEMORY, "table %s: removing a row", ockam_table_name(table));
    undo_push(m, undo, table, NULL, table_take(t, at));
    return OCKAM_OK;
}

static ockam_status_t memory_each(ockam_store_t *store, ockam_table_t table, ockam_store_visit_fn visit, void *context,
                                  ockam_error_t *err)
{
    const table_t *const t = &memory(store)->tables[table];

    (void)err;
    for (size_t i = 0; i < t->len; i++)
        if (!visit(context, row_key(t->rows[i]), row_value(t->rows[i])))
            break;
    return OCKAM_OK;
}

static void memory_free(ockam_store_t *store)
{
    memory_store_t *const m = memory(store);

    assert(m->undo == NULL);
    for (size_t i = 0; i < OCKAM_TABLE_COUNT; i++) {
        table_t *const t = &m->tables[i];
        while (t->len > 0)
            row_free(m->allocator, t->rows[--t->len]);
        ockam_release(m->allocator, t->rows, t->cap * sizeof(row_t *));
    }
    ockam_release(m->allocator, m, sizeof(*m));
}

ockam_status_t ockam_store_memory(const ockam_allocator_t *allocator, ockam_store_t **out, ockam_error_t *err)
{
    static const ockam_store_ops_t ops = {
        .name     = "memory",
        .begin    = memory_begin,
        .commit   = memory_commit,
        .rollback = memory_rollback,
        .get      = memory_get,
        .put      = memory_put,
        .remove   = memory_remove,
        .each     = memory_each,
        .free     = memory_free,
    };
    memory_store_t *const m = (memory_store_t *)ockam_alloc(allocator, sizeof(*m));

    if (m == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "memory store");
    m->base.ops  = &ops;
    m->allocator = allocator;
    *out         = &m->base;
    return OCKAM_OK;
}
