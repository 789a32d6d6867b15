/* SPDX-License-Identifier: Apache-2.0
 *
 * message.c - the message that goes over a transport. Protocol: docs/protocol/messages.md, "Messages". */
#include "wire/message.h"

#include "wire/cbor.h"
#include "wire/route_codec.h"

const uint8_t ockam_wire_message_tail[OCKAM_WIRE_MESSAGE_TAIL_BYTES] = {0x62, '{', '}'};

/* The fourth element and what comes after it. Nothing in it is of use, but what cannot be a tracing context breaks
 * the encoding. */
static ockam_status_t read_tail(ockam_reader_t *r, ockam_cbor_items_t *items, ockam_error_t *err)
{
    ockam_slice_t ignored;

    if (OCKAM_LIKELY(items->left == 1 && r->rest.len >= OCKAM_WIRE_MESSAGE_TAIL_BYTES &&
                     memcmp(r->rest.ptr, ockam_wire_message_tail, OCKAM_WIRE_MESSAGE_TAIL_BYTES) == 0))
        return OCKAM_OK;
    if (!ockam_cbor_next(r, items))
        return OCKAM_OK; /* three elements */
    if (!ockam_cbor_take_null(r))
        OCKAM_TRY(err, ockam_cbor_read_text(r, &ignored, err), "tracing context");
    return ockam_cbor_leave(r, items, false, err);
}

static ockam_status_t missing(const char *what, ockam_error_t *err)
{
    return ockam_fail(err, OCKAM_MALFORMED, "%s is missing", what);
}

ockam_status_t ockam_wire_message_decode(ockam_slice_t bytes, ockam_route_t *onward_route, ockam_route_t *return_route,
                                         ockam_slice_t *payload, ockam_error_t *err)
{
    ockam_reader_t     r     = ockam_reader(bytes);
    ockam_cbor_items_t items = {0};
    ockam_slice_t      body  = {NULL, 0};
    ockam_route_scan_t onward, back;

    OCKAM_TRY(err, ockam_cbor_enter_array(&r, &items, err), "message");
    if (!ockam_cbor_next(&r, &items))
        return missing("onward route", err);
    OCKAM_TRY(err, ockam_route_scan(&r, &onward, err), "onward route");
    if (!ockam_cbor_next(&r, &items))
        return missing("return route", err);
    OCKAM_TRY(err, ockam_route_scan(&r, &back, err), "return route");
    if (!ockam_cbor_next(&r, &items))
        return missing("payload", err);
    OCKAM_TRY(err, ockam_cbor_read_bytes(&r, &body, err), "payload");
    OCKAM_TRY(err, read_tail(&r, &items, err), "message");
    if (OCKAM_UNLIKELY(onward.too_long || back.too_long))
        return ockam_fail(err, OCKAM_LIMIT, "%s route: %zu addresses, %zu bytes", onward.too_long ? "onward" : "return",
                          onward.too_long ? onward.count : back.count, onward.too_long ? onward.size : back.size);
    ockam_route_store(&onward, onward_route);
    ockam_route_store(&back, return_route);
    *payload = body;
    return OCKAM_OK;
}

size_t ockam_wire_message_head_size(const ockam_route_t *onward_route, const ockam_route_t *return_route,
                                    size_t payload_len)
{
    return 1 + ockam_route_encoded_size(onward_route) + ockam_route_encoded_size(return_route) +
           ockam_cbor_head_size(payload_len);
}

uint8_t *ockam_wire_message_put_head(uint8_t *out, const ockam_route_t *onward_route, const ockam_route_t *return_route,
                                     size_t payload_len)
{
    *out++ = 0x84;
    out    = ockam_route_put(out, onward_route);
    out    = ockam_route_put(out, return_route);
    return out + ockam_cbor_put_head(out, 2, payload_len);
}

uint8_t *ockam_wire_message_put_head_before(uint8_t *payload, const ockam_route_t *onward_route,
                                            const ockam_route_t *return_route, size_t payload_len)
{
    uint8_t *const out = payload - ockam_wire_message_head_size(onward_route, return_route, payload_len);

    (void)ockam_wire_message_put_head(out, onward_route, return_route, payload_len);
    return out;
}
