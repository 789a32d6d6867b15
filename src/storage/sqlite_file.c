/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite_file.c - the files of the SQLite store, before SQLite sees them: who may read them, and how a new one appears.
 *
 * An existing database is never opened here. A process that closes any descriptor of a file loses all its POSIX locks
 * on it, also those that SQLite holds for another store on the same file. So: lstat() only, and a new database is
 * built under a name of its own and linked to its place when it is whole. */
#include "sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_SUFFIX ".new-XXXXXX"

static const char *const side_suffixes[] = {"-wal", "-shm", "-journal"};
#define SIDE_FILES   (sizeof(side_suffixes) / sizeof(side_suffixes[0]))
#define SUFFIX_BYTES 32u   /* room for NEW_SUFFIX, a side file's suffix and the NUL, one after the other */
#define PATH_BYTES   1024u /* more than the 512 that SQLite takes */

static ockam_status_t check_path(const char *path, ockam_error_t *err)
{
    char               folder[PATH_BYTES] = "";
    const size_t       len                = strlen(path);
    const sqlite3_vfs *vfs                = sqlite3_vfs_find(NULL);
    size_t             whole              = len + SUFFIX_BYTES;

    if (len == 0)
        return ockam_fail(err, OCKAM_INVALID, "empty path");
    if (path[len - 1] == '/')
        return ockam_fail(err, OCKAM_INVALID, "the path names a folder, not a file");
    if (vfs == NULL)
        return ockam_fail(err, OCKAM_INTERNAL, "SQLite does not start");
    if (path[0] != '/') /* SQLite makes it absolute */
        whole += getcwd(folder, sizeof(folder)) != NULL ? strlen(folder) + 1 : sizeof(folder);
    if (whole > (size_t)vfs->mxPathname || whole > PATH_BYTES)
        return ockam_fail_os(err, ENAMETOOLONG, "its path has %zu bytes, limit %zu", whole - SUFFIX_BYTES,
                             (size_t)vfs->mxPathname - SUFFIX_BYTES);
    return OCKAM_OK;
}

/** `path` up to its last slash: where the file lives. */
static void folder_of(const char *path, char folder[PATH_BYTES])
{
    const char *const slash = strrchr(path, '/');

    if (slash == NULL)
        (void)snprintf(folder, PATH_BYTES, ".");
    else if (slash == path)
        (void)snprintf(folder, PATH_BYTES, "/");
    else
        (void)snprintf(folder, PATH_BYTES, "%.*s", (int)(slash - path), path);
}

/** Who can write to the folder can put side files of his own there, and SQLite would read them. */
static ockam_status_t check_folder(const char *folder, ockam_error_t *err)
{
    struct stat st;

    if (stat(folder, &st) != 0) {
        if (errno != ENOENT)
            return ockam_fail_os(err, errno, "its folder");
        /* A umask can only take permissions away, so the folder is never open to others; give us ours back. */
        if (mkdir(folder, 0700) == 0) {
            if (chmod(folder, 0700) != 0)
                return ockam_fail_os(err, errno, "its folder cannot be given mode 0700");
        } else if (errno != EEXIST) { /* EEXIST: another process was faster */
            return ockam_fail_os(err, errno, "its folder cannot be made");
        }
        if (stat(folder, &st) != 0)
            return ockam_fail_os(err, errno, "its folder");
    }
    if (!S_ISDIR(st.st_mode))
        return ockam_fail_os(err, ENOTDIR, "its folder");
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return ockam_fail(err, OCKAM_DENIED, "its folder belongs to user %lu: name a file in a folder of your own",
                          (unsigned long)st.st_uid);
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return ockam_fail(err, OCKAM_DENIED, "its folder is open to writing by others: chmod go-w it, or use another");
    return OCKAM_OK;
}

/** @param exists  whether there is such a file */
static ockam_status_t check_file(const char *path, const char *name, bool *exists, ockam_error_t *err)
{
    struct stat st;

    *exists = false;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? OCKAM_OK : ockam_fail_os(err, errno, "%s", name);
    if (S_ISDIR(st.st_mode))
        return ockam_fail_os(err, EISDIR, "%s", name);
    if (!S_ISREG(st.st_mode))
        return ockam_fail(err, OCKAM_DENIED, "%s is %s: name the regular file itself", name,
                          S_ISLNK(st.st_mode) ? "a symbolic link" : "a special file");
    if (st.st_uid != geteuid())
        return ockam_fail(err, OCKAM_DENIED, "%s belongs to user %lu: run as that user, or name another file", name,
                          (unsigned long)st.st_uid);
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return ockam_fail(err, OCKAM_DENIED, "%s is open to other users (mode %03o): chmod 600 it", name,
                          (unsigned)(st.st_mode & 0777));
    *exists = true;
    return OCKAM_OK;
}

ockam_status_t ockam_sqlite_file_check(const char *path, bool *exists, ockam_error_t *err)
{
    char           name[PATH_BYTES];
    const char    *left = NULL; /* a side file that is there */
    ockam_status_t s;

    if ((s = check_path(path, err)) != OCKAM_OK)
        return s;
    folder_of(path, name);
    if ((s = check_folder(name, err)) != OCKAM_OK)
        return s;
    for (size_t i = 0; i < SIDE_FILES; i++) {
        bool side_exists;
        (void)snprintf(name, sizeof(name), "%s%s", path, side_suffixes[i]);
        if ((s = check_file(name, side_suffixes[i], &side_exists, err)) != OCKAM_OK)
            return s;
        if (side_exists && strcmp(side_suffixes[i], "-shm") != 0)
            left = side_suffixes[i];
    }
    /* Last: if a side file is there and the database is not, nobody is making it just now. */
    if ((s = check_file(path, "the file", exists, err)) != OCKAM_OK)
        return s;
    if (!*exists && left != NULL) /* SQLite would play an old log into the new database */
        return ockam_fail(err, OCKAM_CORRUPT, "the file is missing but its %s file is there: restore it or remove both",
                          left);
    return OCKAM_OK;
}

bool ockam_sqlite_has_log(const char *path)
{
    char        name[PATH_BYTES];
    struct stat st;

    (void)snprintf(name, sizeof(name), "%s-wal", path);
    return lstat(name, &st) == 0 && st.st_size > 0;
}

/** An empty file with a name of its own beside `path`: nobody had it before, and nobody else can read it. */
static ockam_status_t make_new_file(char *name, ockam_error_t *err)
{
    const int fd    = mkstemp(name); /* O_CREAT | O_EXCL, mode 0600: follows no link */
    int       error = 0;

    if (fd < 0)
        return ockam_fail_os(err, errno, "cannot be made in this folder");
    if (fchmod(fd, 0600) != 0) /* whatever the umask is */
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0)
        return OCKAM_OK;
    (void)unlink(name);
    return ockam_fail_os(err, error, "cannot be made in this folder");
}

/** The new name in a folder survives a crash. */
static ockam_status_t sync_folder(const char *path, ockam_error_t *err)
{
    char folder[PATH_BYTES];
    int  error = 0;
    int  fd;

    folder_of(path, folder);
    if ((fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        return ockam_fail_os(err, errno, "its folder cannot be opened");
    if (fsync(fd) != 0 && errno != EINVAL) /* EINVAL: this file system does not sync folders */
        error = errno;
    (void)close(fd);
    return error == 0 ? OCKAM_OK : ockam_fail_os(err, error, "its folder cannot be synced");
}

static void remove_with_side_files(char *name)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < SIDE_FILES; i++) {
        (void)snprintf(name + len, SUFFIX_BYTES / 2, "%s", side_suffixes[i]);
        (void)unlink(name);
    }
    name[len] = '\0';
    (void)unlink(name);
}

ockam_status_t ockam_sqlite_file_create(const char *path, ockam_error_t *err)
{
    char           name[PATH_BYTES];
    ockam_status_t s;

    (void)snprintf(name, sizeof(name), "%s" NEW_SUFFIX, path);
    if ((s = make_new_file(name, err)) != OCKAM_OK)
        return s;
    if ((s = ockam_sqlite_build(name, err)) == OCKAM_OK && link(name, path) != 0 && errno != EEXIST)
        s = ockam_fail_os(err, errno, "cannot be linked to its place"); /* EEXIST: another process was faster */
    remove_with_side_files(name);
    return s == OCKAM_OK ? sync_folder(path, err) : s;
}
