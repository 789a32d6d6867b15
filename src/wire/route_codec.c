/* SPDX-License-Identifier: Apache-2.0
 *
 * route_codec.c - routes between their stored form and the bytes of a message. On the way of every message: what is
 * canonical, as every honest sender writes it, is checked once and copied once.
 * Protocol: docs/protocol/messages.md, "Routes". */
#include "wire/route_codec.h"

#include "wire/cbor.h"

/* Step over a canonical address with a type below 24 and a value below 256 bytes. @return its bytes; 0: look closer. */
static size_t canonical_address(const uint8_t *p, size_t left)
{
    size_t size;

    if (left < 3 || p[0] != 0x82 || p[1] >= 24)
        return 0;
    if (p[2] >= 0x40 && p[2] < 0x58) {
        size = 3u + (p[2] - 0x40u);
    } else if (p[2] == 0x58 && left >= 4 && p[3] >= 24) {
        size = 4u + (size_t)p[3];
    } else {
        return 0;
    }
    return size <= left ? size : 0;
}

/* Any address that the protocol lets a peer write. */
static ockam_status_t read_address(ockam_reader_t *r, ockam_address_t *out, ockam_error_t *err)
{
    ockam_reader_t     at    = *r;
    ockam_cbor_items_t items = {0};
    ockam_slice_t      value = {NULL, 0};
    uint64_t           type  = 0;

    OCKAM_TRY(err, ockam_cbor_enter_array(&at, &items, err), "address");
    if (!ockam_cbor_next(&at, &items))
        return ockam_fail(err, OCKAM_MALFORMED, "an address without a type");
    OCKAM_TRY(err, ockam_cbor_read_uint(&at, UINT8_MAX, &type, err), "address type");
    if (!ockam_cbor_next(&at, &items))
        return ockam_fail(err, OCKAM_MALFORMED, "an address without a value");
    OCKAM_TRY(err, ockam_cbor_read_bytes(&at, &value, err), "address value");
    OCKAM_TRY(err, ockam_cbor_leave(&at, &items, false, err), "address");
    out->type  = (uint8_t)type;
    out->value = value;
    *r         = at;
    return OCKAM_OK;
}

/* The general way, for every encoding: one address at a time. */
static ockam_status_t scan_slowly(ockam_reader_t *r, ockam_route_scan_t *out, ockam_error_t *err)
{
    ockam_reader_t     at      = *r;
    ockam_cbor_items_t items   = {0};
    ockam_address_t    address = {OCKAM_LOCAL, {NULL, 0}};
    ockam_route_scan_t scan    = {{NULL, 0}, 0, 0, false, false};
    const uint8_t     *end;

    OCKAM_TRY(err, ockam_cbor_enter_array(&at, &items, err), "route");
    scan.wire.ptr = end = at.rest.ptr;
    while (ockam_cbor_next(&at, &items)) {
        OCKAM_TRY(err, read_address(&at, &address, err), "route");
        end = at.rest.ptr;
        scan.count++;
        scan.size += ockam_address_encoded_size(address);
        if (address.value.len > OCKAM_ADDRESS_BYTES_MAX || scan.size > OCKAM_ROUTE_BYTES_MAX)
            scan.too_long = true;
    }
    scan.wire.len = (size_t)(end - scan.wire.ptr);
    *out          = scan;
    *r            = at;
    return OCKAM_OK;
}

ockam_status_t ockam_route_scan(ockam_reader_t *r, ockam_route_scan_t *out, ockam_error_t *err)
{
    const uint8_t *p    = r->rest.ptr;
    size_t         left = r->rest.len;
    size_t         count;

    if (left == 0 || p[0] < 0x80 || p[0] >= 0x98)
        return scan_slowly(r, out, err);
    count = p[0] - 0x80u;
    p++;
    left--;
    for (size_t i = 0; i < count; i++) {
        const size_t size = canonical_address(p, left);
        if (OCKAM_UNLIKELY(size == 0))
            return scan_slowly(r, out, err);
        p += size;
        left -= size;
    }
    out->wire      = ockam_slice(r->rest.ptr + 1, (size_t)(p - r->rest.ptr) - 1);
    out->count     = count;
    out->size      = out->wire.len;
    out->canonical = true;
    out->too_long  = out->size > OCKAM_ROUTE_BYTES_MAX;
    r->rest        = ockam_slice(p, left);
    return OCKAM_OK;
}

void ockam_route_store(const ockam_route_scan_t *scan, ockam_route_t *out)
{
    ockam_reader_t  r     = ockam_reader(scan->wire);
    const size_t    start = scan->size == 0 ? 0 : (OCKAM_ROUTE_BYTES_MAX - scan->size) / 2; /* room on both sides */
    uint8_t        *p     = out->bytes + start;
    ockam_address_t address;

    out->start  = (uint16_t)start;
    out->end    = (uint16_t)(start + scan->size);
    out->count  = (uint16_t)scan->count;
    out->failed = OCKAM_OK;
    if (OCKAM_LIKELY(scan->canonical)) {
        memcpy(p, scan->wire.ptr, scan->size);
        return;
    }
    for (size_t i = 0; i < scan->count; i++) {
        if (read_address(&r, &address, NULL) != OCKAM_OK)
            return; /* cannot be: it was read before */
        p += ockam_address_put(p, address);
    }
}

uint8_t *ockam_route_put(uint8_t *out, const ockam_route_t *route)
{
    const size_t size = (size_t)(route->end - route->start);

    if (OCKAM_LIKELY(route->count < 24))
        *out++ = (uint8_t)(0x80u + route->count);
    else
        out += ockam_cbor_put_head(out, 4, route->count);
    memcpy(out, route->bytes + route->start, size);
    return out + size;
}
