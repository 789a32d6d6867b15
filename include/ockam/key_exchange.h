/* SPDX-License-Identifier: Apache-2.0
 *
 * key_exchange.h - for those who write another key exchange: the table a handshake drives, and what the table may ask of
 * the handshake. Applications need none of this.
 *
 * A key exchange knows its messages and nothing else of a channel. There is no negotiation: both peers are configured with
 * the same one. Source: docs/protocol/secure-channels.md, "Key exchange as a plug". */
#ifndef OCKAM_KEY_EXCHANGE_H
#define OCKAM_KEY_EXCHANGE_H

#include "ockam/handshake.h"

OCKAM_BEGIN_DECLS

/** Where a key exchange is, and so what may come next. */
typedef enum {
    OCKAM_KEY_EXCHANGE_WAITING,   /* for a message */
    OCKAM_KEY_EXCHANGE_UNDECIDED, /* ockam_key_exchange_check_peer() said OCKAM_PENDING: for resume() */
    OCKAM_KEY_EXCHANGE_READY,     /* result() has keys */
    OCKAM_KEY_EXCHANGE_FAILED     /* over */
} ockam_key_exchange_progress_t;

/** The two keys of a channel. */
typedef struct {
    uint8_t send[32];
    uint8_t receive[32];
} ockam_key_exchange_keys_t;

/**
 * One kind of key exchange. `state` is `state_size` bytes, zeroed before start(), kept and released by the handshake.
 *
 * Rules. A message that fails before it is known to be the peer's leaves the state as it was, and progress() WAITING.
 * From then on every failure makes progress() FAILED. Whoever the peer claims to be goes through
 * ockam_key_exchange_check_peer() before READY. At most one message is appended to `out` per call; what a failed call has
 * appended is taken back by the handshake. No call is made in a progress it does not belong to.
 */
struct ockam_key_exchange_ops {
    const char *name; /* for logs: "xx" */
    size_t      state_size;

    /** After a failure it is wiped, zeroed, and may be called again. */
    ockam_status_t (*start)(void *state, ockam_handshake_t *hs, ockam_buf_t *out, ockam_error_t *err);
    /** @return OCKAM_PENDING, from ockam_key_exchange_check_peer(), with progress() UNDECIDED; others. */
    ockam_status_t (*receive)(void *state, ockam_handshake_t *hs, ockam_slice_t in, ockam_buf_t *out,
                              ockam_error_t *err);
    /** The peer is trusted after all. (If it is not, the handshake ends without asking the key exchange.) */
    ockam_status_t (*resume)(void *state, ockam_handshake_t *hs, ockam_buf_t *out, ockam_error_t *err);
    ockam_key_exchange_progress_t (*progress)(const void *state);
    /** In READY; what it writes is wiped by the handshake. */
    void (*result)(const void *state, ockam_key_exchange_keys_t *keys);
    /** Erase everything and forget secrets in the vault. Safe in every progress, on a zeroed state, and twice. */
    void (*wipe)(void *state, ockam_handshake_t *hs);
};

/* ---- what a key exchange asks of its handshake, during a call of its own ------------------------------------------ */

OCKAM_API ockam_role_t   ockam_key_exchange_role(const ockam_handshake_t *hs);
OCKAM_API ockam_vault_t *ockam_key_exchange_vault(const ockam_handshake_t *hs);
/** The time that the present call of the handshake was given. */
OCKAM_API uint64_t ockam_key_exchange_now(const ockam_handshake_t *hs);
/** Our attested X25519 key; its secret is not to be forgotten by the key exchange. */
OCKAM_API ockam_key_id_t ockam_key_exchange_static_key(const ockam_handshake_t *hs);
OCKAM_API const uint8_t *ockam_key_exchange_static_public(const ockam_handshake_t *hs);
/** Our identity payload: history, attestation, credential. Lent until the handshake ends. */
OCKAM_API ockam_slice_t ockam_key_exchange_payload(const ockam_handshake_t *hs);
/**
 * Check the identity payload of a peer that has proven, by this very exchange, to hold the X25519 key `static_public`:
 * everything in "Checks, in this order", the trust policy included. If all is well the peer is stored.
 * @return OCKAM_OK; OCKAM_PENDING (go to UNDECIDED); others (go to FAILED), as ockam_handshake_receive() documents.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_key_exchange_check_peer(ockam_handshake_t *hs, ockam_slice_t payload,
                                                                       const uint8_t  static_public[OCKAM_X25519_BYTES],
                                                                       ockam_error_t *err);

OCKAM_END_DECLS

#endif
