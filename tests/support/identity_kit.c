/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_kit.c - what the tests of identities share. */
#include "identity_kit.h"

#include "identity/signed_data.h"
#include "test.h"

ockam_status_t kit_vault_new(const ockam_allocator_t *allocator, ockam_store_t *store, ockam_vault_t **out)
{
    static fixed_random_t         random; /* goes on from the seed of the newest vault */
    static uint64_t               seed;
    const ockam_provider_t *const providers[] = {ockam_provider_sodium(), ockam_provider_openssl(), NULL};

    fixed_random_seed(&random, ++seed);
    return ockam_vault_new(&(ockam_vault_options_t){.allocator      = allocator,
                                                    .providers      = providers,
                                                    .random         = fixed_random_fill,
                                                    .random_context = &random,
                                                    .store          = store},
                           out, NULL);
}

ockam_vault_t *kit_vault(ockam_store_t *store)
{
    ockam_vault_t *vault = NULL;

    assert_ok(kit_vault_new(ockam_allocator_malloc(), store, &vault));
    return vault;
}

ockam_store_t *kit_store(void)
{
    ockam_store_t *store = NULL;

    assert_ok(ockam_store_memory(ockam_allocator_malloc(), &store, NULL));
    return store;
}

static ockam_secret_t secret_of(ockam_slice_t bytes)
{
    ockam_secret_t secret = {.len = bytes.len};

    assert_int_equal(bytes.len, 32);
    memcpy(secret.bytes, bytes.ptr, bytes.len);
    return secret;
}

ockam_key_id_t kit_signing_key(ockam_vault_t *vault, ockam_signing_type_t type, ockam_slice_t secret)
{
    const ockam_secret_t bytes = secret_of(secret);
    ockam_key_id_t       key   = OCKAM_KEY_ID_NONE;

    assert_ok(ockam_vault_import_signing_key(vault, type, &bytes, OCKAM_EPHEMERAL, &key, NULL));
    return key;
}

ockam_key_id_t kit_x25519_key(ockam_vault_t *vault, ockam_slice_t secret)
{
    const ockam_secret_t bytes = secret_of(secret);
    ockam_key_id_t       key   = OCKAM_KEY_ID_NONE;

    assert_ok(ockam_vault_import_x25519(vault, &bytes, OCKAM_EPHEMERAL, &key, NULL));
    return key;
}

ockam_key_id_t kit_key(ockam_vault_t *vault, ockam_signing_type_t type, uint8_t byte)
{
    uint8_t bytes[32];

    memset(bytes, byte, sizeof(bytes));
    return kit_signing_key(vault, type, ockam_slice(bytes, sizeof(bytes)));
}

ockam_signing_type_t kit_type(const char *name)
{
    if (strcmp(name, "EdDSACurve25519") == 0)
        return OCKAM_ED25519;
    assert_string_equal(name, "ECDSASHA256CurveP256");
    return OCKAM_P256;
}

const json_t *kit_entry(const vectors_t *vectors, const char *id)
{
    const json_t *all = vectors_get(vectors, vectors_root(vectors), "vectors");
    size_t        i;
    json_t       *entry;

    json_array_foreach(all, i, entry)
    {
        if (strcmp(vectors_string(vectors, entry, "id"), id) == 0)
            return entry;
    }
    fail_msg("identity.json: no entry %s", id);
    return NULL;
}

ockam_change_history_t *kit_history(ockam_vault_t *vault, vectors_t *vectors, const char *id)
{
    ockam_change_history_t *history = NULL;
    ockam_error_t           err     = {0};

    assert_ok_err(ockam_change_history_verify(vault, vectors_hex(vectors, kit_entry(vectors, id), "change_history"),
                                              NULL, &history, &err),
                  &err);
    return history;
}

/* ---- structures ------------------------------------------------------------------------------------------------- */

void kit_write_signed(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key, ockam_slice_t data)
{
    assert_ok(ockam_write_signed(out, vault, key, data, NULL));
}

void kit_write_data(ockam_buf_t *out, uint64_t version, uint64_t type, ockam_slice_t content)
{
    assert_ok(ockam_cbor_write_array(out, 3, NULL));
    assert_ok(ockam_cbor_write_uint(out, version, NULL));
    assert_ok(ockam_cbor_write_uint(out, type, NULL));
    assert_ok(ockam_cbor_write_bytes(out, content, NULL));
}

static void write_hash(ockam_buf_t *out, const uint8_t *hash)
{
    if (hash == NULL)
        assert_ok(ockam_cbor_write_null(out, NULL));
    else
        assert_ok(ockam_cbor_write_bytes(out, ockam_slice(hash, 32), NULL));
}

static void write_wrapped(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key, uint64_t type,
                          const ockam_buf_t *content)
{
    uint8_t     storage[4096];
    ockam_buf_t data;

    ockam_buf_init_fixed(&data, storage, sizeof(storage));
    kit_write_data(&data, 1, type, ockam_buf_view(content));
    kit_write_signed(out, vault, key, ockam_buf_view(&data));
}

void kit_write_attestation(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key, const uint8_t *subject,
                           const uint8_t *latest_hash, const ockam_attestation_t *says)
{
    uint8_t     storage[512];
    ockam_buf_t content;

    ockam_buf_init_fixed(&content, storage, sizeof(storage));
    assert_ok(ockam_cbor_write_array(&content, 5, NULL));
    write_hash(&content, subject);
    write_hash(&content, latest_hash);
    assert_ok(ockam_cbor_write_variant(&content, (uint64_t)says->purpose, 1, NULL));
    if (says->purpose == OCKAM_PURPOSE_SECURE_CHANNEL)
        write_hash(&content, says->x25519);
    else
        assert_ok(ockam_write_public_key(&content, &says->signing_key, NULL));
    assert_ok(ockam_cbor_write_uint(&content, says->created_at_s, NULL));
    assert_ok(ockam_cbor_write_uint(&content, says->expires_at_s, NULL));
    write_wrapped(out, vault, key, OCKAM_DATA_ATTESTATION, &content);
}

void kit_write_credential(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key, const kit_credential_t *says,
                          ockam_slice_t attestation)
{
    uint8_t     storage[4000];
    ockam_buf_t content;

    ockam_buf_init_fixed(&content, storage, sizeof(storage));
    assert_ok(ockam_cbor_write_array(&content, 5, NULL));
    write_hash(&content, says->subject);
    write_hash(&content, says->latest_hash);
    assert_ok(ockam_cbor_write_array(&content, 2, NULL));
    assert_ok(ockam_cbor_write_uint(&content, says->schema, NULL));
    assert_ok(ockam_cbor_write_map(&content, says->count, NULL));
    for (size_t i = 0; i < says->count; i++) {
        assert_ok(ockam_cbor_write_bytes(&content, says->attributes[i].key, NULL));
        assert_ok(ockam_cbor_write_bytes(&content, says->attributes[i].value, NULL));
    }
    assert_ok(ockam_cbor_write_uint(&content, says->created_at_s, NULL));
    assert_ok(ockam_cbor_write_uint(&content, says->expires_at_s, NULL));
    assert_ok(ockam_cbor_write_array(out, 2, NULL));
    write_wrapped(out, vault, key, OCKAM_DATA_CREDENTIAL, &content);
    assert_ok(ockam_buf_append(out, attestation, NULL));
}
