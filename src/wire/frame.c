/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.c - cut a TCP stream into messages. Protocol: docs/protocol/transports.md, "TCP". */
#include "wire/frame.h"

ockam_status_t ockam_frame_next(ockam_reader_t *rest, ockam_slice_t *body, size_t *need, ockam_error_t *err)
{
    const uint8_t *p = rest->rest.ptr;
    size_t         len;

    if (rest->rest.len < OCKAM_FRAME_HEAD_BYTES) {
        *need = OCKAM_FRAME_HEAD_BYTES;
        return OCKAM_NEED_MORE;
    }
    len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | (size_t)p[3];
    if (OCKAM_UNLIKELY(len == 0))
        return ockam_fail(err, OCKAM_MALFORMED, "a frame of length 0");
    if (OCKAM_UNLIKELY(len > OCKAM_TCP_MESSAGE_BYTES_MAX))
        return ockam_fail(err, OCKAM_LIMIT, "a frame of %zu bytes, limit %u", len, OCKAM_TCP_MESSAGE_BYTES_MAX);
    if (rest->rest.len - OCKAM_FRAME_HEAD_BYTES < len) {
        *need = OCKAM_FRAME_HEAD_BYTES + len;
        return OCKAM_NEED_MORE;
    }
    *body      = ockam_slice(p + OCKAM_FRAME_HEAD_BYTES, len);
    rest->rest = ockam_slice(p + OCKAM_FRAME_HEAD_BYTES + len, rest->rest.len - OCKAM_FRAME_HEAD_BYTES - len);
    return OCKAM_OK;
}
