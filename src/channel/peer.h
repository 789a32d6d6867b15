/* SPDX-License-Identifier: Apache-2.0
 *
 * peer.h - is the other end who it says it is? The checks V1 to V12 that every key exchange shares, in their order. */
#ifndef OCKAM_CHANNEL_PEER_H
#define OCKAM_CHANNEL_PEER_H

#include "channel/identity_payload.h"
#include "ockam/handshake.h"

/** What peers are checked with. Borrowed. */
typedef struct {
    ockam_vault_t                *vault;
    ockam_store_t                *store;         /* may be NULL */
    ockam_verified_cache_t       *cache;         /* may be NULL */
    const ockam_change_history_t *authority;     /* may be NULL */
    ockam_credential_fn           on_credential; /* may be NULL */
    void                         *credential_context;
} ockam_peer_check_t;

/**
 * V1 to V10: the payload of a peer that holds the X25519 key `static_public`. Nothing is stored.
 * @param history  one reference
 */
OCKAM_NODISCARD ockam_status_t ockam_peer_verify(const ockam_peer_check_t *check, ockam_slice_t bytes,
                                                 const uint8_t static_public[OCKAM_X25519_BYTES], uint64_t now_s,
                                                 ockam_identity_payload_t *payload, ockam_change_history_t **history,
                                                 ockam_error_t *err);
/**
 * The rest of V5, and V12, for a peer that is trusted: remember its history, then look at its credentials, of which the
 * first OCKAM_CREDENTIALS_MAX of `count` are in the array. Only the former can fail.
 */
OCKAM_NODISCARD ockam_status_t ockam_peer_accept(const ockam_peer_check_t *check, const ockam_change_history_t *history,
                                                 const ockam_slice_t *credentials, size_t count, uint64_t now_s,
                                                 ockam_credential_counts_t *counts, ockam_error_t *err);

#endif
