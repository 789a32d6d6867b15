/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_peers.c - peers and puppets for the tests of handshakes. */
#include "channel_peers.h"

#include "test.h"
#include "wire/cbor.h"

/* ---- peers ------------------------------------------------------------------------------------------------------- */

static void start(channel_peer_t *peer, uint64_t seed)
{
    memset(peer, 0, sizeof(*peer));
    fixed_random_seed(&peer->random, seed);
    peer->vault = channel_vault(ockam_allocator_malloc(), fixed_random_fill, &peer->random);
    assert_ok(ockam_store_memory(ockam_allocator_malloc(), &peer->store, NULL));
}

void channel_peer_start(channel_peer_t *peer, ockam_signing_type_t type, uint64_t seed)
{
    start(peer, seed);
    assert_ok(ockam_vault_generate_signing_key(peer->vault, type, OCKAM_EPHEMERAL, &peer->signing_key, NULL));
    assert_ok(ockam_identity_create(peer->vault, CHANNEL_NOW - 86400,
                                    &(ockam_identity_options_t){.key = peer->signing_key, .type = type},
                                    &peer->identity, NULL));
}

void channel_peer_import(channel_peer_t *peer, ockam_slice_t signing_secret, ockam_slice_t history,
                         ockam_slice_t static_secret, ockam_slice_t attestation)
{
    ockam_secret_t      secret = {.len = signing_secret.len};
    ockam_attestation_t said;
    ockam_slice_t       made;
    ockam_key_id_t      key;

    start(peer, 1);
    memcpy(secret.bytes, signing_secret.ptr, signing_secret.len);
    assert_ok(
        ockam_vault_import_signing_key(peer->vault, OCKAM_ED25519, &secret, OCKAM_EPHEMERAL, &peer->signing_key, NULL));
    assert_ok(ockam_identity_import(peer->vault, history, &(ockam_identity_options_t){.key = peer->signing_key},
                                    &peer->identity, NULL));
    /* Its times stand in the recorded attestation itself; any time in between makes it valid. */
    const uint64_t from = ockam_change_history_valid_from_s(ockam_identity_history(peer->identity));
    assert_ok(ockam_attestation_verify(peer->vault, attestation, ockam_identity_history(peer->identity), from + 3600,
                                       &said, NULL));
    key = channel_vault_x25519(peer->vault, static_secret, NULL);
    assert_ok(ockam_identity_set_purpose_key(peer->identity, OCKAM_PURPOSE_SECURE_CHANNEL,
                                             &(ockam_purpose_key_options_t){.key          = key,
                                                                            .created_at_s = said.created_at_s,
                                                                            .expires_at_s = said.expires_at_s},
                                             NULL));
    ockam_vault_forget(peer->vault, key);
    assert_ok(ockam_identity_secure_channel_key(peer->identity, from + 3600, &key, &made, NULL));
    assert_slice_equal(made, attestation);
}

void channel_peer_end(channel_peer_t *peer)
{
    ockam_identity_free(peer->identity);
    ockam_vault_forget(peer->vault, peer->signing_key);
    ockam_verified_cache_free(peer->cache);
    ockam_store_free(peer->store);
    ockam_vault_free(peer->vault);
}

ockam_handshake_options_t channel_peer_options(channel_peer_t *peer, ockam_role_t role)
{
    const ockam_handshake_options_t options = {
        .role     = role,
        .vault    = peer->vault,
        .identity = peer->identity,
        .trust    = OCKAM_TRUST_EVERYONE,
        .store    = peer->store,
        .cache    = peer->cache,
    };
    return options;
}

ockam_handshake_t *channel_peer_handshake(channel_peer_t *peer, ockam_role_t role)
{
    const ockam_handshake_options_t options = channel_peer_options(peer, role);
    ockam_handshake_t              *hs      = NULL;

    assert_ok(ockam_handshake_new(&options, &hs, NULL));
    return hs;
}

ockam_slice_t channel_peer_history(const channel_peer_t *peer)
{
    return ockam_change_history_view(ockam_identity_history(peer->identity));
}

ockam_slice_t channel_peer_attestation(channel_peer_t *peer)
{
    ockam_key_id_t key;
    ockam_slice_t  attestation = {NULL, 0};

    assert_ok(ockam_identity_secure_channel_key(peer->identity, CHANNEL_NOW, &key, &attestation, NULL));
    return attestation;
}

bool channel_peer_knows(channel_peer_t *peer, const channel_peer_t *other)
{
    ockam_change_history_t *history = NULL;
    const ockam_status_t s = ockam_identities_load(peer->store, peer->vault, ockam_identity_identifier(other->identity),
                                                   &history, NULL);

    ockam_change_history_free(history);
    assert_true(s == OCKAM_OK || s == OCKAM_NOT_FOUND);
    return s == OCKAM_OK;
}

void channel_buf_init(ockam_buf_t *buf)
{
    ockam_buf_init(buf, ockam_allocator_malloc(), OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
}

/* ---- puppets ----------------------------------------------------------------------------------------------------- */

void channel_puppet_start(channel_puppet_t *puppet, channel_peer_t *peer, ockam_role_t role)
{
    static const uint8_t no_key[OCKAM_NOISE_KEY_BYTES];
    ockam_slice_t        attestation;

    memset(puppet, 0, sizeof(*puppet));
    puppet->peer        = peer;
    puppet->role        = role;
    puppet->tools.vault = peer->vault;
    assert_ok(ockam_aead_new(peer->vault, ockam_noise_xx_suite.aead, no_key, &puppet->tools.aead, NULL));
    ockam_noise_start(&puppet->xx.noise, &puppet->tools, &ockam_noise_xx_suite);
    assert_ok(ockam_identity_secure_channel_key(peer->identity, CHANNEL_NOW, &puppet->xx.s, &attestation, NULL));
    assert_ok(ockam_vault_x25519_public(peer->vault, puppet->xx.s, puppet->xx.s_public, NULL));
    assert_ok(ockam_vault_generate_x25519(peer->vault, OCKAM_EPHEMERAL, &puppet->xx.e, NULL));
    assert_ok(ockam_vault_x25519_public(peer->vault, puppet->xx.e, puppet->xx.e_public, NULL));
}

void channel_puppet_end(channel_puppet_t *puppet)
{
    ockam_vault_forget(puppet->peer->vault, puppet->xx.e);
    ockam_aead_free(puppet->tools.aead);
}

void channel_puppet_message(channel_puppet_t *puppet, ockam_handshake_t *hs, ockam_slice_t payload,
                            ockam_buf_t *message)
{
    const ockam_slice_t nothing = ockam_slice(NULL, 0);
    ockam_buf_t         m1, m2, theirs;

    channel_buf_init(&m1);
    channel_buf_init(&m2);
    channel_buf_init(&theirs);
    assert_ok(ockam_handshake_start(hs, CHANNEL_NOW, &m1, NULL));
    if (puppet->role == OCKAM_RESPONDER) {
        assert_ok(ockam_noise_xx_read_1(&puppet->xx, &puppet->tools, ockam_buf_view(&m1), &theirs, NULL));
        assert_ok(ockam_noise_xx_write_2(&puppet->xx, &puppet->tools, payload, message, NULL));
    } else {
        assert_int_equal(m1.len, 0);
        assert_ok(ockam_noise_xx_write_1(&puppet->xx, &puppet->tools, nothing, &m1, NULL));
        assert_ok(ockam_handshake_receive(hs, ockam_buf_view(&m1), CHANNEL_NOW, &m2, NULL));
        assert_ok(ockam_noise_xx_read_2(&puppet->xx, &puppet->tools, ockam_buf_view(&m2), &theirs, NULL));
        assert_ok(ockam_noise_xx_write_3(&puppet->xx, &puppet->tools, payload, message, NULL));
    }
    ockam_buf_deinit(&m1);
    ockam_buf_deinit(&m2);
    ockam_buf_deinit(&theirs);
}

/* ---- payloads ---------------------------------------------------------------------------------------------------- */

void channel_payload(ockam_buf_t *out, ockam_slice_t history, ockam_slice_t attestation,
                     const ockam_slice_t *credentials, size_t count)
{
    assert_ok(ockam_cbor_write_array(out, 3, NULL));
    assert_ok(ockam_buf_append(out, history, NULL));
    assert_ok(ockam_buf_append(out, attestation, NULL));
    assert_ok(ockam_cbor_write_array(out, count, NULL));
    for (size_t i = 0; i < count; i++)
        assert_ok(ockam_buf_append(out, credentials[i], NULL));
}

channel_attestation_t channel_attestation_of(channel_peer_t *peer)
{
    const ockam_change_history_t *history = ockam_identity_history(peer->identity);
    channel_attestation_t         result  = {.subject      = *ockam_identity_identifier(peer->identity),
                                             .created_at_s = CHANNEL_NOW - 10,
                                             .expires_at_s = CHANNEL_NOW + 3600,
                                             .version      = 1,
                                             .data_type    = 2};
    ockam_slice_t                 attestation;
    ockam_key_id_t                key;

    memcpy(result.latest_hash, ockam_change_history_latest_hash(history), sizeof(result.latest_hash));
    assert_ok(ockam_identity_secure_channel_key(peer->identity, CHANNEL_NOW, &key, &attestation, NULL));
    assert_ok(ockam_vault_x25519_public(peer->vault, key, result.x25519, NULL));
    return result;
}

void channel_attestation_sign(channel_peer_t *peer, ockam_key_id_t key, const channel_attestation_t *attestation,
                              ockam_buf_t *out)
{
    const ockam_slice_t nothing = ockam_slice(NULL, 0);
    ockam_buf_t         body, data;
    uint8_t             hash[OCKAM_SHA256_BYTES];
    ockam_signature_t   signature;

    channel_buf_init(&body);
    channel_buf_init(&data);
    assert_ok(ockam_cbor_write_array(&body, 5, NULL));
    assert_ok(ockam_cbor_write_bytes(&body, ockam_identifier_view(&attestation->subject), NULL));
    assert_ok(ockam_cbor_write_bytes(&body, ockam_slice(attestation->latest_hash, 32), NULL));
    assert_ok(ockam_cbor_write_variant(&body, 0, 1, NULL));
    assert_ok(ockam_cbor_write_bytes(&body, ockam_slice(attestation->x25519, 32), NULL));
    assert_ok(ockam_cbor_write_uint(&body, attestation->created_at_s, NULL));
    assert_ok(ockam_cbor_write_uint(&body, attestation->expires_at_s, NULL));
    assert_ok(ockam_cbor_write_array(&data, 3, NULL));
    assert_ok(ockam_cbor_write_uint(&data, attestation->version, NULL));
    assert_ok(ockam_cbor_write_uint(&data, attestation->data_type, NULL));
    assert_ok(ockam_cbor_write_bytes(&data, ockam_buf_view(&body), NULL));
    ockam_vault_sha256(peer->vault, ockam_buf_view(&data), nothing, hash);
    assert_ok(ockam_vault_sign(peer->vault, key, ockam_slice(hash, sizeof(hash)), &signature, NULL));
    assert_ok(ockam_cbor_write_array(out, 2, NULL));
    assert_ok(ockam_cbor_write_bytes(out, ockam_buf_view(&data), NULL));
    assert_ok(ockam_cbor_write_variant(out, signature.type, 1, NULL));
    assert_ok(ockam_cbor_write_bytes(out, ockam_slice(signature.bytes, sizeof(signature.bytes)), NULL));
    ockam_buf_deinit(&body);
    ockam_buf_deinit(&data);
}

void channel_handshake_run(ockam_handshake_t *initiator, ockam_handshake_t *responder)
{
    ockam_handshake_t *to = responder, *from = initiator;
    ockam_buf_t        in, out;

    channel_buf_init(&in);
    channel_buf_init(&out);
    assert_ok(ockam_handshake_start(responder, CHANNEL_NOW, &in, NULL));
    assert_int_equal(in.len, 0);
    assert_ok(ockam_handshake_start(initiator, CHANNEL_NOW, &in, NULL));
    while (in.len > 0) {
        ockam_error_t err = {.status = OCKAM_OK};
        assert_ok_err(ockam_handshake_receive(to, ockam_buf_view(&in), CHANNEL_NOW, &out, &err), &err);
        ockam_buf_deinit(&in);
        in = out;
        channel_buf_init(&out);
        ockam_handshake_t *const was = to;
        to                           = from;
        from                         = was;
    }
    ockam_buf_deinit(&in);
    ockam_buf_deinit(&out);
    assert_int_equal(ockam_handshake_state(initiator), OCKAM_HANDSHAKE_READY);
    assert_int_equal(ockam_handshake_state(responder), OCKAM_HANDSHAKE_READY);
}
