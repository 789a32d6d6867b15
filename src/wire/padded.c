/* SPDX-License-Identifier: Apache-2.0
 *
 * padded.c - what a secure channel carries inside. Protocol: docs/protocol/secure-channels.md, "Data messages". */
#include "wire/padded.h"

#include "wire/cbor.h"
#include "wire/route_codec.h"

/* [[0, [[ onward, return, payload: the five bytes in front of the onward route. */
#define PAYLOAD_PREFIX_BYTES 5u
static const uint8_t payload_prefix[PAYLOAD_PREFIX_BYTES] = {0x82, 0x82, 0x00, 0x81, 0x83};

const uint8_t ockam_wire_padded_close[OCKAM_WIRE_PADDED_CLOSE_BYTES] = {0x82, 0x82, 0x02, 0x80, 0x40};

typedef struct {
    ockam_wire_padded_t padded;
    ockam_route_scan_t  onward, back;
} parsed_t;

static ockam_status_t next_field(ockam_reader_t *r, ockam_cbor_items_t *items, const char *what, ockam_error_t *err)
{
    if (OCKAM_LIKELY(ockam_cbor_next(r, items)))
        return OCKAM_OK;
    return ockam_fail(err, OCKAM_MALFORMED, "%s is missing", what);
}

/* The three fields of a Payload, inside their array. */
static ockam_status_t read_payload(ockam_reader_t *r, ockam_cbor_items_t *items, parsed_t *out, ockam_error_t *err)
{
    OCKAM_TRY(err, next_field(r, items, "onward route", err), "payload");
    OCKAM_TRY(err, ockam_route_scan(r, &out->onward, err), "onward route");
    OCKAM_TRY(err, next_field(r, items, "return route", err), "payload");
    OCKAM_TRY(err, ockam_route_scan(r, &out->back, err), "return route");
    OCKAM_TRY(err, next_field(r, items, "payload", err), "payload");
    OCKAM_TRY(err, ockam_cbor_read_bytes(r, &out->padded.payload, err), "payload");
    return ockam_cbor_leave(r, items, false, err);
}

/* Lend one whole item. */
static ockam_status_t lend_item(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err)
{
    const uint8_t *const begin = r->rest.ptr;

    OCKAM_TRY(err, ockam_cbor_skip(r, err), "item");
    *out = ockam_slice(begin, (size_t)(r->rest.ptr - begin));
    return OCKAM_OK;
}

static ockam_status_t read_refresh(ockam_reader_t *r, ockam_cbor_items_t *items, parsed_t *out, ockam_error_t *err)
{
    ockam_cbor_items_t credentials = {0};
    ockam_slice_t      item        = {NULL, 0};

    OCKAM_TRY(err, next_field(r, items, "change history", err), "refresh");
    OCKAM_TRY(err, lend_item(r, &out->padded.change_history, err), "change history");
    OCKAM_TRY(err, next_field(r, items, "credentials", err), "refresh");
    OCKAM_TRY(err, ockam_cbor_enter_array(r, &credentials, err), "credentials");
    while (ockam_cbor_next(r, &credentials)) {
        OCKAM_TRY(err, lend_item(r, &item, err), "credential");
        if (out->padded.credential_count < OCKAM_CREDENTIALS_MAX)
            out->padded.credentials[out->padded.credential_count++] = item;
    }
    return ockam_cbor_leave(r, items, false, err);
}

/* The enum and everything in it. */
static ockam_status_t read_message(ockam_reader_t *r, parsed_t *out, ockam_error_t *err)
{
    ockam_reader_t     at      = *r;
    ockam_cbor_items_t outer   = {0};
    ockam_cbor_items_t fields  = {0};
    ockam_cbor_items_t inner   = {0};
    uint64_t           variant = 0;

    if (at.rest.len > 0 && at.rest.ptr[0] == 0x9f)
        return ockam_fail(err, OCKAM_MALFORMED, "an enum of indefinite length");
    OCKAM_TRY(err, ockam_cbor_enter_array(&at, &outer, err), "enum");
    if (outer.left != 2)
        return ockam_fail(err, OCKAM_MALFORMED, "enum of %llu elements", (unsigned long long)outer.left);
    OCKAM_TRY(err, ockam_cbor_read_uint(&at, UINT32_MAX, &variant, err), "variant");
    if (variant == OCKAM_PADDED_CLOSE) {
        OCKAM_TRY(err, ockam_cbor_skip(&at, err), "fields of close"); /* any item */
    } else {
        if (variant > OCKAM_PADDED_CLOSE)
            return ockam_fail(err, OCKAM_MALFORMED, "unknown variant %llu", (unsigned long long)variant);
        OCKAM_TRY(err, ockam_cbor_enter_array(&at, &fields, err), "fields");
        OCKAM_TRY(err, next_field(&at, &fields, "content", err), "fields");
        OCKAM_TRY(err, ockam_cbor_enter_array(&at, &inner, err), "content");
        OCKAM_TRY(err,
                  variant == OCKAM_PADDED_PAYLOAD ? read_payload(&at, &inner, out, err)
                                                  : read_refresh(&at, &inner, out, err),
                  "content");
        OCKAM_TRY(err, ockam_cbor_leave(&at, &fields, false, err), "fields");
    }
    out->padded.kind = (ockam_wire_padded_kind_t)variant;
    *r               = at;
    return OCKAM_OK;
}

ockam_status_t ockam_wire_padded_decode(ockam_slice_t bytes, ockam_wire_padded_t *out, ockam_route_t *onward_route,
                                        ockam_route_t *return_route, ockam_error_t *err)
{
    ockam_reader_t     r       = ockam_reader(bytes);
    ockam_cbor_items_t items   = {2};
    ockam_slice_t      ignored = {NULL, 0};
    parsed_t           parsed;

    parsed.padded.payload          = ignored;
    parsed.padded.change_history   = ignored;
    parsed.padded.credential_count = 0;
    parsed.onward.too_long = parsed.back.too_long = false;
    if (OCKAM_LIKELY(bytes.len > PAYLOAD_PREFIX_BYTES &&
                     memcmp(bytes.ptr, payload_prefix, PAYLOAD_PREFIX_BYTES) == 0)) {
        /* As every honest sender writes it. */
        ockam_cbor_items_t inner = {3};
        r.rest                   = ockam_slice(bytes.ptr + PAYLOAD_PREFIX_BYTES, bytes.len - PAYLOAD_PREFIX_BYTES);
        items.left               = 1;
        parsed.padded.kind       = OCKAM_PADDED_PAYLOAD;
        OCKAM_TRY(err, read_payload(&r, &inner, &parsed, err), "plaintext");
    } else {
        OCKAM_TRY(err, ockam_cbor_enter_array(&r, &items, err), "plaintext");
        OCKAM_TRY(err, next_field(&r, &items, "message", err), "plaintext");
        OCKAM_TRY(err, read_message(&r, &parsed, err), "plaintext");
    }
    OCKAM_TRY(err, next_field(&r, &items, "padding", err), "plaintext");
    OCKAM_TRY(err, ockam_cbor_read_bytes(&r, &ignored, err), "padding");
    OCKAM_TRY(err, ockam_cbor_leave(&r, &items, false, err), "plaintext");
    if (OCKAM_UNLIKELY(parsed.onward.too_long || parsed.back.too_long))
        return ockam_fail(err, OCKAM_LIMIT, "%s route is too long", parsed.onward.too_long ? "onward" : "return");

    if (parsed.padded.kind == OCKAM_PADDED_PAYLOAD) {
        ockam_route_store(&parsed.onward, onward_route);
        ockam_route_store(&parsed.back, return_route);
    }
    out->kind             = parsed.padded.kind;
    out->payload          = parsed.padded.payload;
    out->change_history   = parsed.padded.change_history;
    out->credential_count = parsed.padded.credential_count;
    for (size_t i = 0; i < parsed.padded.credential_count; i++)
        out->credentials[i] = parsed.padded.credentials[i];
    return OCKAM_OK;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

size_t ockam_wire_padded_head_size(const ockam_route_t *onward_route, const ockam_route_t *return_route,
                                   size_t payload_len)
{
    return PAYLOAD_PREFIX_BYTES + ockam_route_encoded_size(onward_route) + ockam_route_encoded_size(return_route) +
           ockam_cbor_head_size(payload_len);
}

uint8_t *ockam_wire_padded_put_head(uint8_t *out, const ockam_route_t *onward_route, const ockam_route_t *return_route,
                                    size_t payload_len)
{
    memcpy(out, payload_prefix, PAYLOAD_PREFIX_BYTES);
    out = ockam_route_put(out + PAYLOAD_PREFIX_BYTES, onward_route);
    out = ockam_route_put(out, return_route);
    return out + ockam_cbor_put_head(out, 2, payload_len);
}

uint8_t *ockam_wire_padded_put_head_before(uint8_t *payload, const ockam_route_t *onward_route,
                                           const ockam_route_t *return_route, size_t payload_len)
{
    uint8_t *const out = payload - ockam_wire_padded_head_size(onward_route, return_route, payload_len);

    (void)ockam_wire_padded_put_head(out, onward_route, return_route, payload_len);
    return out;
}

static ockam_status_t write_refresh(ockam_buf_t *out, ockam_slice_t change_history, const ockam_slice_t *credentials,
                                    size_t count, ockam_error_t *err)
{
    OCKAM_TRY(err, ockam_cbor_write_array(out, 2, err), "plaintext");
    OCKAM_TRY(err, ockam_cbor_write_variant(out, OCKAM_PADDED_REFRESH_CREDENTIALS, 1, err), "refresh");
    OCKAM_TRY(err, ockam_cbor_write_array(out, 2, err), "refresh");
    OCKAM_TRY(err, ockam_buf_append(out, change_history, err), "change history");
    OCKAM_TRY(err, ockam_cbor_write_array(out, count, err), "credentials");
    for (size_t i = 0; i < count; i++)
        OCKAM_TRY(err, ockam_buf_append(out, credentials[i], err), "credential");
    OCKAM_TRY(err, ockam_cbor_write_bytes(out, ockam_slice(NULL, 0), err), "padding");
    return OCKAM_OK;
}

ockam_status_t ockam_wire_padded_write_refresh(ockam_buf_t *out, ockam_slice_t change_history,
                                               const ockam_slice_t *credentials, size_t count, ockam_error_t *err)
{
    const size_t         mark = out->len;
    const ockam_status_t s    = write_refresh(out, change_history, credentials, count, err);

    if (s != OCKAM_OK)
        ockam_buf_truncate(out, mark);
    return s;
}
