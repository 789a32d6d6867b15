/* SPDX-License-Identifier: Apache-2.0
 *
 * peer.c - the proof of identity, and what is stored once it is accepted.
 * Protocol: docs/protocol/secure-channels.md, "Checks, in this order"; docs/protocol/identities.md. No clock. */
#include "channel/peer.h"

ockam_status_t ockam_peer_verify(const ockam_peer_check_t *check, ockam_slice_t bytes,
                                 const uint8_t static_public[OCKAM_X25519_BYTES], uint64_t now_s,
                                 ockam_identity_payload_t *payload, ockam_change_history_t **history,
                                 ockam_error_t *err)
{
    ockam_change_history_t *candidate = NULL;
    ockam_attestation_t     attestation;
    ockam_status_t          s;

    /* V1: the payload decodes */
    OCKAM_TRY(err, ockam_identity_payload_decode(bytes, payload, err), "identity payload");
    /* V2 to V4: versions and types, chain, signatures of the history;
     * V6 to V9: type and subject, newest change, times, signature of the attestation. V7 asks for the newest change of the
     * history that will be stored if V5 lets it: that is the candidate. */
    OCKAM_TRY(err,
              ockam_verified_cache_verify(check->cache, check->vault, payload->history, payload->attestation, now_s,
                                          &candidate, &attestation, err),
              "identity");
    /* V5: not older than the known history, and no contradiction to it; before anybody is asked to trust its owner */
    s = check->store != NULL ? ockam_identities_compare(check->store, check->vault, candidate, NULL, err) : OCKAM_OK;
    if (s != OCKAM_OK)
        goto done;
    /* V10: an X25519 key, and the one that this handshake has authenticated */
    if (attestation.purpose != OCKAM_PURPOSE_SECURE_CHANNEL)
        s = ockam_fail(err, OCKAM_NOT_AUTHENTIC, "the attested key is not for secure channels");
    else if (memcmp(attestation.x25519, static_public, OCKAM_X25519_BYTES) != 0)
        s = ockam_fail(err, OCKAM_NOT_AUTHENTIC, "the attested key is not the one of this handshake");
    if (s != OCKAM_OK)
        goto done;
    *history  = candidate;
    candidate = NULL;
done:
    ockam_change_history_free(candidate);
    return s;
}

/* V12 for one credential. */
static ockam_status_t accept_credential(const ockam_peer_check_t *check, const ockam_identifier_t *peer,
                                        ockam_slice_t encoded, uint64_t now_s, ockam_credential_t *credential,
                                        bool *verified, ockam_error_t *err)
{
    if (check->authority == NULL)
        return ockam_fail(err, OCKAM_DENIED, "no authority is configured");
    OCKAM_TRY(err, ockam_credential_verify(check->vault, encoded, check->authority, peer, now_s, credential, err),
              "credential");
    *verified = true;
    if (check->store != NULL)
        OCKAM_TRY(err,
                  ockam_attributes_store(check->store, ockam_vault_allocator(check->vault), credential, now_s, err),
                  "attributes");
    return OCKAM_OK;
}

ockam_status_t ockam_peer_accept(const ockam_peer_check_t *check, const ockam_change_history_t *history,
                                 const ockam_slice_t *credentials, size_t count, uint64_t now_s,
                                 ockam_credential_counts_t *counts, ockam_error_t *err)
{
    const ockam_identifier_t *peer = ockam_change_history_identifier(history);

    if (check->store != NULL)
        OCKAM_TRY(err, ockam_identities_update(check->store, check->vault, history, NULL, err), "change history");
    counts->presented = count;
    for (size_t i = 0; i < count && i < OCKAM_CREDENTIALS_MAX; i++) {
        ockam_credential_t credential;
        ockam_error_t      why      = {.status = OCKAM_OK};
        bool               verified = false;
        /* A bad one is reported and does no harm; of several good ones the last counts. */
        const ockam_status_t s = accept_credential(check, peer, credentials[i], now_s, &credential, &verified, &why);
        if (s == OCKAM_OK)
            counts->accepted++;
        if (check->on_credential != NULL)
            check->on_credential(check->credential_context, &(ockam_credential_report_t){
                                                                .peer       = peer,
                                                                .index      = i,
                                                                .status     = s,
                                                                .credential = verified ? &credential : NULL,
                                                                .err        = s == OCKAM_OK ? NULL : &why,
                                                            });
    }
    return OCKAM_OK;
}

ockam_status_t ockam_refresh_verify(const ockam_refresh_options_t *options, ockam_slice_t history,
                                    const ockam_slice_t *credentials, size_t count, uint64_t now_s,
                                    ockam_credential_counts_t *counts, ockam_error_t *err)
{
    const ockam_peer_check_t check = {
        .vault              = options->vault,
        .store              = options->store,
        .authority          = options->authority,
        .on_credential      = options->on_credential,
        .credential_context = options->credential_context,
    };
    ockam_credential_counts_t none     = {0, 0};
    ockam_change_history_t   *verified = NULL;
    ockam_status_t            s;

    if (options->vault == NULL || options->peer == NULL)
        return ockam_fail(err, OCKAM_INVALID, "vault or peer missing");
    /* V2 to V4, and the identity must be the one that the handshake has proven */
    OCKAM_TRY(err, ockam_change_history_verify(options->vault, history, options->peer, &verified, err), "history");
    /* V5, V12 */
    s = ockam_peer_accept(&check, verified, credentials, count, now_s, &none, err);
    ockam_change_history_free(verified);
    if (s == OCKAM_OK && counts != NULL)
        *counts = none;
    return s;
}
