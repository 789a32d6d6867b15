/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.h - the only way to look at bytes from a peer: every read checks what is left, and moves only on success.
 *
 * wire/ turns bytes into values and back: CBOR and BARE profiles, addresses, routes, messages, frames, multiaddr.
 * No I/O, no cryptography, no meaning. */
#ifndef OCKAM_WIRE_READER_H
#define OCKAM_WIRE_READER_H

#include "ockam/bytes.h"

typedef struct {
    ockam_slice_t rest;
} ockam_reader_t;

static inline ockam_reader_t ockam_reader(ockam_slice_t bytes)
{
    const ockam_reader_t r = {bytes};
    return r;
}

/** All integers are big-endian. @return OCKAM_OK; OCKAM_MALFORMED (cut off; the reader has not moved). */
OCKAM_NODISCARD ockam_status_t ockam_reader_u8(ockam_reader_t *r, uint8_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_reader_u16(ockam_reader_t *r, uint16_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_reader_u32(ockam_reader_t *r, uint32_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_reader_u64(ockam_reader_t *r, uint64_t *out, ockam_error_t *err);
/** Lend the next `len` bytes. @return as above. */
OCKAM_NODISCARD ockam_status_t ockam_reader_bytes(ockam_reader_t *r, size_t len, ockam_slice_t *out,
                                                  ockam_error_t *err);

#endif
