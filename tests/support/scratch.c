/* SPDX-License-Identifier: Apache-2.0
 *
 * scratch.c - folders and files of tests. */
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

void scratch_init(scratch_t *scratch)
{
    const char *root = getenv("TMPDIR");

    if (root == NULL || root[0] == '\0' || strlen(root) > 32)
        root = "/tmp";
    (void)snprintf(scratch->folder, sizeof(scratch->folder), "%s/ockam-test-XXXXXX", root);
    if (mkdtemp(scratch->folder) == NULL)
        fail_msg("%s: %s", scratch->folder, strerror(errno));
}

static void remove_tree(const char *path)
{
    struct stat    st;
    DIR           *dir;
    struct dirent *entry;
    char           inner[SCRATCH_PATH_BYTES];

    if (lstat(path, &st) != 0)
        return;
    if (!S_ISDIR(st.st_mode)) {
        (void)unlink(path);
        return;
    }
    (void)chmod(path, 0700);
    if ((dir = opendir(path)) == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if ((size_t)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name) < sizeof(inner))
            remove_tree(inner);
    }
    (void)closedir(dir);
    (void)rmdir(path);
}

void scratch_deinit(scratch_t *scratch)
{
    remove_tree(scratch->folder);
    if (scratch_exists(scratch->folder))
        fail_msg("%s cannot be removed", scratch->folder);
}

const char *scratch_path(const scratch_t *scratch, const char *name)
{
    static char     paths[8][SCRATCH_PATH_BYTES];
    static unsigned next;
    char *const     path = paths[next++ % 8];

    if ((size_t)snprintf(path, SCRATCH_PATH_BYTES, "%s/%s", scratch->folder, name) >= SCRATCH_PATH_BYTES)
        fail_msg("%s: name too long", name);
    return path;
}

scratch_file_t scratch_read(const char *path)
{
    scratch_file_t file = {0};
    struct stat    st;
    const int      fd = open(path, O_RDONLY | O_NOFOLLOW);

    if (fd < 0) {
        if (errno != ENOENT)
            fail_msg("%s: %s", path, strerror(errno));
        return file;
    }
    file.exists = true;
    if (fstat(fd, &st) != 0 || (file.bytes = malloc((size_t)st.st_size + 1)) == NULL)
        fail_msg("%s: cannot be read", path);
    file.mode = st.st_mode & 07777;
    for (ssize_t n; (n = read(fd, file.bytes + file.len, (size_t)st.st_size + 1 - file.len)) > 0;)
        file.len += (size_t)n;
    (void)close(fd);
    assert_int_equal(file.len, st.st_size);
    return file;
}

void scratch_write(const char *path, const void *bytes, size_t len, unsigned mode)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    if (fd < 0)
        fail_msg("%s: %s", path, strerror(errno));
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

void scratch_assert_unchanged(const char *path, scratch_file_t *before)
{
    scratch_file_t after = scratch_read(path);

    if (after.exists != before->exists)
        fail_msg("%s %s", path, after.exists ? "has appeared" : "has disappeared");
    assert_int_equal(after.mode, before->mode);
    assert_int_equal(after.len, before->len);
    if (after.len > 0 && memcmp(after.bytes, before->bytes, after.len) != 0)
        fail_msg("%s has changed", path);
    free(after.bytes);
    free(before->bytes);
    *before = (scratch_file_t){0};
}

bool scratch_exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

unsigned scratch_mode(const char *path)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        fail_msg("%s: %s", path, strerror(errno));
    return st.st_mode & 07777;
}
