/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_vault.h - a vault on all providers of this build, with keys of known secrets. */
#ifndef OCKAM_TEST_CHANNEL_VAULT_H
#define OCKAM_TEST_CHANNEL_VAULT_H

#include "ockam/vault.h"

/** A vault whose failures are the test's. `random` may be NULL: the first provider's. */
ockam_vault_t *channel_vault(const ockam_allocator_t *allocator, ockam_random_fn random, void *random_context);
/** The same, for tests that expect failures. */
ockam_status_t channel_vault_new(const ockam_allocator_t *allocator, ockam_random_fn random, void *random_context,
                                 ockam_vault_t **out);
/** The key of a known secret; also its public key if `public_key` is not NULL. */
ockam_key_id_t channel_vault_x25519(ockam_vault_t *vault, ockam_slice_t secret, uint8_t *public_key);

#endif
