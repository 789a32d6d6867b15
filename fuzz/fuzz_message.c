/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_message.c - reaches ockam_wire_message_decode(), ockam_route_scan() in both its ways, ockam_route_store(),
 * ockam_wire_message_put_head_before(). Properties: decode, encode, decode gives the same message; the encoding is
 * canonical (encoding again gives the same bytes); the edits of a hop work on every route that was decoded. */
#include <assert.h>

#include "wire/message.h"

typedef struct {
    ockam_route_t onward, back;
    ockam_slice_t payload;
} decoded_t;

/* Head in front of the payload, as a sender does. @return where the message begins in `room`. */
static ockam_slice_t encode(uint8_t *room, const decoded_t *m)
{
    uint8_t *const payload = room + OCKAM_WIRE_MESSAGE_HEAD_MAX;
    uint8_t       *begin, *end;

    if (m->payload.len > 0)
        memcpy(payload, m->payload.ptr, m->payload.len);
    begin = ockam_wire_message_put_head_before(payload, &m->onward, &m->back, m->payload.len);
    end   = ockam_wire_message_put_tail(payload + m->payload.len);
    return ockam_slice(begin, (size_t)(end - begin));
}

/* What a hop does: every address must be where the count says. */
static void hop(decoded_t *m)
{
    ockam_address_t first, last;
    size_t          count = m->onward.count;

    while (ockam_route_first(&m->onward, &first, NULL) == OCKAM_OK) {
        assert(ockam_route_last(&m->onward, &last, NULL) == OCKAM_OK);
        assert(count > 0);
        count--;
        (void)!ockam_route_prepend(&m->back, first, NULL);
        ockam_route_drop_first(&m->onward);
    }
    assert(count == 0 && m->onward.start == m->onward.end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t       room[OCKAM_WIRE_MESSAGE_HEAD_MAX + (1 << 17)], room2[sizeof(room)];
    decoded_t            m, m2;
    ockam_slice_t        once, twice;
    const ockam_status_t s = ockam_wire_message_decode(ockam_slice(data, size), &m.onward, &m.back, &m.payload, NULL);

    assert(s == OCKAM_OK || s == OCKAM_MALFORMED || s == OCKAM_LIMIT);
    if (s != OCKAM_OK || size > (1 << 16))
        return 0;
    assert(m.payload.ptr >= data && m.payload.ptr + m.payload.len <= data + size);
    once = encode(room, &m);
    if (ockam_wire_message_decode(once, &m2.onward, &m2.back, &m2.payload, NULL) != OCKAM_OK)
        __builtin_trap();
    assert(ockam_route_equal(&m.onward, &m2.onward) && ockam_route_equal(&m.back, &m2.back));
    assert(ockam_slice_equal(m.payload, m2.payload));
    twice = encode(room2, &m2);
    assert(ockam_slice_equal(once, twice));
    hop(&m);
    return 0;
}
