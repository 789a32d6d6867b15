/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_fuzz.h - what the fuzz targets of handshakes share: two identities in one vault whose randomness is the same for
 * every input, and an end of Noise XX that says what the input wants. */
#ifndef OCKAM_FUZZ_CHANNEL_FUZZ_H
#define OCKAM_FUZZ_CHANNEL_FUZZ_H

#include "channel/noise_xx.h"
#include "identity_fuzz.h"
#include "ockam/handshake.h"

#define CHANNEL_FUZZ_MESSAGE_MAX (OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX + 16u)

/** Everything of one input. */
typedef struct {
    ockam_vault_t      *vault; /* made once */
    ockam_identity_t   *tested_identity, *other_identity;
    ockam_store_t      *store; /* of the tested end; empty */
    ockam_handshake_t  *tested;
    ockam_noise_tools_t tools; /* of the other end */
    ockam_noise_xx_t    xx;
    ockam_buf_t         payload; /* the other end's, right */
    ockam_buf_t         message, reply;
} channel_fuzz_t;

/** Both ends before their first message. */
void channel_fuzz_begin(channel_fuzz_t *f, ockam_role_t tested);
void channel_fuzz_end(channel_fuzz_t *f);
/** Up to three bytes anywhere replaced, the end cut off or added to, as the input says. */
void channel_fuzz_mutate(identity_fuzz_input_t *in, ockam_buf_t *data);
/** Feed `in`, which is not what the other end said: nothing may change. */
void channel_fuzz_feed_forgery(channel_fuzz_t *f, ockam_slice_t in);
/**
 * Feed `message`, sealed by the other end with a payload that may be anything: accepted and stored, or over. A reply, if any,
 * is in f->reply.
 */
void channel_fuzz_feed_payload(channel_fuzz_t *f, bool right);
/** The same bytes? */
bool channel_fuzz_same(const ockam_buf_t *a, ockam_slice_t b);

#endif
