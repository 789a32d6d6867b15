/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_padded.c - reaches ockam_wire_padded_decode() in all three variants, ockam_wire_padded_put_head_before(),
 * ockam_wire_padded_write_refresh(). Properties: decode, encode, decode gives the same; the encoding is canonical in
 * what is ours (what a refresh carries is lent unread and stays as it is). */
#include <assert.h>

#include "wire/padded.h"

typedef struct {
    ockam_wire_padded_t padded;
    ockam_route_t       onward, back;
} decoded_t;

static uint8_t room[OCKAM_WIRE_PADDED_HEAD_MAX + (1 << 17)], room2[sizeof(room)];

static ockam_slice_t encode(uint8_t *out, const decoded_t *d)
{
    uint8_t *const payload = out + OCKAM_WIRE_PADDED_HEAD_MAX;
    uint8_t       *begin, *end;
    ockam_buf_t    buf;

    if (d->padded.kind == OCKAM_PADDED_CLOSE)
        return ockam_slice(ockam_wire_padded_close, OCKAM_WIRE_PADDED_CLOSE_BYTES);
    if (d->padded.kind == OCKAM_PADDED_REFRESH_CREDENTIALS) {
        ockam_buf_init_fixed(&buf, out, sizeof(room));
        if (ockam_wire_padded_write_refresh(&buf, d->padded.change_history, d->padded.credentials,
                                            d->padded.credential_count, NULL) != OCKAM_OK)
            __builtin_trap();
        return ockam_buf_view(&buf);
    }
    if (d->padded.payload.len > 0)
        memcpy(payload, d->padded.payload.ptr, d->padded.payload.len);
    begin = ockam_wire_padded_put_head_before(payload, &d->onward, &d->back, d->padded.payload.len);
    end   = ockam_wire_padded_put_tail(payload + d->padded.payload.len);
    return ockam_slice(begin, (size_t)(end - begin));
}

static void assert_same(const decoded_t *a, const decoded_t *b)
{
    assert(a->padded.kind == b->padded.kind);
    if (a->padded.kind == OCKAM_PADDED_PAYLOAD) {
        assert(ockam_route_equal(&a->onward, &b->onward) && ockam_route_equal(&a->back, &b->back));
        assert(ockam_slice_equal(a->padded.payload, b->padded.payload));
    }
    if (a->padded.kind == OCKAM_PADDED_REFRESH_CREDENTIALS) {
        assert(ockam_slice_equal(a->padded.change_history, b->padded.change_history));
        assert(a->padded.credential_count == b->padded.credential_count);
        for (size_t i = 0; i < a->padded.credential_count; i++)
            assert(ockam_slice_equal(a->padded.credentials[i], b->padded.credentials[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoded_t            d, d2;
    ockam_slice_t        once;
    const ockam_status_t s = ockam_wire_padded_decode(ockam_slice(data, size), &d.padded, &d.onward, &d.back, NULL);

    assert(s == OCKAM_OK || s == OCKAM_MALFORMED || s == OCKAM_LIMIT);
    if (s != OCKAM_OK || size > (1 << 16))
        return 0;
    once = encode(room, &d);
    if (ockam_wire_padded_decode(once, &d2.padded, &d2.onward, &d2.back, NULL) != OCKAM_OK)
        __builtin_trap();
    assert_same(&d, &d2);
    assert(ockam_slice_equal(once, encode(room2, &d2)));
    return 0;
}
