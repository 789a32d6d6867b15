/* SPDX-License-Identifier: Apache-2.0
 *
 * vectors.h - the files of tests/vectors. Whatever is missing or of the wrong form fails the running test with the
 * name of the file and of the field. */
#ifndef OCKAM_TEST_VECTORS_H
#define OCKAM_TEST_VECTORS_H

#include <jansson.h>

#include "ockam/bytes.h"

typedef struct vectors vectors_t;

/** Open tests/vectors/`name` (for example "noise/snow-xx-25519-sha256.json"). One JSON value, or one per line: then
 *  vectors_root() is the array of them. */
vectors_t *vectors_open(const char *name);
/** Also releases everything that vectors_hex() and vectors_unhex() have given. NULL is fine. */
void vectors_close(vectors_t *vectors);
/** The whole file as JSON; lent until vectors_close(). */
const json_t *vectors_root(const vectors_t *vectors);
/** A file that is not JSON: open it with this and read it with vectors_text(). */
vectors_t *vectors_open_text(const char *name);
/** The whole file, NUL-terminated; lent. */
const char *vectors_text(const vectors_t *vectors);

/** The value of a key that must be there. */
const json_t *vectors_get(const vectors_t *vectors, const json_t *object, const char *key);
const char   *vectors_string(const vectors_t *vectors, const json_t *object, const char *key);
int64_t       vectors_int(const vectors_t *vectors, const json_t *object, const char *key);
/** The bytes of a key whose value is a text of hex digits; lent until vectors_close(). */
ockam_slice_t vectors_hex(vectors_t *vectors, const json_t *object, const char *key);
/** The bytes of `len` hex digits of a text; lent until vectors_close(). */
ockam_slice_t vectors_unhex(vectors_t *vectors, const char *text, size_t len);

#endif
