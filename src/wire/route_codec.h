/* SPDX-License-Identifier: Apache-2.0
 *
 * route_codec.h - routes between their stored form and the bytes of a message. For message.c, padded.c and route.c.
 *
 * A stored route holds its addresses as canonical CBOR, one after the other: 82 <type> <head of the value> <value>.
 * Canonical means definite and shortest, so equal routes have equal bytes. */
#ifndef OCKAM_WIRE_ROUTE_CODEC_H
#define OCKAM_WIRE_ROUTE_CODEC_H

#include "ockam/address.h"
#include "wire/reader.h"

/** The longest encoded address: 82, a type of two bytes, a head of three, the value. */
#define OCKAM_ADDRESS_ENCODED_MAX (1u + 2u + 3u + OCKAM_ADDRESS_BYTES_MAX)

/** Bytes of `address` in the stored form. */
size_t ockam_address_encoded_size(ockam_address_t address);
/** Write it at `out`, which has that many bytes. @return bytes written. */
size_t ockam_address_put(uint8_t *out, ockam_address_t address);
/** Lend the address that begins at `p`, which is in the stored form. @return its bytes. */
size_t ockam_address_peek(const uint8_t *p, ockam_address_t *out);

/** An encoded route that was read through and not stored yet. */
typedef struct {
    ockam_slice_t wire;      /* its addresses, without the array head; lent */
    size_t        count;     /* addresses */
    size_t        size;      /* bytes they take in the stored form */
    bool          canonical; /* `wire` is the stored form */
    bool          too_long;  /* well-formed, but beyond OCKAM_ADDRESS_BYTES_MAX or OCKAM_ROUTE_BYTES_MAX */
} ockam_route_scan_t;

/** Read one route and move past it. @return OCKAM_OK (look at `too_long`); OCKAM_MALFORMED; OCKAM_LIMIT (a surplus
 *  element nests too deeply). */
OCKAM_NODISCARD ockam_status_t ockam_route_scan(ockam_reader_t *r, ockam_route_scan_t *out, ockam_error_t *err);
/** Store what was read; `scan->too_long` is false. */
void ockam_route_store(const ockam_route_scan_t *scan, ockam_route_t *out);

/** Bytes of the route as a CBOR array. */
static inline size_t ockam_route_encoded_size(const ockam_route_t *route)
{
    return (size_t)(route->end - route->start) + (route->count < 24 ? 1u : route->count < 256 ? 2u : 3u);
}

/** Write it at `out`, which has that many bytes. @return one past the last byte. */
uint8_t *ockam_route_put(uint8_t *out, const ockam_route_t *route);

#endif
