/* SPDX-License-Identifier: Apache-2.0
 *
 * handshake.c - drives a key exchange, and answers what it asks: who we are, who the peer is, whether he is trusted.
 * Protocol: docs/protocol/secure-channels.md. Knows no message and no number of messages. No I/O, no clock. */
#include "channel/data_phase.h"
#include "channel/peer.h"
#include "ockam/key_exchange.h"

typedef enum { ON_START, ON_MESSAGE, ON_ANSWER, ON_TAKE, HANDSHAKE_EVENTS } handshake_event_t;

/* Each event has exactly one state it belongs to; in all others it is out of order. */
static const ockam_handshake_state_t belongs_to[HANDSHAKE_EVENTS] = {
    [ON_START]   = OCKAM_HANDSHAKE_NEW,
    [ON_MESSAGE] = OCKAM_HANDSHAKE_WAITING,
    [ON_ANSWER]  = OCKAM_HANDSHAKE_UNDECIDED,
    [ON_TAKE]    = OCKAM_HANDSHAKE_READY,
};

struct ockam_handshake {
    const ockam_allocator_t        *allocator;
    const ockam_key_exchange_ops_t *ops;
    void                           *exchange; /* the key exchange's own state */
    ockam_handshake_state_t         state;
    ockam_role_t                    role;
    uint64_t                        now_s; /* of the present call */

    ockam_identity_t       *identity;
    ockam_change_history_t *authority;
    ockam_trust_policy_t    trust;
    ockam_peer_check_t      check;
    ockam_buf_t             credential; /* ours */
    ockam_buf_t             payload;    /* ours, encoded, from the start on */
    ockam_key_id_t          static_key; /* the identity's */
    uint8_t                 static_public[OCKAM_X25519_BYTES];

    ockam_change_history_t   *peer;    /* verified; trusted once READY */
    ockam_buf_t               pending; /* the peer's payload, while the trust policy thinks about it */
    ockam_credential_counts_t counts;
};

static ockam_change_history_t *history_ref(const ockam_change_history_t *history)
{
    return history != NULL ? ockam_change_history_ref(history) : NULL;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

/* Everything secret, and everything that a finished attempt has no use for. */
static void erase(ockam_handshake_t *hs)
{
    if (hs->exchange != NULL)
        hs->ops->wipe(hs->exchange, hs);
    ockam_buf_deinit(&hs->credential);
    ockam_buf_deinit(&hs->payload);
    ockam_buf_deinit(&hs->pending);
}

static void fail_for_good(ockam_handshake_t *hs)
{
    erase(hs);
    ockam_change_history_free(hs->peer);
    hs->peer  = NULL;
    hs->state = OCKAM_HANDSHAKE_FAILED;
}

ockam_status_t ockam_handshake_new(const ockam_handshake_options_t *options, ockam_handshake_t **out,
                                   ockam_error_t *err)
{
    const ockam_allocator_t *allocator;
    ockam_handshake_t       *hs;
    ockam_status_t           s;

    if (options->vault == NULL || options->identity == NULL)
        return ockam_fail(err, OCKAM_INVALID, "vault or identity missing");
    if (ockam_identity_vault(options->identity) != options->vault)
        return ockam_fail(err, OCKAM_INVALID, "the identity is of another vault");
    if (options->role != OCKAM_INITIATOR && options->role != OCKAM_RESPONDER)
        return ockam_fail(err, OCKAM_INVALID, "role %d", (int)options->role);
    OCKAM_TRY(err, ockam_trust_check(&options->trust, err), "trust policy");

    allocator = ockam_vault_allocator(options->vault);
    if ((hs = (ockam_handshake_t *)ockam_alloc(allocator, sizeof(*hs))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "handshake");
    hs->allocator = allocator;
    hs->ops       = options->key_exchange != NULL ? options->key_exchange : ockam_noise_xx();
    hs->role      = options->role;
    hs->trust     = options->trust;
    hs->identity  = ockam_identity_ref(options->identity);
    hs->authority = history_ref(options->authority);
    hs->check     = (ockam_peer_check_t){
            .vault              = options->vault,
            .store              = options->store,
            .cache              = options->cache,
            .authority          = hs->authority,
            .on_credential      = options->on_credential,
            .credential_context = options->credential_context,
    };
    ockam_buf_init(&hs->credential, allocator, OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    ockam_buf_init(&hs->payload, allocator, OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    ockam_buf_init(&hs->pending, allocator, OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    if ((hs->exchange = ockam_alloc(allocator, hs->ops->state_size)) == NULL)
        s = ockam_fail(err, OCKAM_NO_MEMORY, "key exchange %s", hs->ops->name);
    else
        s = ockam_buf_append(&hs->credential, options->credential, err);
    if (s != OCKAM_OK) {
        ockam_handshake_free(hs);
        return ockam_error_wrap(err, s, __func__, "handshake");
    }
    *out = hs;
    return OCKAM_OK;
}

void ockam_handshake_free(ockam_handshake_t *hs)
{
    if (hs == NULL)
        return;
    erase(hs);
    ockam_release(hs->allocator, hs->exchange, hs->ops->state_size);
    ockam_change_history_free(hs->peer);
    ockam_change_history_free(hs->authority);
    ockam_identity_free(hs->identity); /* after the exchange: the static key is the identity's */
    ockam_release(hs->allocator, hs, sizeof(*hs));
}

ockam_handshake_state_t ockam_handshake_state(const ockam_handshake_t *hs)
{
    return hs->state;
}

/* ---- events ----------------------------------------------------------------------------------------------------- */

/* In order, or not: nothing has happened yet if not. */
static ockam_status_t begin(ockam_handshake_t *hs, handshake_event_t event, uint64_t now_s, ockam_error_t *err)
{
    if (hs->state != belongs_to[event])
        return ockam_fail(err, OCKAM_OUT_OF_ORDER, "event %d in state %d", (int)event, (int)hs->state);
    hs->now_s = now_s;
    return OCKAM_OK;
}

/* What the key exchange has come to, as the state of the handshake. The only place that advances it on success. */
static ockam_status_t settle(ockam_handshake_t *hs, ockam_status_t s, ockam_buf_t *out, size_t mark)
{
    static const ockam_handshake_state_t states[] = {
        [OCKAM_KEY_EXCHANGE_WAITING]   = OCKAM_HANDSHAKE_WAITING,
        [OCKAM_KEY_EXCHANGE_UNDECIDED] = OCKAM_HANDSHAKE_UNDECIDED,
        [OCKAM_KEY_EXCHANGE_READY]     = OCKAM_HANDSHAKE_READY,
        [OCKAM_KEY_EXCHANGE_FAILED]    = OCKAM_HANDSHAKE_FAILED,
    };

    if (s != OCKAM_OK)
        ockam_buf_truncate(out, mark); /* a failed step says nothing to the peer */
    hs->state = states[hs->ops->progress(hs->exchange)];
    if (hs->state == OCKAM_HANDSHAKE_FAILED)
        fail_for_good(hs);
    return s;
}

/* Our attested key and the payload that shows it. */
static ockam_status_t prepare(ockam_handshake_t *hs, ockam_error_t *err)
{
    ockam_slice_t attestation;

    OCKAM_TRY(err, ockam_identity_secure_channel_key(hs->identity, hs->now_s, &hs->static_key, &attestation, err),
              "own key");
    OCKAM_TRY(err, ockam_vault_x25519_public(hs->check.vault, hs->static_key, hs->static_public, err), "own key");
    OCKAM_TRY(err,
              ockam_identity_payload_encode(ockam_change_history_view(ockam_identity_history(hs->identity)),
                                            attestation, ockam_buf_view(&hs->credential), &hs->payload, err),
              "own payload");
    return OCKAM_OK;
}

ockam_status_t ockam_handshake_start(ockam_handshake_t *hs, uint64_t now_s, ockam_buf_t *out, ockam_error_t *err)
{
    const size_t   mark = out->len;
    ockam_status_t s;

    if ((s = begin(hs, ON_START, now_s, err)) != OCKAM_OK)
        return s;
    if ((s = prepare(hs, err)) == OCKAM_OK && (s = hs->ops->start(hs->exchange, hs, out, err)) == OCKAM_OK)
        return settle(hs, s, out, mark);
    hs->ops->wipe(hs->exchange, hs); /* nothing has been said to anybody: it may be tried again */
    memset(hs->exchange, 0, hs->ops->state_size);
    ockam_buf_truncate(&hs->payload, 0);
    ockam_buf_truncate(out, mark);
    return ockam_error_wrap(err, s, __func__, "start");
}

ockam_status_t ockam_handshake_receive(ockam_handshake_t *hs, ockam_slice_t in, uint64_t now_s, ockam_buf_t *out,
                                       ockam_error_t *err)
{
    const size_t   mark = out->len;
    ockam_status_t s;

    if ((s = begin(hs, ON_MESSAGE, now_s, err)) != OCKAM_OK)
        return s;
    return settle(hs, hs->ops->receive(hs->exchange, hs, in, out, err), out, mark);
}

/* The peer is trusted: the parts of its payload that were waiting for that. */
static ockam_status_t accept_pending(ockam_handshake_t *hs, ockam_error_t *err)
{
    ockam_identity_payload_t payload;

    OCKAM_TRY(err, ockam_identity_payload_decode(ockam_buf_view(&hs->pending), &payload, err), "pending payload");
    OCKAM_TRY(err,
              ockam_peer_accept(&hs->check, hs->peer, payload.credentials, payload.credential_count, hs->now_s,
                                &hs->counts, err),
              "peer");
    ockam_buf_deinit(&hs->pending);
    return OCKAM_OK;
}

ockam_status_t ockam_handshake_resume(ockam_handshake_t *hs, bool trusted, uint64_t now_s, ockam_buf_t *out,
                                      ockam_error_t *err)
{
    const size_t   mark = out->len;
    ockam_status_t s;

    if ((s = begin(hs, ON_ANSWER, now_s, err)) != OCKAM_OK)
        return s;
    s = trusted ? accept_pending(hs, err) : ockam_fail(err, OCKAM_DENIED, "the trust policy's late answer");
    if (s != OCKAM_OK) {
        fail_for_good(hs);
        return s;
    }
    return settle(hs, hs->ops->resume(hs->exchange, hs, out, err), out, mark);
}

ockam_status_t ockam_handshake_take_keys(ockam_handshake_t *hs, ockam_sealer_t **sealer, ockam_opener_t **opener,
                                         ockam_error_t *err)
{
    ockam_key_exchange_keys_t keys;
    ockam_sealer_t           *new_sealer = NULL;
    ockam_opener_t           *new_opener = NULL;
    ockam_status_t            s;

    if ((s = begin(hs, ON_TAKE, hs->now_s, err)) != OCKAM_OK)
        return s;
    hs->ops->result(hs->exchange, &keys);
    if ((s = ockam_sealer_new(hs->check.vault, keys.send, &new_sealer, err)) == OCKAM_OK)
        s = ockam_opener_new(hs->check.vault, keys.receive, &new_opener, err);
    ockam_wipe(&keys, sizeof(keys));
    if (s != OCKAM_OK) {
        ockam_sealer_free(new_sealer);
        return ockam_error_wrap(err, s, __func__, "keys");
    }
    erase(hs);
    hs->state = OCKAM_HANDSHAKE_TAKEN;
    *sealer   = new_sealer;
    *opener   = new_opener;
    return OCKAM_OK;
}

/* ---- the peer --------------------------------------------------------------------------------------------------- */

const ockam_change_history_t *ockam_handshake_peer_history(const ockam_handshake_t *hs)
{
    const bool proven = hs->state == OCKAM_HANDSHAKE_UNDECIDED || hs->state == OCKAM_HANDSHAKE_READY ||
                        hs->state == OCKAM_HANDSHAKE_TAKEN;

    return proven ? hs->peer : NULL;
}

const ockam_identifier_t *ockam_handshake_peer(const ockam_handshake_t *hs)
{
    const ockam_change_history_t *history = ockam_handshake_peer_history(hs);

    return history != NULL ? ockam_change_history_identifier(history) : NULL;
}

ockam_credential_counts_t ockam_handshake_credentials(const ockam_handshake_t *hs)
{
    return hs->counts;
}

/* ---- what the key exchange asks ---------------------------------------------------------------------------------- */

ockam_role_t ockam_key_exchange_role(const ockam_handshake_t *hs)
{
    return hs->role;
}

ockam_vault_t *ockam_key_exchange_vault(const ockam_handshake_t *hs)
{
    return hs->check.vault;
}

uint64_t ockam_key_exchange_now(const ockam_handshake_t *hs)
{
    return hs->now_s;
}

ockam_key_id_t ockam_key_exchange_static_key(const ockam_handshake_t *hs)
{
    return hs->static_key;
}

const uint8_t *ockam_key_exchange_static_public(const ockam_handshake_t *hs)
{
    return hs->static_public;
}

ockam_slice_t ockam_key_exchange_payload(const ockam_handshake_t *hs)
{
    return ockam_buf_view(&hs->payload);
}

/* A peer that fails here must not be in the store (U7): V11 comes before anything is written. */
ockam_status_t ockam_key_exchange_check_peer(ockam_handshake_t *hs, ockam_slice_t bytes,
                                             const uint8_t static_public[OCKAM_X25519_BYTES], ockam_error_t *err)
{
    ockam_identity_payload_t payload;
    ockam_status_t           s;

    if (hs->peer != NULL)
        return ockam_fail(err, OCKAM_INTERNAL, "a second peer");
    /* V1 to V10 */
    OCKAM_TRY(err, ockam_peer_verify(&hs->check, bytes, static_public, hs->now_s, &payload, &hs->peer, err), "peer");
    /* V11 */
    s = ockam_trust_decide(&hs->trust, ockam_change_history_identifier(hs->peer), err);
    if (s == OCKAM_PENDING) {
        OCKAM_TRY(err, ockam_buf_append(&hs->pending, bytes, err), "pending payload");
        return OCKAM_PENDING;
    }
    OCKAM_TRY(err, s, "trust policy");
    /* V5's storing, V12 */
    OCKAM_TRY(err,
              ockam_peer_accept(&hs->check, hs->peer, payload.credentials, payload.credential_count, hs->now_s,
                                &hs->counts, err),
              "peer");
    return OCKAM_OK;
}
