/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.h - how messages stand one after the other in a TCP stream. Source: docs/protocol/transports.md, "TCP". */
#ifndef OCKAM_WIRE_FRAME_H
#define OCKAM_WIRE_FRAME_H

#include "ockam/limits.h"
#include "wire/reader.h"

/** The first byte of each direction. Anything else ends the connection. */
#define OCKAM_TCP_VERSION 1u
/** The length in front of each message. */
#define OCKAM_FRAME_HEAD_BYTES 4u

/**
 * Take the next message off the front of what has arrived.
 *
 * @param rest  received bytes that were not taken yet; moves past one frame on OCKAM_OK and only then
 * @param body  lent from `rest`: one encoded message. Written on OCKAM_OK only
 * @param need  on OCKAM_NEED_MORE: how many bytes `rest` must hold before it is worth calling again; more than
 *              `rest.len`, at most 4 + OCKAM_TCP_MESSAGE_BYTES_MAX
 * @return OCKAM_OK; OCKAM_NEED_MORE; OCKAM_MALFORMED (length 0), OCKAM_LIMIT (above OCKAM_TCP_MESSAGE_BYTES_MAX): both
 *         as soon as the length is there, and both end the connection.
 */
OCKAM_NODISCARD ockam_status_t ockam_frame_next(ockam_reader_t *rest, ockam_slice_t *body, size_t *need,
                                                ockam_error_t *err);

/** Write the length of a message of `message_len` bytes at `out`, 4 bytes. The caller has checked the limit. */
static inline void ockam_frame_put_head(uint8_t *out, size_t message_len)
{
    out[0] = (uint8_t)(message_len >> 24);
    out[1] = (uint8_t)(message_len >> 16);
    out[2] = (uint8_t)(message_len >> 8);
    out[3] = (uint8_t)message_len;
}

#endif
