/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite_crash_test.c - the SQLite store with other processes, killed processes, full disks and no memory. */
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixed_random.h"
#include "ockam/store.h"
#include "scratch.h"
#include "test.h"

static int setup(void **state)
{
    static scratch_t scratch;

    scratch_init(&scratch);
    *state = &scratch;
    return 0;
}

static int teardown(void **state)
{
    scratch_deinit(*state);
    return 0;
}

static const char *in(void **state, const char *name)
{
    return scratch_path(*state, name);
}

static ockam_status_t open_store(const char *path, ockam_store_t **out, ockam_error_t *err)
{
    return ockam_store_sqlite(ockam_allocator_malloc(), path, out, err);
}

static ockam_status_t put_text(ockam_store_t *store, const char *key, const char *value)
{
    return ockam_store_put(store, OCKAM_TABLE_SECRET, ockam_slice_text(key), ockam_slice_text(value), NULL);
}

static ockam_status_t put_bytes(ockam_store_t *store, ockam_table_t table, const void *key, size_t key_len,
                                const void *value, size_t value_len)
{
    return ockam_store_put(store, table, ockam_slice(key, key_len), ockam_slice(value, value_len), NULL);
}

static bool has_text(ockam_store_t *store, const char *key, const char *value)
{
    uint8_t     storage[64];
    ockam_buf_t got;

    ockam_buf_init_fixed(&got, storage, sizeof(storage));
    return ockam_store_get(store, OCKAM_TABLE_SECRET, ockam_slice_text(key), &got, NULL) == OCKAM_OK &&
           ockam_slice_equal(ockam_buf_view(&got), ockam_slice_text(value));
}

static bool count_row(void *context, ockam_slice_t key, ockam_slice_t value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return true;
}

static size_t rows_of(ockam_store_t *store, ockam_table_t table)
{
    size_t rows = 0;

    assert_ok(ockam_store_each(store, table, count_row, &rows, NULL));
    return rows;
}

/* ---- several processes ----------------------------------------------------------------------------------------- */

/** A child that runs `body` once the parent closes `*gate`. Its exit code is what `body` returns. */
static pid_t start_child(int gate[2], int (*body)(const char *path, unsigned number), const char *path, unsigned number)
{
    const pid_t child = fork();
    char        byte;

    assert_true(child >= 0);
    if (child != 0)
        return child;
    (void)close(gate[1]);
    _exit(read(gate[0], &byte, 1) == 0 ? body(path, number) : 99);
}

static void expect_success(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("a child ended with %#x", (unsigned)status);
}

/** Run `count` children at the same time; all must return 0. */
static void run_children(unsigned count, int (*body)(const char *path, unsigned number), const char *path)
{
    pid_t children[16];
    int   gate[2];

    assert_true(count <= 16);
    assert_int_equal(pipe(gate), 0);
    for (unsigned i = 0; i < count; i++)
        children[i] = start_child(gate, body, path, i);
    (void)close(gate[0]);
    (void)close(gate[1]);
    for (unsigned i = 0; i < count; i++)
        expect_success(children[i]);
}

#define ROWS_EACH 200u

/** One row and one more on the common counter per transaction. */
static int write_rows(const char *path, unsigned number)
{
    ockam_store_t *store = NULL;

    if (open_store(path, &store, NULL) != OCKAM_OK)
        return 1;
    for (uint32_t i = 0; i < ROWS_EACH; i++) {
        const uint32_t key   = number * ROWS_EACH + i;
        uint32_t       count = 0;
        ockam_buf_t    got;
        ockam_status_t s;

        if (ockam_store_begin(store, NULL) != OCKAM_OK)
            return 2;
        if (put_bytes(store, OCKAM_TABLE_SECRET, &key, sizeof(key), &i, sizeof(i)) != OCKAM_OK)
            return 3;
        ockam_buf_init_fixed(&got, &count, sizeof(count));
        s = ockam_store_get(store, OCKAM_TABLE_ATTRIBUTES, ockam_slice_text("count"), &got, NULL);
        if (s != OCKAM_OK && s != OCKAM_NOT_FOUND)
            return 4;
        count++;
        if (put_bytes(store, OCKAM_TABLE_ATTRIBUTES, "count", 5, &count, sizeof(count)) != OCKAM_OK)
            return 5;
        if (ockam_store_commit(store, NULL) != OCKAM_OK)
            return 6;
    }
    ockam_store_free(store);
    return 0;
}

static void two_processes_lose_nothing_and_do_not_lock_each_other_out(void **state)
{
    ockam_store_t *store = NULL;
    uint32_t       count = 0;
    ockam_buf_t    got;

    run_children(2, write_rows, in(state, "s"));
    assert_ok(open_store(in(state, "s"), &store, NULL));
    assert_int_equal(rows_of(store, OCKAM_TABLE_SECRET), 2 * ROWS_EACH);
    ockam_buf_init_fixed(&got, &count, sizeof(count));
    assert_ok(ockam_store_get(store, OCKAM_TABLE_ATTRIBUTES, ockam_slice_text("count"), &got, NULL));
    assert_int_equal(count, 2 * ROWS_EACH);
    ockam_store_free(store);
}

static int open_and_put_once(const char *path, unsigned number)
{
    ockam_store_t *store = NULL;
    ockam_status_t s     = open_store(path, &store, NULL);

    if (s == OCKAM_OK)
        s = put_bytes(store, OCKAM_TABLE_SECRET, &number, sizeof(number), NULL, 0);
    ockam_store_free(store);
    return (int)s;
}

static void many_processes_make_one_store_together(void **state)
{
    for (unsigned round = 0; round < 10; round++) {
        char           folder[32];
        char           name[64];
        char           path[SCRATCH_PATH_BYTES];
        ockam_store_t *store = NULL;

        (void)snprintf(folder, sizeof(folder), "home%u", round);
        (void)snprintf(name, sizeof(name), "%s/state.sqlite3", folder);
        (void)snprintf(path, sizeof(path), "%s", in(state, name));
        run_children(8, open_and_put_once, path);
        assert_ok(open_store(path, &store, NULL));
        assert_int_equal(rows_of(store, OCKAM_TABLE_SECRET), 8);
        ockam_store_free(store);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(in(state, folder)), 0); /* nobody left anything behind */
    }
}

static void another_handle_sees_what_is_committed_and_only_that(void **state)
{
    ockam_store_t *a = NULL;
    ockam_store_t *b = NULL;

    assert_ok(open_store(in(state, "s"), &a, NULL));
    assert_ok(open_store(in(state, "s"), &b, NULL));
    assert_ok(ockam_store_begin(a, NULL));
    assert_ok(put_text(a, "key", "value"));
    assert_false(has_text(b, "key", "value")); /* and reading does not wait */
    assert_ok(ockam_store_commit(a, NULL));
    assert_true(has_text(b, "key", "value"));
    ockam_store_free(a);
    assert_true(has_text(b, "key", "value"));
    ockam_store_free(b);
}

/** Whether somebody holds the write lock, seen from another process and without waiting. */
static int begin_is_refused(const char *path, unsigned number)
{
    sqlite3 *db = NULL;
    int      rc;

    (void)number;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        return 1;
    rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    (void)sqlite3_close(db);
    return rc == SQLITE_BUSY ? 0 : 2;
}

static void opening_and_closing_a_second_handle_keeps_the_locks_of_the_first(void **state)
{
    ockam_store_t *a = NULL;
    ockam_store_t *b = NULL;
    int            gate[2];
    pid_t          child;

    assert_int_equal(pipe(gate), 0);
    child = start_child(gate, begin_is_refused, in(state, "s"), 0); /* it inherits no handle */
    assert_ok(open_store(in(state, "s"), &a, NULL));
    assert_ok(ockam_store_begin(a, NULL));
    assert_ok(put_text(a, "key", "value"));
    assert_ok(open_store(in(state, "s"), &b, NULL));
    ockam_store_free(b);
    (void)close(gate[0]);
    (void)close(gate[1]);
    expect_success(child);
    assert_ok(ockam_store_commit(a, NULL));
    ockam_store_free(a);
}

/* ---- waiting for others ---------------------------------------------------------------------------------------- */

static uint64_t slept_us;

/** SQLite's waiting, without the time it takes. */
static int count_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    slept_us += (uint64_t)us;
    return us;
}

static void waiting_for_another_writer_ends_after_ten_seconds(void **state)
{
    sqlite3_vfs *const real  = sqlite3_vfs_find(NULL);
    sqlite3_vfs        quick = *real;
    ockam_store_t     *store = NULL;
    ockam_error_t      err   = {0};
    sqlite3           *other = NULL;
    char               text[512];

    quick.zName  = "quick";
    quick.xSleep = count_sleep;
    assert_int_equal(sqlite3_vfs_register(&quick, 1), SQLITE_OK);
    assert_ok(open_store(in(state, "s"), &store, NULL));
    assert_int_equal(sqlite3_open(in(state, "s"), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);

    slept_us = 0;
    assert_status(ockam_store_begin(store, &err), OCKAM_TIMEOUT);
    assert_true(slept_us >= 9000000 && slept_us <= 10000000);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_non_null(strstr(text, "another process"));
    assert_non_null(strstr(text, in(state, "s")));
    assert_status(put_text(store, "key", "value"), OCKAM_TIMEOUT);
    assert_status(ockam_store_commit(store, NULL), OCKAM_WRONG_STATE); /* none was begun */

    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_ok(put_text(store, "key", "value"));
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    ockam_store_free(store);
    assert_int_equal(sqlite3_vfs_unregister(&quick), SQLITE_OK);
    assert_int_equal(sqlite3_vfs_register(real, 1), SQLITE_OK);
}

/* ---- killed at any instant ------------------------------------------------------------------------------------- */

#define KILL_ROUNDS    40u
#define ROWS_AT_ONCE   3u
#define KILL_ROW_BYTES 20000u /* several pages: a commit is many writes, and checkpoints come often */

static void number_key(uint32_t number, uint8_t key[4])
{
    key[0] = (uint8_t)(number >> 24);
    key[1] = (uint8_t)(number >> 16);
    key[2] = (uint8_t)(number >> 8);
    key[3] = (uint8_t)number;
}

/** Add rows `first`, `first` + 1, ... in transactions of three for ever, and say so after each. */
static int write_until_killed(const char *path, uint32_t first, int acknowledge)
{
    static uint8_t value[KILL_ROW_BYTES];
    uint8_t        key[4];
    ockam_store_t *store = NULL;

    if (open_store(path, &store, NULL) != OCKAM_OK)
        return 1;
    for (uint32_t number = first;;) {
        if (ockam_store_begin(store, NULL) != OCKAM_OK)
            return 2;
        for (uint32_t i = 0; i < ROWS_AT_ONCE; i++, number++) {
            number_key(number, key);
            memset(value, (int)(number & 0xff), sizeof(value));
            if (put_bytes(store, OCKAM_TABLE_SECRET, key, sizeof(key), value, sizeof(value)) != OCKAM_OK)
                return 3;
        }
        if (ockam_store_commit(store, NULL) != OCKAM_OK)
            return 4;
        if (write(acknowledge, "", 1) != 1)
            return 5;
    }
}

static bool check_numbered_row(void *context, ockam_slice_t key, ockam_slice_t value)
{
    static uint8_t  filled[KILL_ROW_BYTES];
    uint32_t *const number = context;
    uint8_t         expected[4];

    number_key(*number, expected);
    assert_slice_equal(key, ockam_slice(expected, 4));
    assert_int_equal(value.len, KILL_ROW_BYTES);
    memset(filled, (int)(*number & 0xff), sizeof(filled));
    assert_memory_equal(value.ptr, filled, sizeof(filled));
    ++*number;
    return true;
}

/** A moment of a length that differs, without a clock. */
static void spin(fixed_random_t *random)
{
    uint32_t turns = 0;

    assert_ok(fixed_random_fill(random, (uint8_t *)&turns, sizeof(turns)));
    for (volatile uint32_t left = turns % 4000000; left > 0;)
        left--;
}

/** Start, read some acknowledgements, wait a moment, kill. @return how many transactions were acknowledged */
static uint32_t run_and_kill(const char *path, uint32_t first, fixed_random_t *random)
{
    uint32_t acknowledged = 0;
    uint8_t  enough       = 0;
    char     byte;
    int      acks[2];
    int      status = 0;
    pid_t    child;

    assert_ok(fixed_random_fill(random, &enough, 1));
    assert_int_equal(pipe(acks), 0);
    assert_true((child = fork()) >= 0);
    if (child == 0) {
        (void)close(acks[0]);
        _exit(write_until_killed(path, first, acks[1]));
    }
    (void)close(acks[1]);
    while (acknowledged < enough % 24u && read(acks[0], &byte, 1) == 1)
        acknowledged++;
    spin(random);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status))
        fail_msg("the writer ended by itself with %d", WEXITSTATUS(status));
    while (read(acks[0], &byte, 1) == 1) /* what it said before it was killed */
        acknowledged++;
    (void)close(acks[0]);
    return acknowledged;
}

static void after_a_kill_every_transaction_is_there_whole_or_not_at_all(void **state)
{
    char           path[SCRATCH_PATH_BYTES];
    uint32_t       rows       = 0;
    unsigned       unfinished = 0;
    fixed_random_t random;

    (void)snprintf(path, sizeof(path), "%s", in(state, "s"));
    fixed_random_seed(&random, 20240917);
    for (unsigned round = 0; round < KILL_ROUNDS; round++) {
        const uint32_t acknowledged = run_and_kill(path, rows, &random);
        ockam_store_t *store        = NULL;
        ockam_error_t  err          = {0};
        uint32_t       now          = 0;

        unfinished += scratch_exists(in(state, "s-wal")) ? 1 : 0;
        assert_ok_err(open_store(path, &store, &err), &err);
        assert_ok_err(ockam_store_each(store, OCKAM_TABLE_SECRET, check_numbered_row, &now, &err), &err);
        ockam_store_free(store);
        assert_int_equal(now % ROWS_AT_ONCE, 0);
        assert_true(now >= rows + ROWS_AT_ONCE * acknowledged);
        assert_true(now <= rows + ROWS_AT_ONCE * (acknowledged + 1)); /* one may be kept but not yet acknowledged */
        rows = now;
        if (rows > 1500) { /* keep the file small */
            assert_int_equal(unlink(path), 0);
            rows = 0;
        }
    }
    assert_true(unfinished > KILL_ROUNDS / 2); /* else this has tested nothing */
}

/** Make one store after another, each in its own file. */
static int create_until_killed(const char *folder, int acknowledge)
{
    char path[SCRATCH_PATH_BYTES];

    for (unsigned number = 0;; number++) {
        ockam_store_t *store = NULL;
        (void)snprintf(path, sizeof(path), "%s/store%u", folder, number);
        if (open_store(path, &store, NULL) != OCKAM_OK)
            return 1;
        ockam_store_free(store);
        if (write(acknowledge, "", 1) != 1)
            return 2;
    }
}

static void after_a_kill_a_new_store_is_there_whole_or_not_at_all(void **state)
{
    fixed_random_t random;

    fixed_random_seed(&random, 4711);
    for (unsigned round = 0; round < KILL_ROUNDS; round++) {
        scratch_t folder;
        char      byte;
        int       acks[2];
        int       status = 0;
        pid_t     child;
        unsigned  made = 0;

        (void)state;
        scratch_init(&folder);
        assert_int_equal(pipe(acks), 0);
        assert_true((child = fork()) >= 0);
        if (child == 0)
            _exit(create_until_killed(folder.folder, acks[1]));
        (void)close(acks[1]);
        assert_int_equal(read(acks[0], &byte, 1), 1);
        spin(&random);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        (void)close(acks[0]);
        for (;; made++) {
            char           name[32];
            ockam_store_t *store = NULL;
            ockam_error_t  err   = {0};
            bool           existed;
            (void)snprintf(name, sizeof(name), "store%u", made);
            existed = scratch_exists(scratch_path(&folder, name));
            assert_ok_err(open_store(scratch_path(&folder, name), &store, &err), &err);
            ockam_store_free(store);
            if (!existed)
                break;
        }
        assert_true(made >= 1);
        scratch_deinit(&folder);
    }
}

/* ---- full disks ------------------------------------------------------------------------------------------------ */

/** No file may grow beyond `bytes`; RLIM_INFINITY: as before. */
static void limit_file_size(rlim_t bytes)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct rlimit          limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(sigaction(SIGXFSZ, &ignore, NULL), 0); /* a write beyond it fails instead */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_commit_that_cannot_be_written_is_undone(void **state)
{
    static uint8_t value[100000];
    ockam_store_t *store = NULL;
    ockam_error_t  err   = {0};

    assert_ok(open_store(in(state, "s"), &store, NULL));
    assert_ok(put_text(store, "key", "old"));
    assert_ok(ockam_store_begin(store, NULL));
    assert_ok(put_text(store, "key", "new"));
    assert_ok(put_bytes(store, OCKAM_TABLE_ATTRIBUTES, "big", 3, value, sizeof(value)));
    limit_file_size(65536);
    assert_status(ockam_store_commit(store, &err), OCKAM_IO);
    limit_file_size(RLIM_INFINITY);
    assert_true(has_text(store, "key", "old"));
    assert_int_equal(rows_of(store, OCKAM_TABLE_ATTRIBUTES), 0);
    assert_status(ockam_store_commit(store, NULL), OCKAM_WRONG_STATE); /* none is open */
    assert_ok(ockam_store_begin(store, NULL));
    assert_ok(put_text(store, "key", "newer"));
    assert_ok(ockam_store_commit(store, NULL));
    ockam_store_free(store);
    assert_ok(open_store(in(state, "s"), &store, NULL));
    assert_true(has_text(store, "key", "newer"));
    ockam_store_free(store);
}

static void after_a_failed_write_nothing_of_the_transaction_is_kept(void **state)
{
    static uint8_t value[OCKAM_STORE_VALUE_BYTES_MAX];
    ockam_store_t *store  = NULL;
    ockam_status_t s      = OCKAM_OK;
    uint32_t       number = 0;

    assert_ok(open_store(in(state, "s"), &store, NULL));
    assert_ok(put_text(store, "key", "old"));
    assert_ok(ockam_store_begin(store, NULL));
    assert_ok(put_text(store, "key", "new"));
    limit_file_size(1000000);
    for (; s == OCKAM_OK && number < 100; number++) /* until SQLite's cache is full and has to be written */
        s = put_bytes(store, OCKAM_TABLE_ATTRIBUTES, &number, sizeof(number), value, sizeof(value));
    limit_file_size(RLIM_INFINITY);
    assert_status(s, OCKAM_IO);
    /* There is room again, and each write by itself would succeed. */
    assert_status(put_text(store, "other", "x"), OCKAM_IO);
    assert_status(ockam_store_remove(store, OCKAM_TABLE_SECRET, ockam_slice_text("key"), NULL), OCKAM_IO);
    assert_status(ockam_store_commit(store, NULL), OCKAM_IO);
    assert_true(has_text(store, "key", "old"));
    assert_int_equal(rows_of(store, OCKAM_TABLE_SECRET), 1);
    assert_int_equal(rows_of(store, OCKAM_TABLE_ATTRIBUTES), 0);
    assert_ok(put_text(store, "key", "newer"));
    ockam_store_free(store);
}

static void a_store_that_cannot_be_written_is_made_whole_or_not_at_all(void **state)
{
    ockam_store_t *store    = NULL;
    unsigned       not_made = 0;

    for (rlim_t bytes = 0; bytes < 40000; bytes += 2000) {
        ockam_status_t s;
        limit_file_size(bytes);
        s = open_store(in(state, "home/s"), &store, NULL);
        limit_file_size(RLIM_INFINITY);
        if (s == OCKAM_OK) /* large enough */
            ockam_store_free(store);
        else
            assert_status(s, OCKAM_IO);
        if (scratch_exists(in(state, "home/s"))) { /* perhaps made, but its side files could not be */
            assert_ok(open_store(in(state, "home/s"), &store, NULL));
            ockam_store_free(store);
            assert_int_equal(unlink(in(state, "home/s")), 0);
        } else {
            not_made++;
        }
        assert_int_equal(rmdir(in(state, "home")), 0); /* nothing is left */
    }
    assert_true(not_made >= 5);
}

/* ---- no memory ------------------------------------------------------------------------------------------------- */

static sqlite3_mem_methods real_memory;
static size_t              memory_calls;
static size_t              memory_fails_at; /* 0: never */
static bool                memory_recovers; /* only this one call fails, not all that follow */

static bool memory_is_used_up(void)
{
    memory_calls++;
    if (memory_fails_at == 0)
        return false;
    return memory_recovers ? memory_calls == memory_fails_at : memory_calls >= memory_fails_at;
}

static void *malloc_or_fail(int size)
{
    return memory_is_used_up() ? NULL : real_memory.xMalloc(size);
}

static void *realloc_or_fail(void *ptr, int size)
{
    return memory_is_used_up() ? NULL : real_memory.xRealloc(ptr, size);
}

static void intercept_memory(void)
{
    sqlite3_mem_methods memory;

    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory), SQLITE_OK);
    memory          = real_memory;
    memory.xMalloc  = malloc_or_fail;
    memory.xRealloc = realloc_or_fail;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory), SQLITE_OK);
}

/** One life of a store. @return its first failure */
static ockam_status_t live_once(const char *path)
{
    ockam_store_t *store = NULL;
    ockam_status_t s     = open_store(path, &store, NULL);
    size_t         rows  = 0;

    if (s == OCKAM_OK)
        s = put_text(store, "a", "1");
    if (s == OCKAM_OK)
        s = ockam_store_begin(store, NULL);
    if (s == OCKAM_OK)
        s = put_text(store, "b", "2");
    if (s == OCKAM_OK)
        s = ockam_store_remove(store, OCKAM_TABLE_SECRET, ockam_slice_text("a"), NULL);
    if (s == OCKAM_OK)
        s = ockam_store_commit(store, NULL);
    if (s == OCKAM_OK)
        s = ockam_store_each(store, OCKAM_TABLE_SECRET, count_row, &rows, NULL);
    ockam_store_free(store);
    return s;
}

/** Fail the 1st, 2nd, ... allocation of SQLite. @return how many there are */
static size_t fail_each_allocation(const char *path)
{
    for (size_t n = 1;; n++) {
        ockam_status_t s;
        ockam_store_t *store = NULL;

        memory_calls    = 0;
        memory_fails_at = n;
        s               = live_once(path);
        memory_fails_at = 0;
        if (s == OCKAM_OK && memory_calls < n) /* it never came to that */
            return n - 1;
        if (s != OCKAM_OK) /* SQLite does without some of it */
            assert_status(s, OCKAM_NO_MEMORY);
        assert_ok(open_store(path, &store, NULL)); /* what is on disk is good */
        ockam_store_free(store);
        assert_int_equal(unlink(path), 0);
    }
}

static void sqlite_without_memory_gives_clean_answers(void **state)
{
    memory_recovers = false;
    assert_true(fail_each_allocation(in(state, "gone")) > 100);
    memory_recovers = true;
    assert_true(fail_each_allocation(in(state, "short")) > 100);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(two_processes_lose_nothing_and_do_not_lock_each_other_out),
        TEST(many_processes_make_one_store_together),
        TEST(another_handle_sees_what_is_committed_and_only_that),
        TEST(opening_and_closing_a_second_handle_keeps_the_locks_of_the_first),
        TEST(waiting_for_another_writer_ends_after_ten_seconds),
        TEST(after_a_kill_every_transaction_is_there_whole_or_not_at_all),
        TEST(after_a_kill_a_new_store_is_there_whole_or_not_at_all),
        TEST(a_commit_that_cannot_be_written_is_undone),
        TEST(after_a_failed_write_nothing_of_the_transaction_is_kept),
        TEST(a_store_that_cannot_be_written_is_made_whole_or_not_at_all),
        TEST(sqlite_without_memory_gives_clean_answers),
    };

    intercept_memory(); /* before SQLite's first use */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
