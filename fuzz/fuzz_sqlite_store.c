/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_sqlite_store.c - a state file with any content gives clean answers, and a refused one is not written to.
 * Must reach: ockam_store_sqlite(), check_header(), check_pages(), check_tables(), sqlite_get(), sqlite_put(),
 * sqlite_remove(), sqlite_each().
 *
 * Input: the first byte chooses between the file (0), its log (1) and patches of a good store (others). Patches are
 * groups of three bytes: where (two bytes, low one first) and the new value. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ockam/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GOOD_BYTES_MAX 65536u

static char    folder[64];
static char    path[96];
static char    log_path[96];
static uint8_t good[GOOD_BYTES_MAX];
static size_t  good_len;

static void remove_files(void)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    char                     name[128];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        (void)snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
    (void)unlink(path);
}

static void remove_folder(void)
{
    remove_files();
    (void)rmdir(folder);
}

static void write_file(const char *name, const uint8_t *bytes, size_t len)
{
    const int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert(fd >= 0);
    assert(write(fd, bytes, len) == (ssize_t)len);
    (void)close(fd);
}

static size_t read_file(const char *name, uint8_t *bytes, size_t cap)
{
    const int fd = open(name, O_RDONLY);
    ssize_t   n;

    if (fd < 0)
        return 0;
    n = read(fd, bytes, cap);
    (void)close(fd);
    assert(n >= 0);
    return (size_t)n;
}

/** In memory where the system has such a file system. Each fuzzing process has its own folder. */
static void prepare(void)
{
    ockam_store_t *store = NULL;
    uint8_t        value[900];

    (void)snprintf(folder, sizeof(folder), "%s/ockam-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/s", folder);
    (void)snprintf(log_path, sizeof(log_path), "%s/s-wal", folder);
    assert(atexit(remove_folder) == 0);
    assert(ockam_store_sqlite(ockam_allocator_malloc(), path, &store, NULL) == OCKAM_OK);
    memset(value, 7, sizeof(value));
    for (unsigned i = 0; i < 12; i++) /* more than a page in one table, an overflow in none */
        assert(ockam_store_put(store, i < 8 ? OCKAM_TABLE_SECRET : OCKAM_TABLE_ATTRIBUTES, ockam_slice(&i, sizeof(i)),
                               ockam_slice(value, sizeof(value)), NULL) == OCKAM_OK);
    ockam_store_free(store);
    good_len = read_file(path, good, sizeof(good));
    assert(good_len > 0 && good_len < sizeof(good));
    remove_files();
}

static bool look(void *context, ockam_slice_t key, ockam_slice_t value)
{
    size_t *sum = (size_t *)context;

    assert(key.len >= 1 && key.len <= OCKAM_STORE_KEY_BYTES_MAX && value.len <= OCKAM_STORE_VALUE_BYTES_MAX);
    for (size_t i = 0; i < key.len; i++)
        *sum += key.ptr[i];
    for (size_t i = 0; i < value.len; i++)
        *sum += value.ptr[i];
    return true;
}

/** The system's or the caller's doing is possible, a mistake of ours is not. */
static void assert_clean(ockam_status_t s)
{
    assert(s == OCKAM_OK || s == OCKAM_NOT_FOUND || s == OCKAM_CORRUPT || s == OCKAM_IO || s == OCKAM_LIMIT ||
           s == OCKAM_NO_MEMORY);
}

static void use(ockam_store_t *store)
{
    static uint8_t      value[5000];
    const unsigned      number = 3;
    const ockam_slice_t key    = ockam_slice(&number, sizeof(number));
    size_t              sum    = 0;
    ockam_buf_t         got;

    for (unsigned table = 0; table < OCKAM_TABLE_COUNT; table++)
        assert_clean(ockam_store_each(store, (ockam_table_t)table, look, &sum, NULL));
    ockam_buf_init(&got, ockam_allocator_malloc(), OCKAM_STORE_VALUE_BYTES_MAX);
    assert_clean(ockam_store_get(store, OCKAM_TABLE_SECRET, key, &got, NULL));
    ockam_buf_deinit(&got);
    assert_clean(ockam_store_put(store, OCKAM_TABLE_ATTRIBUTES, key, ockam_slice(value, sizeof(value)), NULL));
    if (ockam_store_begin(store, NULL) == OCKAM_OK) {
        assert_clean(ockam_store_remove(store, OCKAM_TABLE_SECRET, key, NULL));
        assert_clean(ockam_store_put(store, OCKAM_TABLE_SECRET, key, ockam_slice(value, 1), NULL));
        assert_clean(ockam_store_commit(store, NULL));
    }
}

static void write_patched(const uint8_t *data, size_t size)
{
    static uint8_t patched[GOOD_BYTES_MAX];

    memcpy(patched, good, good_len);
    for (; size >= 3; data += 3, size -= 3)
        patched[((size_t)data[0] + 256u * data[1]) % good_len] = data[2];
    write_file(path, patched, good_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t before[1 << 20];
    static uint8_t after[1 << 20];
    size_t         before_len;
    ockam_store_t *store = NULL;
    ockam_status_t s;

    if (good_len == 0)
        prepare();
    if (size == 0 || size >= sizeof(before))
        return 0;
    if (data[0] == 0) {
        write_file(path, data + 1, size - 1);
    } else if (data[0] == 1) {
        write_file(path, good, good_len);
        write_file(log_path, data + 1, size - 1);
    } else {
        write_patched(data + 1, size - 1);
    }
    before_len = read_file(path, before, sizeof(before));
    s          = ockam_store_sqlite(ockam_allocator_malloc(), path, &store, NULL);
    assert_clean(s);
    if (s == OCKAM_OK) {
        use(store);
        ockam_store_free(store);
    } else {
        assert(store == NULL);
        assert(read_file(path, after, sizeof(after)) == before_len && memcmp(before, after, before_len) == 0);
    }
    remove_files();
    return 0;
}
