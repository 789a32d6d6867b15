/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite_store_test.c - the files of the SQLite store: who may read them, and which are refused untouched.
 * What every store does is in conformance/store_test.c, other processes, crashes and failures in sqlite_crash_test.c. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ockam/store.h"
#include "scratch.h"
#include "test.h"

#define NOBODY 65534u

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

static ockam_status_t put(ockam_store_t *store, ockam_table_t table, const char *key, ockam_slice_t value)
{
    return ockam_store_put(store, table, ockam_slice_text(key), value, NULL);
}

/** A closed store with one row in each table. */
static void make_store(const char *path)
{
    ockam_store_t *store = NULL;
    ockam_error_t  err   = {0};

    assert_ok_err(open_store(path, &store, &err), &err);
    for (unsigned table = 0; table < OCKAM_TABLE_COUNT; table++)
        assert_ok(put(store, (ockam_table_t)table, "key", ockam_slice_text("value")));
    ockam_store_free(store);
}

static bool store_has_its_row(ockam_store_t *store)
{
    uint8_t     storage[16];
    ockam_buf_t got;

    ockam_buf_init_fixed(&got, storage, sizeof(storage));
    return ockam_store_get(store, OCKAM_TABLE_SECRET, ockam_slice_text("key"), &got, NULL) == OCKAM_OK &&
           ockam_slice_equal(ockam_buf_view(&got), ockam_slice_text("value"));
}

/** The error trail names the path and holds `hint`. */
static void assert_error_says(const ockam_error_t *err, const char *path, const char *hint)
{
    char text[512];

    (void)ockam_error_text(err, text, sizeof(text));
    if (path != NULL && strstr(text, path) == NULL)
        fail_msg("\"%s\" does not name %s", text, path);
    if (strstr(text, hint) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text, hint);
    for (unsigned i = 0; i < err->depth; i++) /* a full note is a cut one, but of long paths only the end is shown */
        assert_true(strncmp(err->frame[i].note, "store ...", 9) == 0 ||
                    strlen(err->frame[i].note) < OCKAM_ERROR_NOTE_BYTES - 1);
}

static void assert_refused(const char *path, ockam_status_t expected, const char *hint)
{
    ockam_store_t *store = NULL;
    ockam_error_t  err   = {0};

    assert_status(open_store(path, &store, &err), expected);
    assert_null(store);
    assert_int_equal(err.status, expected);
    assert_error_says(&err, path, hint);
    assert_status(open_store(path, &store, NULL), expected); /* no trail wanted is fine too */
}

/** Refused, and neither the file nor its side files have changed, appeared or gone. */
static void assert_refused_untouched(const char *path, ockam_status_t expected, const char *hint)
{
    static const char *const suffixes[] = {"", "-wal", "-journal"};
    char                     names[3][SCRATCH_PATH_BYTES];
    scratch_file_t           before[3];

    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "%s%s", path, suffixes[i]);
        before[i] = scratch_read(names[i]);
    }
    assert_refused(path, expected, hint);
    for (size_t i = 0; i < 3; i++)
        scratch_assert_unchanged(names[i], &before[i]);
}

/** Another program's hand on the file. */
static void run_sql(const char *path, const char *sql, bool leave_log)
{
    sqlite3 *db      = NULL;
    char    *message = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    if (leave_log)
        assert_int_equal(sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(chmod(path, 0600), 0);
}

/* ---- permissions ----------------------------------------------------------------------------------------------- */

static void files_and_folder_are_for_the_owner_whatever_the_umask(void **state)
{
    static const mode_t umasks[] = {0, 022, 077, 0777};

    for (size_t i = 0; i < sizeof(umasks) / sizeof(umasks[0]); i++) {
        char           name[32];
        char           folder[SCRATCH_PATH_BYTES];
        char           path[SCRATCH_PATH_BYTES + 16];
        char           side[SCRATCH_PATH_BYTES + 32];
        ockam_store_t *store = NULL;
        ockam_error_t  err   = {0};
        const mode_t   old   = umask(umasks[i]);
        mode_t         now;

        (void)snprintf(name, sizeof(name), "home%zu", i);
        (void)snprintf(folder, sizeof(folder), "%s", in(state, name));
        (void)snprintf(path, sizeof(path), "%s/state.sqlite3", folder);
        assert_ok_err(open_store(path, &store, &err), &err);
        assert_ok(put(store, OCKAM_TABLE_SECRET, "k", ockam_slice_text("v")));
        now = umask(old);
        assert_int_equal(now, umasks[i]);
        assert_int_equal(scratch_mode(folder), 0700);
        assert_int_equal(scratch_mode(path), 0600);
        (void)snprintf(side, sizeof(side), "%s-wal", path);
        assert_int_equal(scratch_mode(side), 0600);
        (void)snprintf(side, sizeof(side), "%s-shm", path);
        assert_int_equal(scratch_mode(side), 0600);
        ockam_store_free(store);
        assert_false(scratch_exists(side));
    }
}

static void folders_above_are_not_made(void **state)
{
    assert_refused(in(state, "not/here/state.sqlite3"), OCKAM_IO, "folder");
    assert_false(scratch_exists(in(state, "not")));
}

static void a_file_open_to_others_is_refused(void **state)
{
    static const unsigned modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0666};
    const char *const     path    = in(state, "s");

    make_store(path);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_int_equal(chmod(path, (mode_t)modes[i]), 0);
        assert_refused_untouched(path, OCKAM_DENIED, "chmod 600");
    }
}

static void a_side_file_open_to_others_is_refused(void **state)
{
    static const char *const suffixes[] = {"s-wal", "s-shm", "s-journal"};
    const char *const        path       = in(state, "s");

    make_store(path);
    for (size_t i = 0; i < 3; i++) {
        scratch_write(in(state, suffixes[i]), "x", 1, 0644);
        assert_refused_untouched(path, OCKAM_DENIED, "chmod 600");
        assert_int_equal(unlink(in(state, suffixes[i])), 0);
    }
}

static void a_folder_that_others_can_write_to_is_refused(void **state)
{
    static const unsigned modes[] = {0770, 0720, 0702, 0777, 01777};
    char                  folder[SCRATCH_PATH_BYTES];

    (void)snprintf(folder, sizeof(folder), "%s", in(state, "f"));
    assert_int_equal(mkdir(folder, 0700), 0);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_int_equal(chmod(folder, (mode_t)modes[i]), 0);
        assert_refused(in(state, "f/s"), OCKAM_DENIED, "chmod go-w");
        assert_false(scratch_exists(in(state, "f/s")));
    }
    assert_int_equal(chmod(folder, 0755), 0); /* others may look at names: the file itself is closed */
    make_store(in(state, "f/s"));
}

static void what_belongs_to_another_user_is_refused(void **state)
{
    const char *const path = in(state, "f/s");

    if (geteuid() != 0)
        skip(); /* only root can give files away */
    assert_int_equal(mkdir(in(state, "f"), 0700), 0);
    make_store(path);
    assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    assert_refused_untouched(path, OCKAM_DENIED, "belongs to user 65534");
    assert_int_equal(chown(path, 0, 0), 0);
    scratch_write(in(state, "f/s-wal"), "x", 1, 0600);
    assert_int_equal(chown(in(state, "f/s-wal"), NOBODY, NOBODY), 0);
    assert_refused_untouched(path, OCKAM_DENIED, "-wal belongs to user 65534");
    assert_int_equal(unlink(in(state, "f/s-wal")), 0);
    assert_int_equal(chown(in(state, "f"), NOBODY, NOBODY), 0);
    assert_refused_untouched(path, OCKAM_DENIED, "folder belongs to user 65534");
}

/** Run `body` without root's powers, which ignore permissions. @return its result */
static int as_ordinary_user(void **state, int (*body)(const char *path), const char *path)
{
    int   status = 0;
    pid_t child;

    if (geteuid() == 0)
        assert_int_equal(chown(in(state, "."), NOBODY, NOBODY), 0);
    assert_true((child = fork()) >= 0);
    if (child == 0)
        _exit(geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) ? 100 : body(path));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int make_read_only_and_open(const char *path)
{
    ockam_store_t *store = NULL;
    ockam_error_t  err   = {0};

    if (open_store(path, &store, NULL) != OCKAM_OK)
        return 1;
    ockam_store_free(store);
    if (chmod(path, 0400) != 0 || open_store(path, &store, &err) != OCKAM_IO)
        return 2;
    return strstr(err.frame[0].note, "read-only") != NULL ? 0 : 3;
}

static void a_read_only_file_is_refused(void **state)
{
    assert_int_equal(as_ordinary_user(state, make_read_only_and_open, in(state, "s")), 0);
}

static int open_in_read_only_folder(const char *path)
{
    char           folder[SCRATCH_PATH_BYTES];
    ockam_store_t *store = NULL;
    ockam_error_t  err   = {0};

    (void)snprintf(folder, sizeof(folder), "%s", path);
    *strrchr(folder, '/') = '\0';
    if (chmod(folder, 0500) != 0 || open_store(path, &store, &err) != OCKAM_IO)
        return 1;
    return err.os_errno == EACCES ? 0 : 2;
}

static void a_read_only_folder_is_refused(void **state)
{
    assert_int_equal(as_ordinary_user(state, open_in_read_only_folder, in(state, "s")), 0);
}

/* ---- paths ----------------------------------------------------------------------------------------------------- */

static void paths_that_name_no_file_are_refused(void **state)
{
    ockam_store_t *store = NULL;
    ockam_error_t  err   = {0};

    assert_status(open_store("", &store, &err), OCKAM_INVALID);
    assert_refused(in(state, "folder/"), OCKAM_INVALID, "names a folder");
    assert_false(scratch_exists(in(state, "folder")));
    assert_int_equal(mkdir(in(state, "folder"), 0700), 0);
    assert_refused(in(state, "folder"), OCKAM_IO, "directory");
    scratch_write(in(state, "file"), "x", 1, 0600);
    assert_refused(in(state, "file/s"), OCKAM_IO, "directory");
    assert_int_equal(mkfifo(in(state, "fifo"), 0600), 0);
    assert_refused(in(state, "fifo"), OCKAM_DENIED, "special file");
}

static void a_path_at_the_limit_works_and_a_longer_one_is_refused(void **state)
{
    /* SQLite takes 512 bytes with its suffix and a NUL. Find where it ends; on both sides the answer is a clean one. */
    char           path[SCRATCH_PATH_BYTES] = "";
    size_t         len                      = 0;
    size_t         works                    = 0;
    ockam_store_t *store                    = NULL;
    ockam_error_t  err                      = {0};

    for (len = (size_t)snprintf(path, sizeof(path), "%s", in(state, "")); len < 440;) {
        len += (size_t)snprintf(path + len, sizeof(path) - len, "0123456789012345678/");
        assert_int_equal(mkdir(path, 0700), 0);
    }
    while (len < 530) {
        path[len++] = 'x';
        path[len]   = '\0';
        err         = (ockam_error_t){0};
        if (open_store(path, &store, &err) == OCKAM_OK) {
            assert_true(works == 0 || works == len - 1); /* nothing shorter was refused */
            works = len;
            ockam_store_free(store);
            continue;
        }
        assert_int_equal(err.status, OCKAM_IO);
        assert_int_equal(err.os_errno, ENAMETOOLONG);
        assert_error_says(&err, NULL, "store ...");
        assert_false(scratch_exists(path));
    }
    assert_true(works >= 480);
}

static void a_symbolic_link_is_refused_and_not_followed(void **state)
{
    const char *const path   = in(state, "s");
    const char *const link   = in(state, "link");
    const char *const absent = in(state, "absent");
    scratch_file_t    before;

    make_store(path);
    before = scratch_read(path);
    assert_int_equal(symlink("s", link), 0);
    assert_refused(link, OCKAM_DENIED, "symbolic link");
    scratch_assert_unchanged(path, &before);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink("absent", link), 0);
    assert_refused(link, OCKAM_DENIED, "symbolic link");
    assert_false(scratch_exists(absent));
    assert_int_equal(symlink("absent", in(state, "s-wal")), 0);
    assert_refused(path, OCKAM_DENIED, "symbolic link");
}

static void a_linked_folder_is_followed(void **state)
{
    assert_int_equal(mkdir(in(state, "real"), 0700), 0);
    assert_int_equal(symlink("real", in(state, "folder")), 0);
    make_store(in(state, "folder/s"));
    assert_int_equal(scratch_mode(in(state, "real/s")), 0600);
}

static void paths_are_names_and_nothing_else(void **state)
{
    static const char *const names[] = {
        "with space", "Gr\xc3\xbc\xc3\x9f \xe2\x82\xac", "file:x?mode=memory", ":memory:", "a%20b#c?d", "'quoted\"",
        "-dash"};
    char cwd[SCRATCH_PATH_BYTES];

    assert_non_null(getcwd(cwd, sizeof(cwd)));
    assert_int_equal(chdir(in(state, ".")), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ockam_store_t *store = NULL;

        make_store(names[i]); /* relative */
        assert_int_equal(scratch_mode(in(state, names[i])), 0600);
        assert_ok(open_store(in(state, names[i]), &store, NULL)); /* absolute, the same file */
        assert_true(store_has_its_row(store));
        ockam_store_free(store);
    }
    assert_int_equal(chdir(cwd), 0);
}

/* ---- files that are not ours, or no longer good ---------------------------------------------------------------- */

static void files_that_are_no_database_are_refused(void **state)
{
    const char *const path       = in(state, "s");
    uint8_t           junk[8192] = {0};

    scratch_write(path, "", 0, 0600);
    assert_refused_untouched(path, OCKAM_CORRUPT, "no SQLite database");
    scratch_write(path, "hello\n", 6, 0600);
    assert_refused_untouched(path, OCKAM_CORRUPT, "no SQLite database");
    scratch_write(path, junk, sizeof(junk), 0600);
    assert_refused_untouched(path, OCKAM_CORRUPT, "no SQLite database");
    memcpy(junk, "SQLite format 3", 16);
    scratch_write(path, junk, sizeof(junk), 0600);
    assert_refused_untouched(path, OCKAM_CORRUPT, "another program");
}

static void a_database_of_another_program_is_refused(void **state)
{
    const char *const path = in(state, "s");

    run_sql(path, "CREATE TABLE secret(key, value); INSERT INTO secret VALUES(1, 2)", false);
    assert_refused_untouched(path, OCKAM_CORRUPT, "another program");
    assert_false(scratch_exists(in(state, "s-shm")));
    run_sql(path, "PRAGMA journal_mode = WAL; INSERT INTO secret VALUES(3, 4)", true);
    assert_true(scratch_exists(in(state, "s-wal")));
    assert_int_equal(chmod(in(state, "s-wal"), 0600), 0);
    assert_int_equal(chmod(in(state, "s-shm"), 0600), 0);
    assert_refused_untouched(path, OCKAM_CORRUPT, "another program");
}

static void a_hot_journal_of_another_program_is_not_rolled_back(void **state)
{
    const char *const path    = in(state, "s");
    const char *const journal = in(state, "s-journal");
    scratch_file_t    kept;

    run_sql(path, "PRAGMA journal_mode = PERSIST; CREATE TABLE a(b)", false);
    kept = scratch_read(journal);
    assert_true(kept.exists && kept.len > 8);
    memcpy(kept.bytes, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8); /* as if the program had been killed */
    scratch_write(journal, kept.bytes, kept.len, 0600);
    free(kept.bytes);
    assert_refused_untouched(path, OCKAM_CORRUPT, "another program");
}

static void a_newer_schema_version_is_refused(void **state)
{
    const char *const path = in(state, "s");

    make_store(path);
    run_sql(path, "PRAGMA user_version = 2", false);
    assert_refused_untouched(path, OCKAM_CORRUPT, "newer release");
    run_sql(path, "PRAGMA user_version = 2147483647", false);
    assert_refused_untouched(path, OCKAM_CORRUPT, "newer release");
    run_sql(path, "PRAGMA user_version = 0", false);
    assert_refused_untouched(path, OCKAM_CORRUPT, "does not exist");
    run_sql(path, "PRAGMA user_version = -1", false);
    assert_refused_untouched(path, OCKAM_CORRUPT, "does not exist");
    run_sql(path, "PRAGMA user_version = 1", false);
    make_store(path); /* it was only this */
}

static void a_newer_schema_version_that_only_the_log_knows_is_refused(void **state)
{
    const char *const path = in(state, "s");

    make_store(path);
    run_sql(path, "PRAGMA user_version = 99", true);
    assert_true(scratch_exists(in(state, "s-wal")));
    assert_refused_untouched(path, OCKAM_CORRUPT, "newer release");
}

static void a_schema_that_is_not_this_versions_is_refused(void **state)
{
    static const struct {
        const char *sql, *hint;
    } changes[] = {
        {"DROP TABLE attributes", "table attributes is missing"},
        {"DROP TABLE secret; CREATE TABLE secret(key, value)", "table secret is not of this schema version"},
        {"DROP TABLE secret; CREATE VIEW secret AS SELECT * FROM attributes", "table secret is missing"},
        {"ALTER TABLE purpose_key ADD COLUMN more ANY", "table purpose_key is not of this schema version"},
    };
    const char *const path = in(state, "s");

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        make_store(path);
        run_sql(path, changes[i].sql, false);
        assert_refused_untouched(path, OCKAM_CORRUPT, changes[i].hint);
        assert_int_equal(unlink(path), 0);
    }
}

static void triggers_in_the_file_do_not_run(void **state)
{
    const char *const path  = in(state, "s");
    ockam_store_t    *store = NULL;

    make_store(path);
    run_sql(path, "CREATE TRIGGER t AFTER INSERT ON attributes BEGIN DELETE FROM secret; END", false);
    assert_ok(open_store(path, &store, NULL));
    assert_ok(put(store, OCKAM_TABLE_ATTRIBUTES, "k", ockam_slice_text("v")));
    assert_true(store_has_its_row(store));
    ockam_store_free(store);
}

static void a_truncated_file_is_refused(void **state)
{
    const char *const path = in(state, "s");
    scratch_file_t    whole;

    make_store(path);
    whole = scratch_read(path);
    assert_true(whole.len >= 6 * 4096);
    for (size_t len = 0; len < whole.len; len += len < 110 ? 1 : 509) {
        scratch_write(path, whole.bytes, len, 0600);
        assert_refused_untouched(path, OCKAM_CORRUPT, "");
    }
    scratch_write(path, whole.bytes, whole.len - 1, 0600);
    assert_refused_untouched(path, OCKAM_CORRUPT, "");
    scratch_write(path, whole.bytes, whole.len, 0600);
    make_store(path); /* it was only this */
    free(whole.bytes);
}

static void a_damaged_page_is_found_before_anything_is_written(void **state)
{
    const char *const path  = in(state, "s");
    ockam_store_t    *store = NULL;
    uint8_t           value[500];
    char              key[16];
    scratch_file_t    whole;

    memset(value, 'v', sizeof(value));
    assert_ok(open_store(path, &store, NULL));
    for (unsigned i = 0; i < 200; i++) {
        (void)snprintf(key, sizeof(key), "key %u", i);
        assert_ok(put(store, OCKAM_TABLE_SECRET, key, ockam_slice(value, sizeof(value))));
    }
    ockam_store_free(store);
    whole = scratch_read(path);
    assert_true(whole.len > 20 * 4096);
    memset(whole.bytes + 12 * 4096, 0xff, 4096); /* a leaf of the table */
    scratch_write(path, whole.bytes, whole.len, 0600);
    assert_refused_untouched(path, OCKAM_CORRUPT, "restore a backup");
    free(whole.bytes);
}

static bool ignore_row(void *context, ockam_slice_t key, ockam_slice_t value)
{
    (void)key;
    *(size_t *)context += value.len;
    return true;
}

static void a_damaged_byte_gives_a_clean_answer(void **state)
{
    const char *const path    = in(state, "s");
    size_t            refused = 0;
    scratch_file_t    whole;

    make_store(path);
    whole = scratch_read(path);
    for (size_t at = 0; at < whole.len; at += at < 128 ? 1 : 23) {
        ockam_store_t *store = NULL;
        ockam_status_t s;

        whole.bytes[at] ^= 0xff;
        scratch_write(path, whole.bytes, whole.len, 0600);
        whole.bytes[at] ^= 0xff;
        if ((s = open_store(path, &store, NULL)) == OCKAM_OK) {
            for (unsigned table = 0; table < OCKAM_TABLE_COUNT; table++) {
                size_t total = 0;
                s            = ockam_store_each(store, (ockam_table_t)table, ignore_row, &total, NULL);
                assert_true(s == OCKAM_OK || ockam_status_kind(s) == OCKAM_KIND_SYSTEM);
            }
            ockam_store_free(store);
        } else {
            assert_kind(s, OCKAM_KIND_SYSTEM);
            refused++;
        }
    }
    assert_true(refused >= 64); /* at least everything in the header that SQLite looks at */
    free(whole.bytes);
}

static void a_value_that_is_too_long_is_a_damage(void **state)
{
    const char *const path  = in(state, "s");
    ockam_store_t    *store = NULL;
    size_t            total = 0;
    ockam_buf_t       got;

    make_store(path);
    run_sql(path, "UPDATE secret SET value = zeroblob(131073)", false);
    assert_ok(open_store(path, &store, NULL));
    ockam_buf_init(&got, ockam_allocator_malloc(), 1 << 20);
    assert_status(ockam_store_get(store, OCKAM_TABLE_SECRET, ockam_slice_text("key"), &got, NULL), OCKAM_CORRUPT);
    assert_int_equal(got.len, 0);
    assert_status(ockam_store_each(store, OCKAM_TABLE_SECRET, ignore_row, &total, NULL), OCKAM_CORRUPT);
    ockam_store_free(store);
    run_sql(path, "UPDATE secret SET value = zeroblob(2000000)", false);
    assert_ok(open_store(path, &store, NULL));
    assert_status(ockam_store_get(store, OCKAM_TABLE_SECRET, ockam_slice_text("key"), &got, NULL), OCKAM_CORRUPT);
    ockam_store_free(store);
    ockam_buf_deinit(&got);
}

static void a_log_without_its_database_is_refused(void **state)
{
    static const char *const suffixes[] = {"s-wal", "s-journal"};

    for (size_t i = 0; i < 2; i++) {
        scratch_write(in(state, suffixes[i]), "old log", 7, 0600);
        assert_refused_untouched(in(state, "s"), OCKAM_CORRUPT, "missing");
        assert_int_equal(unlink(in(state, suffixes[i])), 0);
    }
    make_store(in(state, "s"));
}

static void a_restored_backup_works(void **state)
{
    const char *const path   = in(state, "s");
    const char *const backup = in(state, "backup");
    char              sql[SCRATCH_PATH_BYTES + 32];
    ockam_store_t    *store = NULL;

    make_store(path);
    (void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", backup);
    run_sql(path, sql, false);
    assert_int_equal(chmod(backup, 0600), 0);
    assert_ok(open_store(backup, &store, NULL)); /* not in WAL mode, until now */
    assert_true(store_has_its_row(store));
    assert_ok(ockam_store_begin(store, NULL));
    assert_true(scratch_exists(in(state, "backup-wal")));
    ockam_store_free(store);
}

/* ---- what stays behind ----------------------------------------------------------------------------------------- */

static bool contains(const scratch_file_t *file, const char *word)
{
    const size_t len = strlen(word);

    for (size_t i = 0; i + len <= file->len; i++)
        if (memcmp(file->bytes + i, word, len) == 0)
            return true;
    return false;
}

static void removed_and_replaced_values_are_overwritten(void **state)
{
    static const char *const keys[] = {"kept", "removed", "replaced"};
    const char *const        path   = in(state, "s");
    ockam_store_t           *store  = NULL;
    scratch_file_t           file;
    char                     value[3000]; /* with overflow pages */

    make_store(path);
    assert_ok(open_store(path, &store, NULL));
    for (size_t i = 0; i < 3; i++) {
        for (size_t at = 0; at < sizeof(value); at += 20)
            (void)snprintf(value + at, sizeof(value) - at, "secret-of-%-9s", keys[i]);
        assert_ok(put(store, OCKAM_TABLE_SECRET, keys[i], ockam_slice(value, 2999)));
    }
    ockam_store_free(store);
    file = scratch_read(path);
    assert_true(contains(&file, "secret-of-kept") && contains(&file, "secret-of-removed") &&
                contains(&file, "secret-of-replaced"));
    free(file.bytes);

    assert_ok(open_store(path, &store, NULL));
    assert_ok(ockam_store_remove(store, OCKAM_TABLE_SECRET, ockam_slice_text("removed"), NULL));
    assert_ok(put(store, OCKAM_TABLE_SECRET, "replaced", ockam_slice_text("x")));
    ockam_store_free(store);
    file = scratch_read(path);
    assert_true(contains(&file, "secret-of-kept"));
    assert_false(contains(&file, "secret-of-removed"));
    assert_false(contains(&file, "secret-of-replaced"));
    free(file.bytes);
    assert_false(scratch_exists(in(state, "s-wal")));
}

static void remains_of_an_interrupted_creation_do_not_matter(void **state)
{
    scratch_write(in(state, "s.new-abcdef"), "half", 4, 0600);
    make_store(in(state, "s"));
    make_store(in(state, "s"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(files_and_folder_are_for_the_owner_whatever_the_umask),
        TEST(folders_above_are_not_made),
        TEST(a_file_open_to_others_is_refused),
        TEST(a_side_file_open_to_others_is_refused),
        TEST(a_folder_that_others_can_write_to_is_refused),
        TEST(what_belongs_to_another_user_is_refused),
        TEST(a_read_only_file_is_refused),
        TEST(a_read_only_folder_is_refused),
        TEST(paths_that_name_no_file_are_refused),
        TEST(a_path_at_the_limit_works_and_a_longer_one_is_refused),
        TEST(a_symbolic_link_is_refused_and_not_followed),
        TEST(a_linked_folder_is_followed),
        TEST(paths_are_names_and_nothing_else),
        TEST(files_that_are_no_database_are_refused),
        TEST(a_database_of_another_program_is_refused),
        TEST(a_hot_journal_of_another_program_is_not_rolled_back),
        TEST(a_newer_schema_version_is_refused),
        TEST(a_newer_schema_version_that_only_the_log_knows_is_refused),
        TEST(a_schema_that_is_not_this_versions_is_refused),
        TEST(triggers_in_the_file_do_not_run),
        TEST(a_truncated_file_is_refused),
        TEST(a_damaged_page_is_found_before_anything_is_written),
        TEST(a_damaged_byte_gives_a_clean_answer),
        TEST(a_value_that_is_too_long_is_a_damage),
        TEST(a_log_without_its_database_is_refused),
        TEST(a_restored_backup_works),
        TEST(removed_and_replaced_values_are_overwritten),
        TEST(remains_of_an_interrupted_creation_do_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
