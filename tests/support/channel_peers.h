/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_peers.h - who takes part in the handshakes of the tests: peers with everything they own, and puppets, which speak
 * Noise XX correctly and put into it whatever a test wants. */
#ifndef OCKAM_TEST_CHANNEL_PEERS_H
#define OCKAM_TEST_CHANNEL_PEERS_H

#include "channel/noise_xx.h"
#include "channel_vault.h"
#include "fixed_random.h"
#include "ockam/handshake.h"

/** The time of all tests that do not say otherwise; fresh identities are a day older. */
#define CHANNEL_NOW 1700000100u

typedef struct {
    fixed_random_t          random;
    ockam_vault_t          *vault;
    ockam_store_t          *store; /* what it knows about others */
    ockam_identity_t       *identity;
    ockam_key_id_t          signing_key;
    ockam_verified_cache_t *cache; /* NULL; a test may set it: freed with the peer */
} channel_peer_t;

/** A peer with a fresh identity; everything depends on `seed` alone. */
void channel_peer_start(channel_peer_t *peer, ockam_signing_type_t type, uint64_t seed);
/** A peer from recorded secrets; its attestation, made anew, must be the recorded one. */
void channel_peer_import(channel_peer_t *peer, ockam_slice_t signing_secret, ockam_slice_t history,
                         ockam_slice_t static_secret, ockam_slice_t attestation);
void channel_peer_end(channel_peer_t *peer);

/** Its handshake: everyone trusted, its store; change what is to differ and call ockam_handshake_new(). */
ockam_handshake_options_t channel_peer_options(channel_peer_t *peer, ockam_role_t role);
ockam_handshake_t        *channel_peer_handshake(channel_peer_t *peer, ockam_role_t role);
ockam_slice_t             channel_peer_history(const channel_peer_t *peer);
/** Its attestation for secure channels, lent until the identity is asked again. */
ockam_slice_t channel_peer_attestation(channel_peer_t *peer);
/** Whether it has `other` in its store. */
bool channel_peer_knows(channel_peer_t *peer, const channel_peer_t *other);

/** A buffer for one message. */
void channel_buf_init(ockam_buf_t *buf);

/** One end of Noise XX with the static key of a peer, and no opinion about payloads. */
typedef struct {
    channel_peer_t     *peer;
    ockam_role_t        role;
    ockam_noise_tools_t tools;
    ockam_noise_xx_t    xx;
} channel_puppet_t;

void channel_puppet_start(channel_puppet_t *puppet, channel_peer_t *peer, ockam_role_t role);
void channel_puppet_end(channel_puppet_t *puppet);
/** Drive `hs`, fresh, of the other role, up to the message that carries the puppet's payload; append that message to
 *  `message` without feeding it. */
void channel_puppet_message(channel_puppet_t *puppet, ockam_handshake_t *hs, ockam_slice_t payload,
                            ockam_buf_t *message);

/** Append [history, attestation, [credentials...]], each part as it is given. */
void channel_payload(ockam_buf_t *out, ockam_slice_t history, ockam_slice_t attestation,
                     const ockam_slice_t *credentials, size_t count);

/** What an attestation says, to say it wrongly. */
typedef struct {
    ockam_identifier_t subject;
    uint8_t            latest_hash[OCKAM_SHA256_BYTES];
    uint8_t            x25519[OCKAM_X25519_BYTES];
    uint64_t           created_at_s, expires_at_s;
    uint64_t           version, data_type;
} channel_attestation_t;

/** A right one of the peer. */
channel_attestation_t channel_attestation_of(channel_peer_t *peer);
/** Append it encoded and signed with `key` of the peer's vault. */
void channel_attestation_sign(channel_peer_t *peer, ockam_key_id_t key, const channel_attestation_t *attestation,
                              ockam_buf_t *out);

/** Bring both handshakes from NEW to READY. */
void channel_handshake_run(ockam_handshake_t *initiator, ockam_handshake_t *responder);

#endif
