/* SPDX-License-Identifier: Apache-2.0
 *
 * bytes.c - buffers that keep their limit, secrets that are wiped, hex. */
#include "ockam/bytes.h"

#define BUF_FIRST_CAP 64u

void *ockam_alloc(const ockam_allocator_t *allocator, size_t size)
{
    void *ptr = allocator->alloc(allocator->context, size);

    if (ptr != NULL)
        memset(ptr, 0, size);
    return ptr;
}

void ockam_release(const ockam_allocator_t *allocator, void *ptr, size_t size)
{
    if (ptr == NULL)
        return;
    ockam_wipe(ptr, size);
    allocator->release(allocator->context, ptr, size);
}

void ockam_wipe(void *ptr, size_t len)
{
    /* A call through a volatile pointer cannot be proven dead, so the stores stay. */
    void *(*const volatile wipe)(void *, int, size_t) = memset;

    if (len > 0)
        (void)wipe(ptr, 0, len);
}

bool ockam_equal_secret(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x    = (const volatile uint8_t *)a;
    const volatile uint8_t *y    = (const volatile uint8_t *)b;
    uint8_t                 diff = 0;

    for (size_t i = 0; i < len; i++)
        diff = (uint8_t)(diff | (x[i] ^ y[i]));
    return diff == 0;
}

void ockam_secret_deinit(ockam_secret_t *secret)
{
    ockam_wipe(secret, sizeof(*secret));
}

void ockam_buf_init(ockam_buf_t *buf, const ockam_allocator_t *allocator, size_t limit)
{
    *buf = (ockam_buf_t){.limit = limit, .allocator = allocator};
}

void ockam_buf_init_fixed(ockam_buf_t *buf, void *storage, size_t cap)
{
    *buf = (ockam_buf_t){.ptr = (uint8_t *)storage, .cap = cap, .limit = cap};
}

void ockam_buf_deinit(ockam_buf_t *buf)
{
    if (buf->allocator != NULL) {
        ockam_release(buf->allocator, buf->ptr, buf->cap);
        *buf = (ockam_buf_t){.limit = buf->limit, .allocator = buf->allocator};
        return;
    }
    ockam_wipe(buf->ptr, buf->len);
    buf->len = 0;
}

ockam_status_t ockam_buf_reserve(ockam_buf_t *buf, size_t more, ockam_error_t *err)
{
    size_t   cap = buf->cap;
    uint8_t *ptr;

    if (more <= buf->cap - buf->len)
        return OCKAM_OK;
    if (buf->len > buf->limit || more > buf->limit - buf->len)
        return ockam_fail(err, OCKAM_LIMIT, "%zu bytes and %zu more, limit %zu", buf->len, more, buf->limit);
    if (buf->allocator == NULL)
        return ockam_fail(err, OCKAM_LIMIT, "%zu bytes and %zu more, storage of %zu", buf->len, more, buf->cap);
    if (cap < BUF_FIRST_CAP)
        cap = BUF_FIRST_CAP;
    while (cap < buf->len + more)
        cap = cap > buf->limit / 2 ? buf->limit : cap * 2;
    if (cap > buf->limit)
        cap = buf->limit;
    /* Never realloc: it would leave a copy of what may be secret behind. */
    if ((ptr = (uint8_t *)ockam_alloc(buf->allocator, cap)) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "%zu bytes", cap);
    if (buf->len > 0)
        memcpy(ptr, buf->ptr, buf->len);
    ockam_release(buf->allocator, buf->ptr, buf->cap);
    buf->ptr = ptr;
    buf->cap = cap;
    return OCKAM_OK;
}

ockam_status_t ockam_buf_append(ockam_buf_t *buf, ockam_slice_t bytes, ockam_error_t *err)
{
    const ockam_status_t s = ockam_buf_reserve(buf, bytes.len, err);

    if (s != OCKAM_OK)
        return s;
    if (bytes.len > 0)
        memcpy(buf->ptr + buf->len, bytes.ptr, bytes.len);
    buf->len += bytes.len;
    return OCKAM_OK;
}

ockam_status_t ockam_buf_append_byte(ockam_buf_t *buf, uint8_t byte, ockam_error_t *err)
{
    return ockam_buf_append(buf, ockam_slice(&byte, 1), err);
}

void ockam_buf_truncate(ockam_buf_t *buf, size_t len)
{
    if (len >= buf->len)
        return;
    ockam_wipe(buf->ptr + len, buf->len - len);
    buf->len = len;
}

void ockam_hex_encode(ockam_slice_t bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        text[2 * i]     = digits[bytes.ptr[i] >> 4];
        text[2 * i + 1] = digits[bytes.ptr[i] & 15];
    }
    text[2 * bytes.len] = '\0';
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

ockam_status_t ockam_hex_decode(ockam_slice_t text, uint8_t *out, size_t len, ockam_error_t *err)
{
    if (text.len / 2 != len || text.len % 2 != 0)
        return ockam_fail(err, OCKAM_MALFORMED, "%zu hex digits, expected %zu", text.len, 2 * len);
    for (size_t i = 0; i < len; i++) {
        const int high = hex_digit(text.ptr[2 * i]);
        const int low  = hex_digit(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return ockam_fail(err, OCKAM_MALFORMED, "no hex digit at position %zu", 2 * i + (high < 0 ? 0 : 1));
        out[i] = (uint8_t)(high << 4 | low);
    }
    return OCKAM_OK;
}
