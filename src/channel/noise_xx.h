/* SPDX-License-Identifier: Apache-2.0
 *
 * noise_xx.h - the three messages of Noise XX with any payload and any suite. What the payloads mean is the business of
 * noise_xx_exchange.c.
 *
 *     -> e
 *     <- e, ee, s, es
 *     -> s, se */
#ifndef OCKAM_CHANNEL_NOISE_XX_H
#define OCKAM_CHANNEL_NOISE_XX_H

#include "channel/noise.h"

#define OCKAM_NOISE_XX_MESSAGE_1_MIN 32u
#define OCKAM_NOISE_XX_MESSAGE_2_MIN 96u
#define OCKAM_NOISE_XX_MESSAGE_3_MIN 64u

/** One end. Plain values: a copy is a full copy. The secrets named by `e` and `s` belong to whoever set them. */
typedef struct {
    ockam_noise_t  noise;
    ockam_key_id_t s, e;
    uint8_t        s_public[OCKAM_X25519_BYTES];
    uint8_t        e_public[OCKAM_X25519_BYTES];
    uint8_t        rs[OCKAM_X25519_BYTES]; /* the peer's static public key, authenticated by the message it came in */
    uint8_t        re[OCKAM_X25519_BYTES];
} ockam_noise_xx_t;

/** Exactly Ockam's. */
extern const ockam_noise_suite_t ockam_noise_xx_suite;

/**
 * write: append the message to `out`. read: take `in` apart and append its payload to `payload`.
 *
 * @return OCKAM_OK; OCKAM_MALFORMED (shorter than the minimum); OCKAM_LIMIT (longer than a handshake message may be, or
 *         `out` cannot grow); OCKAM_NOT_AUTHENTIC (tag, low-order key); OCKAM_NO_MEMORY; OCKAM_INTERNAL. After a failure
 *         `xx` is not to be used: work on a copy. `out` and `payload` may have grown by a part of the message.
 */
OCKAM_NODISCARD ockam_status_t ockam_noise_xx_write_1(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools,
                                                      ockam_slice_t payload, ockam_buf_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_noise_xx_read_1(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools,
                                                     ockam_slice_t in, ockam_buf_t *payload, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_noise_xx_write_2(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools,
                                                      ockam_slice_t payload, ockam_buf_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_noise_xx_read_2(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools,
                                                     ockam_slice_t in, ockam_buf_t *payload, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_noise_xx_write_3(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools,
                                                      ockam_slice_t payload, ockam_buf_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_noise_xx_read_3(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools,
                                                     ockam_slice_t in, ockam_buf_t *payload, ockam_error_t *err);

#endif
