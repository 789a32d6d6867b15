/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_cbor.c - reaches every ockam_cbor_read_*(), _enter_*(), _next(), _leave(), _skip(), _take_null().
 * Properties: nothing moves on failure; what is read and written again is canonical and reads back the same; what can
 * be walked can be skipped, to the same end. */
#include <assert.h>

#include "ockam/limits.h"
#include "wire/cbor.h"

static uint8_t storage[1 << 16];

/* Read whatever item comes next and write it canonically. @return false if it is none that we read. */
static bool rewrite(ockam_reader_t *r, ockam_buf_t *out, unsigned depth)
{
    const ockam_reader_t before = *r;
    ockam_cbor_items_t   items  = {0};
    ockam_buf_t          inner;
    ockam_slice_t        s     = {NULL, 0};
    uint64_t             value = 0;
    size_t               count = 0;
    bool                 b     = false;

    if (ockam_cbor_read_uint(r, UINT64_MAX, &value, NULL) == OCKAM_OK)
        return ockam_cbor_write_uint(out, value, NULL) == OCKAM_OK;
    if (ockam_cbor_read_bytes(r, &s, NULL) == OCKAM_OK)
        return ockam_cbor_write_bytes(out, s, NULL) == OCKAM_OK;
    if (ockam_cbor_read_text(r, &s, NULL) == OCKAM_OK)
        return ockam_cbor_write_text(out, s, NULL) == OCKAM_OK;
    if (ockam_cbor_read_bool(r, &b, NULL) == OCKAM_OK)
        return ockam_cbor_write_bool(out, b, NULL) == OCKAM_OK;
    if (ockam_cbor_take_null(r))
        return ockam_cbor_write_null(out, NULL) == OCKAM_OK;
    assert(r->rest.ptr == before.rest.ptr && r->rest.len == before.rest.len);
    if (depth == OCKAM_CBOR_DEPTH_MAX || out->cap - out->len < 16)
        return false;
    /* The count is not known before its end, so the elements go to the second half of the room first. */
    ockam_buf_init_fixed(&inner, out->ptr + out->len + (out->cap - out->len) / 2, (out->cap - out->len) / 2);
    if (ockam_cbor_enter_array(r, &items, NULL) == OCKAM_OK) {
        for (; ockam_cbor_next(r, &items); count++)
            if (!rewrite(r, &inner, depth + 1))
                return false;
        if (ockam_cbor_write_array(out, count, NULL) != OCKAM_OK)
            return false;
    } else if (ockam_cbor_enter_map(r, &items, NULL) == OCKAM_OK) {
        for (; ockam_cbor_next(r, &items); count++) {
            const bool key = rewrite(r, &inner, depth + 1);
            if (!key || !rewrite(r, &inner, depth + 1))
                return false;
        }
        if (ockam_cbor_write_map(out, count, NULL) != OCKAM_OK)
            return false;
    } else {
        return false;
    }
    if (inner.len > (size_t)(inner.ptr - (out->ptr + out->len)))
        return false;
    return ockam_buf_append(out, ockam_buf_view(&inner), NULL) == OCKAM_OK;
}

static void check_enum(ockam_slice_t bytes)
{
    ockam_reader_t     r      = ockam_reader(bytes);
    ockam_cbor_items_t fields = {0};
    uint64_t           variant;

    if (ockam_cbor_enter_variant(&r, &variant, &fields, NULL) != OCKAM_OK) {
        assert(r.rest.ptr == bytes.ptr && r.rest.len == bytes.len);
        return;
    }
    assert(variant <= UINT32_MAX);
    if (ockam_cbor_leave(&r, &fields, false, NULL) == OCKAM_OK) {
        ockam_reader_t       skipper = ockam_reader(bytes);
        const ockam_status_t s       = ockam_cbor_skip(&skipper, NULL);
        assert(s == OCKAM_LIMIT || (s == OCKAM_OK && skipper.rest.ptr == r.rest.ptr));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t       again[1 << 16];
    const ockam_slice_t  bytes   = ockam_slice(data, size);
    ockam_reader_t       skipper = ockam_reader(bytes);
    ockam_reader_t       r       = ockam_reader(bytes);
    const ockam_status_t skipped = ockam_cbor_skip(&skipper, NULL);
    ockam_buf_t          first, second;
    uint8_t              exact[32];

    assert(skipped == OCKAM_OK || skipped == OCKAM_MALFORMED || skipped == OCKAM_LIMIT);
    assert(skipped == OCKAM_OK || skipper.rest.len == size);
    check_enum(bytes);
    (void)!ockam_cbor_read_bytes_exact(&(ockam_reader_t){bytes}, exact, sizeof(exact), NULL);

    ockam_buf_init_fixed(&first, storage, sizeof(storage));
    if (!rewrite(&r, &first, 0))
        return 0;
    assert(skipped == OCKAM_OK && skipper.rest.ptr == r.rest.ptr);
    r = ockam_reader(ockam_buf_view(&first));
    ockam_buf_init_fixed(&second, again, sizeof(again));
    if (!rewrite(&r, &second, 0))
        __builtin_trap();
    assert(r.rest.len == 0);
    assert(ockam_slice_equal(ockam_buf_view(&first), ockam_buf_view(&second)));
    return 0;
}
