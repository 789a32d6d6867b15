/* SPDX-License-Identifier: Apache-2.0
 *
 * bytes.h - how bytes are lent, owned and kept secret: slice, buf, secret, and the allocator behind them. */
#ifndef OCKAM_BYTES_H
#define OCKAM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ockam/status.h"

OCKAM_BEGIN_DECLS

/** Where memory comes from. One per node or device; must outlive everything made with it. */
typedef struct ockam_allocator {
    void *(*alloc)(void *context, size_t size);             /* NULL when there is none; need not be zeroed */
    void (*release)(void *context, void *ptr, size_t size); /* `size` as it was asked for; ptr is never NULL */
    void *context;
} ockam_allocator_t;

/** malloc and free. Devices without a heap never refer to it, so that it is not linked. */
OCKAM_API const ockam_allocator_t *ockam_allocator_malloc(void);

/** Zeroed memory, or NULL. */
OCKAM_API void *ockam_alloc(const ockam_allocator_t *allocator, size_t size);
/** Wipes, then gives back. NULL is fine. `size` as it was asked for. */
OCKAM_API void ockam_release(const ockam_allocator_t *allocator, void *ptr, size_t size);

/** A borrowed view; cheap, passed by value. `ptr` may be NULL when `len` is 0. */
typedef struct {
    const uint8_t *ptr;
    size_t         len;
} ockam_slice_t;

static inline ockam_slice_t ockam_slice(const void *ptr, size_t len)
{
    const ockam_slice_t s = {(const uint8_t *)ptr, len};
    return s;
}

/** A view of a NUL-terminated text, without the NUL. */
static inline ockam_slice_t ockam_slice_text(const char *text)
{
    return ockam_slice(text, strlen(text));
}

/** Not constant time: for public values only. */
static inline bool ockam_slice_equal(ockam_slice_t a, ockam_slice_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/**
 * Owned bytes that grow as they are appended to, never past `limit`. With `allocator` NULL the storage is the caller's
 * and does not grow. A failed append changes nothing.
 */
typedef struct {
    uint8_t                 *ptr;
    size_t                   len, cap, limit;
    const ockam_allocator_t *allocator;
} ockam_buf_t;

/** An empty buffer that may grow to `limit` bytes. Nothing is allocated yet. End it with ockam_buf_deinit(). */
OCKAM_API void ockam_buf_init(ockam_buf_t *buf, const ockam_allocator_t *allocator, size_t limit);
/** An empty buffer in the caller's storage of `cap` bytes, which must outlive it. ockam_buf_deinit() only wipes it. */
OCKAM_API void ockam_buf_init_fixed(ockam_buf_t *buf, void *storage, size_t cap);
/** Wipes and releases; safe twice. */
OCKAM_API void ockam_buf_deinit(ockam_buf_t *buf);

/** Make room for `more` bytes beyond `len`. @return OCKAM_OK; OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_buf_reserve(ockam_buf_t *buf, size_t more, ockam_error_t *err);
/** @return OCKAM_OK; OCKAM_LIMIT; OCKAM_NO_MEMORY. `bytes` must not point into `buf`. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_buf_append(ockam_buf_t *buf, ockam_slice_t bytes, ockam_error_t *err);
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_buf_append_byte(ockam_buf_t *buf, uint8_t byte, ockam_error_t *err);
/** Wipe everything past `len`, which must not be more than the present length. */
OCKAM_API void ockam_buf_truncate(ockam_buf_t *buf, size_t len);
/** Lends the bytes until the next call that changes `buf`. */
static inline ockam_slice_t ockam_buf_view(const ockam_buf_t *buf)
{
    return ockam_slice(buf->ptr, buf->len);
}

#define OCKAM_SECRET_BYTES_MAX 96u

/** Secret bytes in place. Handled by pointer only, wiped by ockam_secret_deinit(), never logged. */
typedef struct {
    uint8_t bytes[OCKAM_SECRET_BYTES_MAX];
    size_t  len;
} ockam_secret_t;

OCKAM_API void ockam_secret_deinit(ockam_secret_t *secret);

/** Overwrite with zeros in a way that the compiler keeps. NULL with `len` 0 is fine. */
OCKAM_API void ockam_wipe(void *ptr, size_t len);
/** Equality in a time that depends on `len` only. */
OCKAM_API bool ockam_equal_secret(const void *a, const void *b, size_t len);

/** Writes `2 * bytes.len` lower-case digits and a NUL; `text` holds at least `2 * bytes.len + 1`. */
OCKAM_API void ockam_hex_encode(ockam_slice_t bytes, char *text);
/**
 * Read hex digits of either case, exactly `2 * len` of them, into `out`.
 * @return OCKAM_OK; OCKAM_MALFORMED (odd length, another length, or a character that is no digit; `out` is unspecified).
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_hex_decode(ockam_slice_t text, uint8_t *out, size_t len,
                                                          ockam_error_t *err);

/** Fill `out` with bytes that nobody can predict. @return OCKAM_OK, or OCKAM_IO and `out` is not to be used. */
typedef ockam_status_t (*ockam_random_fn)(void *context, uint8_t *out, size_t len);

OCKAM_END_DECLS

#endif
