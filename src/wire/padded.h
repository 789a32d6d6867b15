/* SPDX-License-Identifier: Apache-2.0
 *
 * padded.h - what a secure channel carries inside: a message, new credentials, or a goodbye, and padding.
 * Source: docs/protocol/secure-channels.md, "Data messages". */
#ifndef OCKAM_WIRE_PADDED_H
#define OCKAM_WIRE_PADDED_H

#include "wire/message.h"

typedef enum {
    OCKAM_PADDED_PAYLOAD             = 0,
    OCKAM_PADDED_REFRESH_CREDENTIALS = 1,
    OCKAM_PADDED_CLOSE               = 2
} ockam_wire_padded_kind_t;

/** One decoded plaintext; every slice is lent from it. */
typedef struct {
    ockam_wire_padded_kind_t kind;
    ockam_slice_t            payload;                            /* PAYLOAD */
    ockam_slice_t            change_history;                     /* REFRESH_CREDENTIALS: one CBOR item, unread */
    ockam_slice_t            credentials[OCKAM_CREDENTIALS_MAX]; /* REFRESH_CREDENTIALS: one CBOR item each, unread */
    size_t                   credential_count;                   /* further ones are ignored */
} ockam_wire_padded_t;

/** What follows the payload of a PAYLOAD: padding of no bytes. */
#define OCKAM_WIRE_PADDED_TAIL_BYTES 1u
/** The longest head of a PAYLOAD. */
#define OCKAM_WIRE_PADDED_HEAD_MAX (5u + 2u * OCKAM_WIRE_ROUTE_BYTES_MAX + 9u)
/** The whole encoding of CLOSE. */
#define OCKAM_WIRE_PADDED_CLOSE_BYTES 5u
extern const uint8_t ockam_wire_padded_close[OCKAM_WIRE_PADDED_CLOSE_BYTES];

/**
 * Decode one plaintext. Padding of any length and bytes after it are ignored. The routes are set for PAYLOAD only.
 * @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT (as ockam_wire_message_decode()). Outputs are written only on success.
 */
OCKAM_NODISCARD ockam_status_t ockam_wire_padded_decode(ockam_slice_t bytes, ockam_wire_padded_t *out,
                                                        ockam_route_t *onward_route, ockam_route_t *return_route,
                                                        ockam_error_t *err);

/** Head, in front of a payload, and tail of a PAYLOAD: as their namesakes in message.h. */
size_t   ockam_wire_padded_head_size(const ockam_route_t *onward_route, const ockam_route_t *return_route,
                                     size_t payload_len);
uint8_t *ockam_wire_padded_put_head(uint8_t *out, const ockam_route_t *onward_route, const ockam_route_t *return_route,
                                    size_t payload_len);
uint8_t *ockam_wire_padded_put_head_before(uint8_t *payload, const ockam_route_t *onward_route,
                                           const ockam_route_t *return_route, size_t payload_len);
static inline uint8_t *ockam_wire_padded_put_tail(uint8_t *out)
{
    *out = 0x40; /* a byte string of no bytes */
    return out + OCKAM_WIRE_PADDED_TAIL_BYTES;
}

/**
 * Append a REFRESH_CREDENTIALS: a change history and `count` credentials, each one complete CBOR item.
 * @return OCKAM_OK; OCKAM_LIMIT or OCKAM_NO_MEMORY (`out` could not grow; its length is what it was).
 */
OCKAM_NODISCARD ockam_status_t ockam_wire_padded_write_refresh(ockam_buf_t *out, ockam_slice_t change_history,
                                                               const ockam_slice_t *credentials, size_t count,
                                                               ockam_error_t *err);

#endif
