/* SPDX-License-Identifier: Apache-2.0
 *
 * scratch.h - a fresh folder for one test, and looking at files in it. Whatever fails here fails the running test. */
#ifndef OCKAM_TEST_SCRATCH_H
#define OCKAM_TEST_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRATCH_PATH_BYTES 1024u

typedef struct {
    char folder[64];
} scratch_t;

/** A new, empty folder of mode 0700 in $TMPDIR or /tmp. */
void scratch_init(scratch_t *scratch);
/** Remove the folder and everything in it. */
void scratch_deinit(scratch_t *scratch);
/** "folder/name"; kept until the eighth call after this one. */
const char *scratch_path(const scratch_t *scratch, const char *name);

/** A whole file. Free `bytes` with free(). A missing file gives `exists` false. */
typedef struct {
    bool     exists;
    uint8_t *bytes;
    size_t   len;
    unsigned mode; /* permission bits */
} scratch_file_t;

scratch_file_t scratch_read(const char *path);
/** Make or replace a file with these permissions. */
void scratch_write(const char *path, const void *bytes, size_t len, unsigned mode);
/** The file is there with the same bytes and permissions as before, or is not there as before. Frees `before`. */
void scratch_assert_unchanged(const char *path, scratch_file_t *before);
bool scratch_exists(const char *path);
/** Permission bits of a file or folder that must be there. */
unsigned scratch_mode(const char *path);

#endif
