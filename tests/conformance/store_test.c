/* SPDX-License-Identifier: Apache-2.0
 *
 * store_test.c - what every store must do. The memory store goes first. */
#include "ockam/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "failing_allocator.h"
#include "test.h"

typedef struct {
    const char *name;
    bool        keeps; /* what is committed is there after freeing and making it again */
    ockam_status_t (*make)(const ockam_allocator_t *allocator, const char *folder, ockam_store_t **out,
                           ockam_error_t *err);
    void (*forget)(const char *folder); /* the next one made is empty */
} store_kind_t;

static ockam_status_t make_memory(const ockam_allocator_t *allocator, const char *folder, ockam_store_t **out,
                                  ockam_error_t *err)
{
    (void)folder;
    return ockam_store_memory(allocator, out, err);
}

static void forget_memory(const char *folder)
{
    (void)folder;
}

static void path_in(const char *folder, char path[64])
{
    (void)snprintf(path, 64, "%s/state.sqlite3", folder);
}

static ockam_status_t make_sqlite(const ockam_allocator_t *allocator, const char *folder, ockam_store_t **out,
                                  ockam_error_t *err)
{
    char path[64];

    path_in(folder, path);
    return ockam_store_sqlite(allocator, path, out, err);
}

static void forget_sqlite(const char *folder)
{
    char path[64];

    path_in(folder, path);
    assert_int_equal(unlink(path), 0); /* closing removed the side files */
}

static const store_kind_t kinds[] = {
    {.name = "memory", .keeps = false, .make = make_memory, .forget = forget_memory},
    {.name = "sqlite", .keeps = true, .make = make_sqlite, .forget = forget_sqlite},
};
static const store_kind_t *kind; /* under test now */

typedef struct {
    char           folder[32];
    ockam_store_t *store;
    ockam_error_t  err;
} fixture_t;

static int setup(void **state)
{
    fixture_t *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/ockam-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    assert_ok_err(kind->make(ockam_allocator_malloc(), f->folder, &f->store, &f->err), &f->err);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture_t *f = *state;

    ockam_store_free(f->store);
    kind->forget(f->folder);
    assert_int_equal(rmdir(f->folder), 0); /* nothing else was left there */
    free(f);
    return 0;
}

static const fixture_t *fixture(void **state)
{
    return *state;
}

/** Free the store and make it again. */
static void reopen(void **state)
{
    fixture_t *f = *state;

    ockam_store_free(f->store);
    f->store = NULL;
    assert_ok_err(kind->make(ockam_allocator_malloc(), f->folder, &f->store, &f->err), &f->err);
}

static ockam_slice_t text(const char *s)
{
    return ockam_slice_text(s);
}

static void put(void **state, ockam_table_t table, const char *key, const char *value)
{
    assert_ok(ockam_store_put(fixture(state)->store, table, text(key), text(value), NULL));
}

/** The row is there with this value; `value` NULL: it is not there. */
static void assert_row(void **state, ockam_table_t table, const char *key, const char *value)
{
    uint8_t     storage[64];
    ockam_buf_t got;

    ockam_buf_init_fixed(&got, storage, sizeof(storage));
    if (value == NULL) {
        assert_status(ockam_store_get(fixture(state)->store, table, text(key), &got, NULL), OCKAM_NOT_FOUND);
        assert_int_equal(got.len, 0);
        return;
    }
    assert_ok(ockam_store_get(fixture(state)->store, table, text(key), &got, NULL));
    assert_slice_equal(ockam_buf_view(&got), text(value));
}

/** "key=value " for each row. */
typedef struct {
    char   text[256];
    size_t len;
    size_t rows;
    size_t stop_after; /* 0: do not stop */
} listing_t;

static bool list_row(void *context, ockam_slice_t key, ockam_slice_t value)
{
    listing_t *list = context;

    list->rows++;
    list->len += (size_t)snprintf(list->text + list->len, sizeof(list->text) - list->len, "%.*s=%.*s ", (int)key.len,
                                  (const char *)key.ptr, (int)value.len, (const char *)value.ptr);
    return list->rows != list->stop_after;
}

static void assert_rows(void **state, ockam_table_t table, const char *expected)
{
    listing_t list = {0};

    assert_ok(ockam_store_each(fixture(state)->store, table, list_row, &list, NULL));
    assert_string_equal(list.text, expected);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void a_new_store_is_empty(void **state)
{
    for (unsigned table = 0; table < OCKAM_TABLE_COUNT; table++) {
        assert_row(state, (ockam_table_t)table, "key", NULL);
        assert_rows(state, (ockam_table_t)table, "");
    }
}

static void get_gives_what_was_put(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "key", "value");
    assert_row(state, OCKAM_TABLE_SECRET, "key", "value");
}

static void get_appends_to_the_buffer(void **state)
{
    ockam_buf_t got;

    put(state, OCKAM_TABLE_SECRET, "key", "value");
    ockam_buf_init(&got, ockam_allocator_malloc(), 64);
    assert_ok(ockam_buf_append(&got, text("before "), NULL));
    assert_ok(ockam_store_get(fixture(state)->store, OCKAM_TABLE_SECRET, text("key"), &got, NULL));
    assert_slice_equal(ockam_buf_view(&got), text("before value"));
    ockam_buf_deinit(&got);
}

static void get_fails_when_the_buffer_is_too_small(void **state)
{
    uint8_t       storage[8];
    ockam_buf_t   got;
    ockam_error_t err = {0};

    put(state, OCKAM_TABLE_SECRET, "key", "12345");
    ockam_buf_init_fixed(&got, storage, sizeof(storage));
    assert_ok(ockam_buf_append(&got, text("1234"), NULL));
    assert_status(ockam_store_get(fixture(state)->store, OCKAM_TABLE_SECRET, text("key"), &got, &err), OCKAM_LIMIT);
    assert_int_equal(err.status, OCKAM_LIMIT);
    assert_slice_equal(ockam_buf_view(&got), text("1234"));
    ockam_buf_truncate(&got, 3); /* and now it fits exactly */
    assert_ok(ockam_store_get(fixture(state)->store, OCKAM_TABLE_SECRET, text("key"), &got, NULL));
    assert_slice_equal(ockam_buf_view(&got), text("12312345"));
}

static void put_replaces_the_value(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "key", "a longer value");
    put(state, OCKAM_TABLE_SECRET, "key", "b");
    assert_row(state, OCKAM_TABLE_SECRET, "key", "b");
    put(state, OCKAM_TABLE_SECRET, "key", "an even longer value");
    assert_rows(state, OCKAM_TABLE_SECRET, "key=an even longer value ");
}

static void put_copies_key_and_value(void **state)
{
    char key[]   = "key";
    char value[] = "value";

    assert_ok(ockam_store_put(fixture(state)->store, OCKAM_TABLE_SECRET, text(key), text(value), NULL));
    memset(key, 'x', sizeof(key) - 1);
    memset(value, 'x', sizeof(value) - 1);
    assert_rows(state, OCKAM_TABLE_SECRET, "key=value ");
}

static void tables_are_apart(void **state)
{
    for (unsigned table = 0; table < OCKAM_TABLE_COUNT; table++)
        put(state, (ockam_table_t)table, "key", ockam_table_name((ockam_table_t)table));
    assert_ok(ockam_store_remove(fixture(state)->store, OCKAM_TABLE_PURPOSE_KEY, text("key"), NULL));
    for (unsigned table = 0; table < OCKAM_TABLE_COUNT; table++)
        assert_row(state, (ockam_table_t)table, "key",
                   table == OCKAM_TABLE_PURPOSE_KEY ? NULL : ockam_table_name((ockam_table_t)table));
}

static void remove_takes_one_row_away(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    put(state, OCKAM_TABLE_SECRET, "c", "3");
    assert_ok(ockam_store_remove(fixture(state)->store, OCKAM_TABLE_SECRET, text("b"), NULL));
    assert_rows(state, OCKAM_TABLE_SECRET, "a=1 c=3 ");
    assert_row(state, OCKAM_TABLE_SECRET, "b", NULL);
}

static void remove_of_what_is_not_there_says_so(void **state)
{
    ockam_error_t err = {0};

    put(state, OCKAM_TABLE_SECRET, "a", "1");
    assert_status(ockam_store_remove(fixture(state)->store, OCKAM_TABLE_SECRET, text("b"), &err), OCKAM_NOT_FOUND);
    assert_int_equal(err.status, OCKAM_NOT_FOUND);
    assert_ok(ockam_store_remove(fixture(state)->store, OCKAM_TABLE_SECRET, text("a"), NULL));
    assert_status(ockam_store_remove(fixture(state)->store, OCKAM_TABLE_SECRET, text("a"), NULL), OCKAM_NOT_FOUND);
}

static void a_value_may_be_empty(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "key", "");
    assert_row(state, OCKAM_TABLE_SECRET, "key", "");
    assert_rows(state, OCKAM_TABLE_SECRET, "key= ");
    assert_ok(ockam_store_put(fixture(state)->store, OCKAM_TABLE_SECRET, text("null"), ockam_slice(NULL, 0), NULL));
    assert_rows(state, OCKAM_TABLE_SECRET, "key= null= ");
    put(state, OCKAM_TABLE_SECRET, "key", "x");
    put(state, OCKAM_TABLE_SECRET, "key", "");
    assert_rows(state, OCKAM_TABLE_SECRET, "key= null= ");
}

static void keys_and_values_are_bytes(void **state)
{
    static const uint8_t keys[][3]  = {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0xff, 0, 0}, {0xff, 0xff, 0xff}};
    uint8_t              value[256] = {0};
    uint8_t              storage[256];
    ockam_buf_t          got;

    for (size_t i = 0; i < sizeof(value); i++)
        value[i] = (uint8_t)i;
    for (size_t i = 0; i < 5; i++) {
        value[0] = (uint8_t)(100 + i);
        assert_ok(ockam_store_put(fixture(state)->store, OCKAM_TABLE_SECRET, ockam_slice(keys[i], 3),
                                  ockam_slice(value, sizeof(value)), NULL));
    }
    for (size_t i = 0; i < 5; i++) {
        value[0] = (uint8_t)(100 + i);
        ockam_buf_init_fixed(&got, storage, sizeof(storage));
        assert_ok(ockam_store_get(fixture(state)->store, OCKAM_TABLE_SECRET, ockam_slice(keys[i], 3), &got, NULL));
        assert_slice_equal(ockam_buf_view(&got), ockam_slice(value, sizeof(value)));
    }
    ockam_buf_init_fixed(&got, storage, sizeof(storage)); /* no key ends at a NUL */
    assert_status(ockam_store_get(fixture(state)->store, OCKAM_TABLE_SECRET, ockam_slice(keys[0], 2), &got, NULL),
                  OCKAM_NOT_FOUND);
}

/* ---- limits ---------------------------------------------------------------------------------------------------- */

static void keys_have_a_shortest_and_a_longest_length(void **state)
{
    ockam_store_t *const store                              = fixture(state)->store;
    uint8_t              key[OCKAM_STORE_KEY_BYTES_MAX + 1] = {0};
    uint8_t              storage[8];
    ockam_buf_t          got;
    static const struct {
        size_t         len;
        ockam_status_t status;
    } rows[] = {
        {0, OCKAM_INVALID},
        {1, OCKAM_OK},
        {OCKAM_STORE_KEY_BYTES_MAX, OCKAM_OK},
        {OCKAM_STORE_KEY_BYTES_MAX + 1, OCKAM_LIMIT},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ockam_buf_init_fixed(&got, storage, sizeof(storage));
        assert_status(ockam_store_put(store, OCKAM_TABLE_SECRET, ockam_slice(key, rows[i].len), text("v"), NULL),
                      rows[i].status);
        assert_status(ockam_store_get(store, OCKAM_TABLE_SECRET, ockam_slice(key, rows[i].len), &got, NULL),
                      rows[i].status);
        assert_int_equal(got.len, rows[i].status == OCKAM_OK ? 1 : 0);
        assert_status(ockam_store_remove(store, OCKAM_TABLE_SECRET, ockam_slice(key, rows[i].len), NULL),
                      rows[i].status);
    }
    assert_rows(state, OCKAM_TABLE_SECRET, "");
}

static void values_have_a_longest_length(void **state)
{
    ockam_store_t *const store    = fixture(state)->store;
    uint8_t *const       value    = malloc(OCKAM_STORE_VALUE_BYTES_MAX + 1);
    const ockam_slice_t  longest  = ockam_slice(value, OCKAM_STORE_VALUE_BYTES_MAX);
    const ockam_slice_t  too_long = ockam_slice(value, OCKAM_STORE_VALUE_BYTES_MAX + 1);
    ockam_buf_t          got;

    assert_non_null(value);
    for (size_t i = 0; i < OCKAM_STORE_VALUE_BYTES_MAX + 1; i++)
        value[i] = (uint8_t)(i * 7 + i / 256);
    ockam_buf_init(&got, ockam_allocator_malloc(), OCKAM_STORE_VALUE_BYTES_MAX);
    assert_ok(ockam_store_put(store, OCKAM_TABLE_SECRET, text("k"), longest, NULL));
    assert_status(ockam_store_put(store, OCKAM_TABLE_SECRET, text("k"), too_long, NULL), OCKAM_LIMIT);
    assert_ok(ockam_store_get(store, OCKAM_TABLE_SECRET, text("k"), &got, NULL));
    assert_slice_equal(ockam_buf_view(&got), longest);
    ockam_buf_deinit(&got);
    free(value);
}

static void tables_outside_the_enum_are_refused(void **state)
{
    ockam_store_t *const store = fixture(state)->store;
    const ockam_table_t  none  = OCKAM_TABLE_COUNT;
    listing_t            list  = {0};
    uint8_t              storage[8];
    ockam_buf_t          got;

    ockam_buf_init_fixed(&got, storage, sizeof(storage));
    assert_status(ockam_store_put(store, none, text("k"), text("v"), NULL), OCKAM_INVALID);
    assert_status(ockam_store_get(store, none, text("k"), &got, NULL), OCKAM_INVALID);
    assert_status(ockam_store_remove(store, none, text("k"), NULL), OCKAM_INVALID);
    assert_status(ockam_store_each(store, none, list_row, &list, NULL), OCKAM_INVALID);
    assert_string_equal(ockam_table_name(none), "unknown");
}

/* ---- visiting -------------------------------------------------------------------------------------------------- */

static void each_goes_in_the_order_of_the_bytes(void **state)
{
    static const char *const keys[] = {"b", "ab", "a", "\xc3\xa4", "aa", "B", "abc", "~", "\x01"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        put(state, OCKAM_TABLE_NAMED_IDENTITY, keys[i], "");
    assert_rows(state, OCKAM_TABLE_NAMED_IDENTITY, "\x01= B= a= aa= ab= abc= b= ~= \xc3\xa4= ");
}

static void each_stops_when_the_visitor_says_so(void **state)
{
    listing_t list = {.stop_after = 2};

    put(state, OCKAM_TABLE_SECRET, "a", "1");
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    put(state, OCKAM_TABLE_SECRET, "c", "3");
    assert_ok(ockam_store_each(fixture(state)->store, OCKAM_TABLE_SECRET, list_row, &list, NULL));
    assert_string_equal(list.text, "a=1 b=2 ");
    assert_rows(state, OCKAM_TABLE_SECRET, "a=1 b=2 c=3 "); /* and begins at the first row again */
}

static bool visitor_that_writes(void *context, ockam_slice_t key, ockam_slice_t value)
{
    ockam_store_t *const store = context;
    listing_t            list  = {0};
    uint8_t              storage[8];
    ockam_buf_t          got;

    ockam_buf_init_fixed(&got, storage, sizeof(storage));
    assert_status(ockam_store_put(store, OCKAM_TABLE_SECRET, key, text("new"), NULL), OCKAM_WRONG_STATE);
    assert_status(ockam_store_remove(store, OCKAM_TABLE_SECRET, key, NULL), OCKAM_WRONG_STATE);
    assert_status(ockam_store_begin(store, NULL), OCKAM_WRONG_STATE);
    assert_status(ockam_store_commit(store, NULL), OCKAM_WRONG_STATE);
    assert_status(ockam_store_each(store, OCKAM_TABLE_SECRET, list_row, &list, NULL), OCKAM_WRONG_STATE);
    assert_ok(ockam_store_get(store, OCKAM_TABLE_SECRET, key, &got, NULL));
    assert_slice_equal(ockam_buf_view(&got), value);
    return true;
}

static void a_visitor_can_read_and_cannot_write(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    assert_ok(
        ockam_store_each(fixture(state)->store, OCKAM_TABLE_SECRET, visitor_that_writes, fixture(state)->store, NULL));
    assert_rows(state, OCKAM_TABLE_SECRET, "a=1 b=2 ");
    put(state, OCKAM_TABLE_SECRET, "c", "3"); /* writing is fine again */
}

/* ---- transactions ---------------------------------------------------------------------------------------------- */

static void a_transaction_sees_its_own_writes(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    assert_ok(ockam_store_begin(fixture(state)->store, NULL));
    put(state, OCKAM_TABLE_SECRET, "a", "2");
    put(state, OCKAM_TABLE_SECRET, "b", "3");
    assert_row(state, OCKAM_TABLE_SECRET, "a", "2");
    assert_rows(state, OCKAM_TABLE_SECRET, "a=2 b=3 ");
    assert_ok(ockam_store_remove(fixture(state)->store, OCKAM_TABLE_SECRET, text("a"), NULL));
    assert_row(state, OCKAM_TABLE_SECRET, "a", NULL);
    assert_rows(state, OCKAM_TABLE_SECRET, "b=3 ");
    assert_ok(ockam_store_commit(fixture(state)->store, NULL));
}

static void commit_keeps_everything(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    assert_ok(ockam_store_begin(fixture(state)->store, NULL));
    put(state, OCKAM_TABLE_SECRET, "a", "new");
    put(state, OCKAM_TABLE_PURPOSE_KEY, "c", "3");
    assert_ok(ockam_store_remove(fixture(state)->store, OCKAM_TABLE_SECRET, text("b"), NULL));
    assert_ok(ockam_store_commit(fixture(state)->store, NULL));
    assert_rows(state, OCKAM_TABLE_SECRET, "a=new ");
    assert_rows(state, OCKAM_TABLE_PURPOSE_KEY, "c=3 ");
}

static void rollback_undoes_everything(void **state)
{
    ockam_store_t *const store = fixture(state)->store;

    put(state, OCKAM_TABLE_SECRET, "a", "1");
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    put(state, OCKAM_TABLE_SECRET, "d", "4");
    assert_ok(ockam_store_begin(store, NULL));
    put(state, OCKAM_TABLE_SECRET, "a", "new");   /* replaced */
    put(state, OCKAM_TABLE_SECRET, "a", "newer"); /* and again */
    assert_ok(ockam_store_remove(store, OCKAM_TABLE_SECRET, text("b"), NULL));
    put(state, OCKAM_TABLE_SECRET, "b", "back"); /* removed and inserted */
    put(state, OCKAM_TABLE_SECRET, "c", "3");    /* inserted */
    put(state, OCKAM_TABLE_SECRET, "c", "33");   /* inserted and replaced */
    put(state, OCKAM_TABLE_SECRET, "e", "5");    /* inserted, replaced and removed */
    put(state, OCKAM_TABLE_SECRET, "e", "55");
    assert_ok(ockam_store_remove(store, OCKAM_TABLE_SECRET, text("e"), NULL));
    assert_ok(ockam_store_remove(store, OCKAM_TABLE_SECRET, text("d"), NULL)); /* removed */
    put(state, OCKAM_TABLE_CHANGE_HISTORY, "x", "y");
    ockam_store_rollback(store);
    assert_rows(state, OCKAM_TABLE_SECRET, "a=1 b=2 d=4 ");
    assert_rows(state, OCKAM_TABLE_CHANGE_HISTORY, "");
}

static void a_transaction_can_follow_a_rollback(void **state)
{
    assert_ok(ockam_store_begin(fixture(state)->store, NULL));
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    ockam_store_rollback(fixture(state)->store);
    assert_ok(ockam_store_begin(fixture(state)->store, NULL));
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    assert_ok(ockam_store_commit(fixture(state)->store, NULL));
    assert_rows(state, OCKAM_TABLE_SECRET, "b=2 ");
}

static void transactions_do_not_nest(void **state)
{
    ockam_error_t err = {0};

    assert_ok(ockam_store_begin(fixture(state)->store, NULL));
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    assert_status(ockam_store_begin(fixture(state)->store, &err), OCKAM_WRONG_STATE);
    assert_int_equal(err.status, OCKAM_WRONG_STATE);
    assert_ok(ockam_store_commit(fixture(state)->store, NULL)); /* the first one is as it was */
    assert_rows(state, OCKAM_TABLE_SECRET, "a=1 ");
}

static void commit_without_a_transaction_is_refused(void **state)
{
    assert_status(ockam_store_commit(fixture(state)->store, NULL), OCKAM_WRONG_STATE);
    assert_ok(ockam_store_begin(fixture(state)->store, NULL));
    assert_ok(ockam_store_commit(fixture(state)->store, NULL));
    assert_status(ockam_store_commit(fixture(state)->store, NULL), OCKAM_WRONG_STATE);
}

static void rollback_without_a_transaction_does_nothing(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    ockam_store_rollback(fixture(state)->store);
    assert_rows(state, OCKAM_TABLE_SECRET, "a=1 ");
}

static void a_refused_write_leaves_the_transaction_open(void **state)
{
    ockam_store_t *const store = fixture(state)->store;

    assert_ok(ockam_store_begin(store, NULL));
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    assert_status(ockam_store_put(store, OCKAM_TABLE_SECRET, text(""), text("2"), NULL), OCKAM_INVALID);
    assert_status(ockam_store_remove(store, OCKAM_TABLE_SECRET, text("z"), NULL), OCKAM_NOT_FOUND);
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    assert_ok(ockam_store_commit(store, NULL));
    assert_rows(state, OCKAM_TABLE_SECRET, "a=1 b=2 ");
}

static void free_undoes_an_open_transaction(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    assert_ok(ockam_store_begin(fixture(state)->store, NULL));
    put(state, OCKAM_TABLE_SECRET, "a", "2");
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    reopen(state);
    assert_rows(state, OCKAM_TABLE_SECRET, kind->keeps ? "a=1 " : "");
}

static void free_of_nothing_is_fine(void **state)
{
    (void)state;
    ockam_store_free(NULL);
}

static void a_store_keeps_what_it_promises_to_keep(void **state)
{
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    assert_ok(ockam_store_begin(fixture(state)->store, NULL));
    put(state, OCKAM_TABLE_ATTRIBUTES, "b", "2");
    assert_ok(ockam_store_commit(fixture(state)->store, NULL));
    reopen(state);
    assert_rows(state, OCKAM_TABLE_SECRET, kind->keeps ? "a=1 " : "");
    assert_rows(state, OCKAM_TABLE_ATTRIBUTES, kind->keeps ? "b=2 " : "");
}

/* ---- many rows ------------------------------------------------------------------------------------------------- */

#define MANY 10000u

static void numbered_key(uint32_t number, uint8_t key[32])
{
    memset(key, 0xa5, 32);
    key[0] = (uint8_t)(number >> 24);
    key[1] = (uint8_t)(number >> 16);
    key[2] = (uint8_t)(number >> 8);
    key[3] = (uint8_t)number;
}

typedef struct {
    uint32_t next; /* number expected */
    uint32_t step;
} count_t;

static bool count_row(void *context, ockam_slice_t key, ockam_slice_t value)
{
    count_t *count = context;
    uint8_t  expected[32];

    numbered_key(count->next, expected);
    assert_slice_equal(key, ockam_slice(expected, sizeof(expected)));
    assert_slice_equal(value, ockam_slice(expected, 1 + count->next % 32));
    count->next += count->step;
    return true;
}

static void ten_thousand_rows_are_kept_in_order(void **state)
{
    ockam_store_t *const store = fixture(state)->store;
    count_t              count = {0, 1};
    uint8_t              key[32];

    assert_ok(ockam_store_begin(store, NULL));
    for (uint32_t i = 0; i < MANY; i++) {
        const uint32_t number = i * 7919 % MANY; /* each once, in no order: 7919 is a prime */
        numbered_key(number, key);
        assert_ok(
            ockam_store_put(store, OCKAM_TABLE_SECRET, ockam_slice(key, 32), ockam_slice(key, 1 + number % 32), NULL));
    }
    assert_ok(ockam_store_commit(store, NULL));
    assert_ok(ockam_store_each(store, OCKAM_TABLE_SECRET, count_row, &count, NULL));
    assert_int_equal(count.next, MANY);

    assert_ok(ockam_store_begin(store, NULL));
    for (uint32_t number = 1; number < MANY; number += 2) {
        numbered_key(number, key);
        assert_ok(ockam_store_remove(store, OCKAM_TABLE_SECRET, ockam_slice(key, 32), NULL));
    }
    count = (count_t){0, 2};
    assert_ok(ockam_store_each(store, OCKAM_TABLE_SECRET, count_row, &count, NULL));
    assert_int_equal(count.next, MANY);
    ockam_store_rollback(store);
    count = (count_t){0, 1};
    assert_ok(ockam_store_each(store, OCKAM_TABLE_SECRET, count_row, &count, NULL));
    assert_int_equal(count.next, MANY);
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static ockam_status_t use_everything(ockam_store_t *store, const ockam_allocator_t *allocator)
{
    char           key[16];
    ockam_buf_t    got;
    listing_t      list = {0};
    ockam_status_t s;

    OCKAM_TRY(NULL, ockam_store_put(store, OCKAM_TABLE_SECRET, text("a"), text("1"), NULL), "");
    OCKAM_TRY(NULL, ockam_store_put(store, OCKAM_TABLE_SECRET, text("a"), text("2"), NULL), "");
    OCKAM_TRY(NULL, ockam_store_begin(store, NULL), "");
    for (unsigned i = 0; i < 40; i++) { /* arrays grow */
        (void)snprintf(key, sizeof(key), "key %u", i);
        OCKAM_TRY(NULL, ockam_store_put(store, OCKAM_TABLE_SECRET, text(key), text("1"), NULL), "");
    }
    OCKAM_TRY(NULL, ockam_store_put(store, OCKAM_TABLE_SECRET, text("a"), text("3"), NULL), "");
    OCKAM_TRY(NULL, ockam_store_remove(store, OCKAM_TABLE_SECRET, text("key 7"), NULL), "");
    ockam_store_rollback(store);
    OCKAM_TRY(NULL, ockam_store_begin(store, NULL), "");
    OCKAM_TRY(NULL, ockam_store_remove(store, OCKAM_TABLE_SECRET, text("a"), NULL), "");
    OCKAM_TRY(NULL, ockam_store_put(store, OCKAM_TABLE_SECRET, text("b"), text("4"), NULL), "");
    OCKAM_TRY(NULL, ockam_store_commit(store, NULL), "");
    OCKAM_TRY(NULL, ockam_store_each(store, OCKAM_TABLE_SECRET, list_row, &list, NULL), "");
    assert_string_equal(list.text, "b=4 ");
    ockam_buf_init(&got, allocator, 64);
    s = ockam_store_get(store, OCKAM_TABLE_SECRET, text("b"), &got, NULL);
    ockam_buf_deinit(&got);
    return s;
}

static ockam_status_t make_use_and_free(const ockam_allocator_t *allocator, void *context)
{
    fixture_t     *f     = context;
    ockam_store_t *store = NULL;
    ockam_status_t s;

    kind->forget(f->folder);
    if ((s = kind->make(allocator, f->folder, &store, NULL)) == OCKAM_OK)
        s = use_everything(store, allocator);
    ockam_store_free(store);
    if (s == OCKAM_OK)
        return OCKAM_OK;
    if (store == NULL) { /* so that there is something to forget */
        assert_ok(kind->make(ockam_allocator_malloc(), f->folder, &store, NULL));
        ockam_store_free(store);
    }
    return s;
}

static void every_failed_allocation_is_reported_and_leaks_nothing(void **state)
{
    fixture_t *f = *state;

    ockam_store_free(f->store);
    f->store = NULL;
    assert_true(failing_allocator_sweep(make_use_and_free, f) >= 2);
}

static void a_write_without_memory_changes_nothing(void **state)
{
    fixture_t          *f = *state;
    failing_allocator_t a;
    listing_t           before = {0};
    listing_t           after  = {0};

    ockam_store_free(f->store);
    f->store = NULL;
    kind->forget(f->folder);
    failing_allocator_init(&a, 0);
    assert_ok(kind->make(&a.allocator, f->folder, &f->store, NULL));
    put(state, OCKAM_TABLE_SECRET, "a", "1");
    assert_ok(ockam_store_begin(f->store, NULL));
    put(state, OCKAM_TABLE_SECRET, "b", "2");
    assert_ok(ockam_store_each(f->store, OCKAM_TABLE_SECRET, list_row, &before, NULL));
    for (size_t n = 1; n <= 2; n++) {
        a.fail_at = a.calls + n;
        if (ockam_store_put(f->store, OCKAM_TABLE_SECRET, text("a"), text("x"), NULL) == OCKAM_OK) {
            put(state, OCKAM_TABLE_SECRET, "a", "1"); /* this store takes its memory elsewhere */
            a.fail_at = 0;
            break;
        }
        a.fail_at = 0;
    }
    assert_ok(ockam_store_each(f->store, OCKAM_TABLE_SECRET, list_row, &after, NULL));
    assert_string_equal(after.text, before.text);
    ockam_store_rollback(f->store);
    assert_rows(state, OCKAM_TABLE_SECRET, "a=1 ");
    ockam_store_free(f->store);
    failing_allocator_assert_empty(&a);
    assert_ok(kind->make(ockam_allocator_malloc(), f->folder, &f->store, NULL));
}

static void nothing_is_given_back_unwiped(void **state)
{
    fixture_t          *f = *state;
    failing_allocator_t a;
    ockam_store_t      *store = NULL;

    ockam_store_free(f->store);
    f->store = NULL;
    kind->forget(f->folder);
    failing_allocator_init(&a, 0);
    assert_ok(kind->make(&a.allocator, f->folder, &store, NULL));
    assert_ok(use_everything(store, &a.allocator));
    ockam_store_free(store);
    failing_allocator_assert_empty(&a);
    assert_int_equal(a.unwiped, 0);
    assert_ok(kind->make(ockam_allocator_malloc(), f->folder, &f->store, NULL));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(a_new_store_is_empty),
        TEST(get_gives_what_was_put),
        TEST(get_appends_to_the_buffer),
        TEST(get_fails_when_the_buffer_is_too_small),
        TEST(put_replaces_the_value),
        TEST(put_copies_key_and_value),
        TEST(tables_are_apart),
        TEST(remove_takes_one_row_away),
        TEST(remove_of_what_is_not_there_says_so),
        TEST(a_value_may_be_empty),
        TEST(keys_and_values_are_bytes),
        TEST(keys_have_a_shortest_and_a_longest_length),
        TEST(values_have_a_longest_length),
        TEST(tables_outside_the_enum_are_refused),
        TEST(each_goes_in_the_order_of_the_bytes),
        TEST(each_stops_when_the_visitor_says_so),
        TEST(a_visitor_can_read_and_cannot_write),
        TEST(a_transaction_sees_its_own_writes),
        TEST(commit_keeps_everything),
        TEST(rollback_undoes_everything),
        TEST(a_transaction_can_follow_a_rollback),
        TEST(transactions_do_not_nest),
        TEST(commit_without_a_transaction_is_refused),
        TEST(rollback_without_a_transaction_does_nothing),
        TEST(a_refused_write_leaves_the_transaction_open),
        TEST(free_undoes_an_open_transaction),
        TEST(free_of_nothing_is_fine),
        TEST(a_store_keeps_what_it_promises_to_keep),
        TEST(ten_thousand_rows_are_kept_in_order),
        TEST(every_failed_allocation_is_reported_and_leaks_nothing),
        TEST(a_write_without_memory_changes_nothing),
        TEST(nothing_is_given_back_unwiped),
    };
    int failed = 0;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        kind = &kinds[i];
        failed += cmocka_run_group_tests_name(kind->name, tests, NULL, NULL);
    }
    return failed;
}
