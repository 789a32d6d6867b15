/* SPDX-License-Identifier: Apache-2.0
 *
 * data_phase.h - making sealers and openers, and what tests need to reach their edges. */
#ifndef OCKAM_CHANNEL_DATA_PHASE_H
#define OCKAM_CHANNEL_DATA_PHASE_H

#include "ockam/handshake.h"

#define OCKAM_CHANNEL_KEY_BYTES 32u

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
