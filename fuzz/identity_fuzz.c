/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_fuzz.c - see identity_fuzz.h. */
#include "identity_fuzz.h"

#include <assert.h>
#include <stdlib.h>

ockam_vault_t *identity_fuzz_vault(void)
{
    static ockam_vault_t *vault;

    if (vault == NULL) {
        const ockam_provider_t *const providers[] = {ockam_provider_sodium(), ockam_provider_openssl(), NULL};
        const ockam_vault_options_t   options     = {.allocator = ockam_allocator_malloc(), .providers = providers};
        if (ockam_vault_new(&options, &vault, NULL) != OCKAM_OK)
            abort();
    }
    return vault;
}

ockam_key_id_t identity_fuzz_key(ockam_signing_type_t type, uint8_t first)
{
    static ockam_key_id_t keys[2][256];
    ockam_secret_t        secret = {.len = 32};

    if (keys[type][first] == OCKAM_KEY_ID_NONE) {
        for (size_t i = 0; i < 32; i++)
            secret.bytes[i] = (uint8_t)(first + i);
        if (ockam_vault_import_signing_key(identity_fuzz_vault(), type, &secret, OCKAM_EPHEMERAL, &keys[type][first],
                                           NULL) != OCKAM_OK)
            abort();
    }
    return keys[type][first];
}

ockam_identity_t *identity_fuzz_authority(void)
{
    static ockam_identity_t       *authority;
    const ockam_identity_options_t options = {.key = identity_fuzz_key(OCKAM_ED25519, 0), .ttl_s = 315360000};

    if (authority == NULL &&
        ockam_identity_create(identity_fuzz_vault(), 1700000000, &options, &authority, NULL) != OCKAM_OK)
        abort();
    return authority;
}

uint8_t identity_fuzz_byte(identity_fuzz_input_t *in)
{
    if (in->len == 0)
        return 0;
    in->len--;
    return *in->ptr++;
}

void identity_fuzz_mutate(identity_fuzz_input_t *in, ockam_buf_t *data)
{
    const unsigned how = identity_fuzz_byte(in);

    for (unsigned i = 0; i < how % 4 && data->len > 0; i++) {
        const size_t at = identity_fuzz_byte(in) % data->len;
        data->ptr[at]   = identity_fuzz_byte(in);
    }
    if (how & 64u)
        ockam_buf_truncate(data, data->len - identity_fuzz_byte(in) % (data->len + 1));
    if (how & 128u) {
        const ockam_status_t s = ockam_buf_append_byte(data, identity_fuzz_byte(in), NULL);
        assert(s == OCKAM_OK);
    }
}
