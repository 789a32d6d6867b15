/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_vault.c - vaults for the tests of secure channels. */
#include "channel_vault.h"

#include "test.h"

ockam_status_t channel_vault_new(const ockam_allocator_t *allocator, ockam_random_fn random, void *random_context,
                                 ockam_vault_t **out)
{
    const ockam_provider_t *const providers[] = {ockam_provider_openssl(), ockam_provider_sodium(),
                                                 ockam_provider_ipsec_mb(), NULL};

    return ockam_vault_new(&(ockam_vault_options_t){.allocator      = allocator,
                                                    .providers      = providers,
                                                    .provider_count = 3,
                                                    .random         = random,
                                                    .random_context = random_context},
                           out, NULL);
}

ockam_vault_t *channel_vault(const ockam_allocator_t *allocator, ockam_random_fn random, void *random_context)
{
    ockam_vault_t *vault = NULL;

    assert_ok(channel_vault_new(allocator, random, random_context, &vault));
    return vault;
}

ockam_key_id_t channel_vault_x25519(ockam_vault_t *vault, ockam_slice_t secret, uint8_t *public_key)
{
    ockam_secret_t bytes = {.len = secret.len};
    ockam_key_id_t key   = OCKAM_KEY_ID_NONE;

    assert_int_equal(secret.len, OCKAM_X25519_BYTES);
    memcpy(bytes.bytes, secret.ptr, secret.len);
    assert_ok(ockam_vault_import_x25519(vault, &bytes, OCKAM_EPHEMERAL, &key, NULL));
    if (public_key != NULL)
        assert_ok(ockam_vault_x25519_public(vault, key, public_key, NULL));
    return key;
}
