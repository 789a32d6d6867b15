/* SPDX-License-Identifier: Apache-2.0
 *
 * message.h - the message that goes over a transport: onward route, return route, payload.
 *
 * Encoded it is a head, the payload, and a tail that is always the same, so a sender writes the head directly in front
 * of a payload that it does not touch. Source: docs/protocol/messages.md, "Messages". */
#ifndef OCKAM_WIRE_MESSAGE_H
#define OCKAM_WIRE_MESSAGE_H

#include "ockam/address.h"

/** The longest encoded route: array head and addresses. */
#define OCKAM_WIRE_ROUTE_BYTES_MAX (3u + OCKAM_ROUTE_BYTES_MAX)
/** The longest head of a message: array head, two routes, head of the payload. */
#define OCKAM_WIRE_MESSAGE_HEAD_MAX (1u + 2u * OCKAM_WIRE_ROUTE_BYTES_MAX + 9u)
/** What follows the payload: the tracing context, always "{}". */
#define OCKAM_WIRE_MESSAGE_TAIL_BYTES 3u
extern const uint8_t ockam_wire_message_tail[OCKAM_WIRE_MESSAGE_TAIL_BYTES];

/**
 * Decode one message. Bytes after it are ignored.
 *
 * @param payload  lent from `bytes`
 * @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT (well-formed, but an address or route is longer than we keep, or what
 *         is to be skipped nests too deeply: drop the message, go on). Outputs are written only on success.
 */
OCKAM_NODISCARD ockam_status_t ockam_wire_message_decode(ockam_slice_t bytes, ockam_route_t *onward_route,
                                                         ockam_route_t *return_route, ockam_slice_t *payload,
                                                         ockam_error_t *err);

/** Bytes that the head takes in front of a payload of `payload_len` bytes. */
size_t ockam_wire_message_head_size(const ockam_route_t *onward_route, const ockam_route_t *return_route,
                                    size_t payload_len);
/** Write the head at `out`, which has ockam_wire_message_head_size() bytes. @return one past the last byte written:
 *  where the payload goes. */
uint8_t *ockam_wire_message_put_head(uint8_t *out, const ockam_route_t *onward_route, const ockam_route_t *return_route,
                                     size_t payload_len);
/** Write the head so that it ends where `payload` begins; the room in front must hold ockam_wire_message_head_size()
 *  bytes. @return the first byte of the head. */
uint8_t *ockam_wire_message_put_head_before(uint8_t *payload, const ockam_route_t *onward_route,
                                            const ockam_route_t *return_route, size_t payload_len);
/** Write the tail at `out`. @return one past it. */
static inline uint8_t *ockam_wire_message_put_tail(uint8_t *out)
{
    memcpy(out, ockam_wire_message_tail, OCKAM_WIRE_MESSAGE_TAIL_BYTES);
    return out + OCKAM_WIRE_MESSAGE_TAIL_BYTES;
}

#endif
