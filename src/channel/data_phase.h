/* SPDX-License-Identifier: Apache-2.0
 *
 * data_phase.h - making sealers and openers, and what tests need to reach their edges. */
#ifndef OCKAM_CHANNEL_DATA_PHASE_H
#define OCKAM_CHANNEL_DATA_PHASE_H

#include "ockam/handshake.h"

#define OCKAM_CHANNEL_KEY_BYTES 32u

/* Written out, because compilers turn this form, and not a loop, into one load or store and a byte swap. */
static inline uint64_t ockam_nonce_get(const uint8_t bytes[OCKAM_CHANNEL_NONCE_BYTES])
{
    return (uint64_t)bytes[0] << 56 | (uint64_t)bytes[1] << 48 | (uint64_t)bytes[2] << 40 | (uint64_t)bytes[3] << 32 |
           (uint64_t)bytes[4] << 24 | (uint64_t)bytes[5] << 16 | (uint64_t)bytes[6] << 8 | (uint64_t)bytes[7];
}

static inline void ockam_nonce_put(uint8_t bytes[OCKAM_CHANNEL_NONCE_BYTES], uint64_t nonce)
{
    bytes[0] = (uint8_t)(nonce >> 56);
    bytes[1] = (uint8_t)(nonce >> 48);
    bytes[2] = (uint8_t)(nonce >> 40);
    bytes[3] = (uint8_t)(nonce >> 32);
    bytes[4] = (uint8_t)(nonce >> 24);
    bytes[5] = (uint8_t)(nonce >> 16);
    bytes[6] = (uint8_t)(nonce >> 8);
    bytes[7] = (uint8_t)nonce;
}

/**
 * The 12 bytes of AEAD nonce of message number `nonce`. Fast code of AES-GCM reads them at once and has to wait for stores
 * of another width that have just been made, a tenth of a small message. So sealer and opener write the nonce they expect
 * to need next when they are done with a message.
 */
static inline void ockam_nonce_expand(uint8_t out[OCKAM_AEAD_NONCE_BYTES], uint64_t nonce)
{
    memset(out, 0, 4);
    ockam_nonce_put(out + 4, nonce);
}

/** @return OCKAM_OK; OCKAM_NO_MEMORY; OCKAM_UNSUPPORTED. */
OCKAM_NODISCARD ockam_status_t ockam_sealer_new(ockam_vault_t *vault, const uint8_t key[OCKAM_CHANNEL_KEY_BYTES],
                                                ockam_sealer_t **out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_opener_new(ockam_vault_t *vault, const uint8_t key[OCKAM_CHANNEL_KEY_BYTES],
                                                ockam_opener_t **out, ockam_error_t *err);

/** REKEY: the key that follows the one in `aead`. @return OCKAM_OK; OCKAM_INTERNAL. */
OCKAM_NODISCARD ockam_status_t ockam_channel_next_key(ockam_aead_t *aead, uint8_t out[OCKAM_CHANNEL_KEY_BYTES],
                                                      ockam_error_t *err);

/** For tests: go on at `nonce` with the present key, as if everything before it had been sent (received). */
void ockam_sealer_set_nonce(ockam_sealer_t *sealer, uint64_t nonce);
void ockam_opener_set_nonce(ockam_opener_t *opener, uint64_t nonce);

#endif
