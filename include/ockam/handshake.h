/* SPDX-License-Identifier: Apache-2.0
 *
 * handshake.h - the heart of a secure channel, without a network: two peers prove their identities to each other and get
 * keys; a sealer and an opener then protect messages with them. For devices, and for the node, which carries the bytes.
 *
 *     ockam_handshake_new(&(ockam_handshake_options_t){.role = OCKAM_INITIATOR, .vault = vault, .identity = me,
 *                                                      .trust = OCKAM_TRUST_EVERYONE}, &hs, err);
 *     ockam_handshake_start(hs, now_s, &out, err);           send `out`, if it holds anything, to the peer
 *     ockam_handshake_receive(hs, message, now_s, &out, err);  for each message of the peer; send `out` again
 *     until ockam_handshake_is_ready(hs), then:
 *     ockam_handshake_take_keys(hs, &sealer, &opener, err);
 *     ockam_handshake_free(hs);
 *
 * Nothing here reads a clock: the time is an argument, in seconds since the Unix epoch, for the validity of attestations
 * and credentials. How many messages there are is the business of the key exchange alone (key_exchange.h).
 *
 * Source: docs/protocol/secure-channels.md. */
#ifndef OCKAM_HANDSHAKE_H
#define OCKAM_HANDSHAKE_H

#include "ockam/credential.h"
#include "ockam/identity.h"
#include "ockam/limits.h"

OCKAM_BEGIN_DECLS

/* ---- trust ------------------------------------------------------------------------------------------------------ */

/**
 * Says whether a proven identity is welcome. Called at most once in a handshake.
 * @return OCKAM_OK (yes); OCKAM_DENIED (no); OCKAM_PENDING (the answer will come through ockam_handshake_resume()).
 *         Anything else ends the handshake with that status.
 */
typedef ockam_status_t (*ockam_trust_fn)(void *context, const ockam_identifier_t *peer, ockam_error_t *err);

typedef enum {
    OCKAM_TRUST_UNSET = 0, /* refused by ockam_handshake_new(): whom to trust is always said */
    OCKAM_TRUST_KIND_EVERYONE,
    OCKAM_TRUST_KIND_IDENTIFIERS,
    OCKAM_TRUST_KIND_CALLBACK,
    OCKAM_TRUST_KIND_ALL_OF,
    OCKAM_TRUST_KIND_ANY_OF
} ockam_trust_kind_t;

/** Whom to have a channel with. A small value; what it points to is borrowed for as long as the policy is in use. Make it
 *  with one of the functions below. */
typedef struct ockam_trust_policy {
    ockam_trust_kind_t               kind;
    size_t                           count;       /* of identifiers or policies */
    const ockam_identifier_t        *identifiers; /* IDENTIFIERS */
    const struct ockam_trust_policy *policies;    /* ALL_OF, ANY_OF */
    ockam_trust_fn                   ask;         /* CALLBACK */
    void                            *context;     /* CALLBACK */
} ockam_trust_policy_t;

/**
 * Whether a policy can be asked at all.
 * @return OCKAM_OK; OCKAM_INVALID (unset, callback missing, empty combination, nested too deep).
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_trust_check(const ockam_trust_policy_t *policy, ockam_error_t *err);
/** Any proven identity. */
OCKAM_API ockam_trust_policy_t ockam_trust_everyone(void);
#define OCKAM_TRUST_EVERYONE ockam_trust_everyone()
/** The members of a set. An empty set is nobody. */
OCKAM_API ockam_trust_policy_t ockam_trust_identifiers(const ockam_identifier_t *identifiers, size_t count);
/** Whoever `ask` accepts. */
OCKAM_API ockam_trust_policy_t ockam_trust_callback(ockam_trust_fn ask, void *context);
/** Whoever all (any) of `count` policies accept; at least one, nested at most OCKAM_TRUST_DEPTH_MAX deep. They are asked
 *  in order until the answer is clear. While none of them decides and one answers later, the answer comes later. */
OCKAM_API ockam_trust_policy_t ockam_trust_all_of(const ockam_trust_policy_t *policies, size_t count);
OCKAM_API ockam_trust_policy_t ockam_trust_any_of(const ockam_trust_policy_t *policies, size_t count);
#define OCKAM_TRUST_DEPTH_MAX 8u

/** Ask a policy. @return OCKAM_OK; OCKAM_DENIED; OCKAM_PENDING; as ockam_trust_check(); what a callback returned. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_trust_decide(const ockam_trust_policy_t *policy,
                                                            const ockam_identifier_t *peer, ockam_error_t *err);

/* ---- handshake -------------------------------------------------------------------------------------------------- */

typedef enum { OCKAM_INITIATOR = 0, OCKAM_RESPONDER = 1 } ockam_role_t;

typedef struct ockam_key_exchange_ops ockam_key_exchange_ops_t; /* key_exchange.h */

/** Noise XX with Ockam's suite: what every Ockam node speaks. Static storage. */
OCKAM_API const ockam_key_exchange_ops_t *ockam_noise_xx(void);

/** What became of one credential that a peer presented. Lent for the call. */
typedef struct {
    const ockam_identifier_t *peer;
    size_t                    index;      /* from 0, in the order they were presented */
    ockam_status_t            status;     /* OCKAM_OK: verified, and its attributes stored if there is a store */
    const ockam_credential_t *credential; /* NULL if it did not verify */
    const ockam_error_t      *err;        /* NULL if status is OCKAM_OK */
} ockam_credential_report_t;

/** Told about each credential once its presenter is accepted. Refused ones do no harm to handshake or channel. */
typedef void (*ockam_credential_fn)(void *context, const ockam_credential_report_t *report);

/** How the credentials of one peer fared. */
typedef struct {
    size_t presented; /* by the peer; at most OCKAM_CREDENTIALS_MAX of them are looked at */
    size_t accepted;  /* valid, attributes stored; the last valid one counts */
} ockam_credential_counts_t;

/** Pointers are borrowed until ockam_handshake_free(), except identity and authority, of which references are kept, and
 *  the credential, which is copied. */
typedef struct {
    ockam_role_t                    role;
    const ockam_key_exchange_ops_t *key_exchange; /* NULL: ockam_noise_xx(). Both peers must have the same */
    ockam_vault_t                  *vault;        /* required; memory comes from its allocator */
    ockam_identity_t               *identity;     /* required: who we are */
    ockam_trust_policy_t            trust;        /* required: whom we accept */
    ockam_store_t                  *store;      /* known identities, attributes; NULL: nobody is known or remembered */
    const ockam_change_history_t   *authority;  /* whose credentials count; NULL: none do */
    ockam_slice_t                   credential; /* ours to present: one encoded CredentialAndPurposeKey; empty: none */
    ockam_verified_cache_t         *cache;      /* remembers verified histories and attestations; may be NULL */
    ockam_credential_fn             on_credential; /* may be NULL */
    void                           *credential_context;
} ockam_handshake_options_t;

typedef struct ockam_handshake ockam_handshake_t;

/** What a handshake waits for. */
typedef enum {
    OCKAM_HANDSHAKE_NEW,       /* ockam_handshake_start() */
    OCKAM_HANDSHAKE_WAITING,   /* the next message of the peer */
    OCKAM_HANDSHAKE_UNDECIDED, /* ockam_handshake_resume(): the trust policy answers later */
    OCKAM_HANDSHAKE_READY,     /* ockam_handshake_take_keys() */
    OCKAM_HANDSHAKE_TAKEN,     /* nothing more: the keys have been taken */
    OCKAM_HANDSHAKE_FAILED     /* nothing more: over and wiped */
} ockam_handshake_state_t;
#define OCKAM_HANDSHAKE_STATES 6u

/** @return OCKAM_OK; OCKAM_INVALID (vault, identity or trust policy missing, identity of another vault, or a policy that
 *          cannot be asked); OCKAM_LIMIT (credential longer than a handshake message); OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_handshake_new(const ockam_handshake_options_t *options,
                                                             ockam_handshake_t **out, ockam_error_t *err);
/** Wipes everything. NULL is fine. */
OCKAM_API void                    ockam_handshake_free(ockam_handshake_t *hs);
OCKAM_API ockam_handshake_state_t ockam_handshake_state(const ockam_handshake_t *hs);

static inline bool ockam_handshake_is_ready(const ockam_handshake_t *hs)
{
    return ockam_handshake_state(hs) == OCKAM_HANDSHAKE_READY;
}

/**
 * Begin. The initiator's first message is appended to `out`; a responder's `out` stays as it is.
 *
 * @return OCKAM_OK; OCKAM_OUT_OF_ORDER (started before); OCKAM_NO_MEMORY; OCKAM_LIMIT (vault full, `out` cannot grow);
 *         OCKAM_IO (no randomness, store); statuses of finding or making the attested key of the identity. After a
 *         failure the state is what it was, and `out` too.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_handshake_start(ockam_handshake_t *hs, uint64_t now_s, ockam_buf_t *out,
                                                               ockam_error_t *err);
/**
 * Feed one whole message of the peer; the reply, if there is one, is appended to `out`. A reply and READY together mean:
 * send it, then use the keys.
 *
 * A message that is forged, cut, repeated or too long changes nothing: the genuine one can still arrive. So look at
 * ockam_handshake_state() after a failure: WAITING means go on, FAILED means over. It is over when a message that *is* the
 * peer's shows that the peer cannot prove its identity or is not welcome, or when anything else fails after that point.
 * The peer is never told.
 *
 * @param in     borrowed for the call; more than OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX bytes are refused
 * @param now_s  seconds since the Unix epoch
 * @param out    appended to on OCKAM_OK only; must not be storage of `in`. Needs room for one handshake message
 * @return OCKAM_OK; OCKAM_PENDING (state UNDECIDED: ockam_handshake_peer() tells who asks to be trusted);
 *         still waiting: OCKAM_OUT_OF_ORDER (the state was another), OCKAM_MALFORMED (too short), OCKAM_LIMIT (too long, or
 *         `out` cannot grow), OCKAM_NOT_AUTHENTIC, OCKAM_NO_MEMORY;
 *         over: OCKAM_MALFORMED, OCKAM_NOT_AUTHENTIC, OCKAM_EXPIRED (identity payload), OCKAM_CONFLICT (history older than,
 *         or contradicting, the stored one), OCKAM_DENIED (trust policy), OCKAM_LIMIT, OCKAM_NO_MEMORY, OCKAM_IO,
 *         OCKAM_CORRUPT (store), OCKAM_TIMEOUT (store).
 * Source: docs/protocol/secure-channels.md, "Handshake messages" and "Checks, in this order".
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_handshake_receive(ockam_handshake_t *hs, ockam_slice_t in,
                                                                 uint64_t now_s, ockam_buf_t *out, ockam_error_t *err);
/**
 * The trust policy's late answer, in state UNDECIDED.
 * @return OCKAM_OK (accepted; as for ockam_handshake_receive()); OCKAM_OUT_OF_ORDER (nobody asked; nothing changes).
 *         Anything else ends the handshake: OCKAM_DENIED (not trusted), and what can fail after that point.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_handshake_resume(ockam_handshake_t *hs, bool trusted, uint64_t now_s,
                                                                ockam_buf_t *out, ockam_error_t *err);

/** The identifier of the peer, whose proof has been checked: in states UNDECIDED, READY and TAKEN; NULL in others. Lent until
 *  the state changes. */
OCKAM_API const ockam_identifier_t *ockam_handshake_peer(const ockam_handshake_t *hs);
/** Its change history, likewise. */
OCKAM_API const ockam_change_history_t *ockam_handshake_peer_history(const ockam_handshake_t *hs);
/** How the peer's credentials fared; zeros before READY. */
OCKAM_API ockam_credential_counts_t ockam_handshake_credentials(const ockam_handshake_t *hs);

/* ---- data ------------------------------------------------------------------------------------------------------- */

/** Protects what we send. Made by ockam_handshake_take_keys(). */
typedef struct ockam_sealer ockam_sealer_t;
/** Checks and reads what the peer sends. */
typedef struct ockam_opener ockam_opener_t;

/**
 * Turn the outcome of a handshake into a sealer and an opener, which outlive it (and not the vault). State READY becomes
 * TAKEN.
 * @return OCKAM_OK; OCKAM_OUT_OF_ORDER (not READY); OCKAM_NO_MEMORY, OCKAM_UNSUPPORTED (still READY).
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_handshake_take_keys(ockam_handshake_t *hs, ockam_sealer_t **sealer,
                                                                   ockam_opener_t **opener, ockam_error_t *err);

/** Bytes in front of and behind the text that sealing writes. */
#define OCKAM_SEAL_HEAD_BYTES OCKAM_CHANNEL_NONCE_BYTES
#define OCKAM_SEAL_TAIL_BYTES OCKAM_CHANNEL_TAG_BYTES

/**
 * Seal `len` bytes at `text` in place. The message to send begins OCKAM_SEAL_HEAD_BYTES before `text` and has
 * OCKAM_SEAL_HEAD_BYTES + len + OCKAM_SEAL_TAIL_BYTES bytes; all of them are the caller's and writable. No allocation.
 *
 * @return OCKAM_OK; OCKAM_LIMIT (all 2^64 - 1 messages of this channel have been sent: make a new one); OCKAM_INTERNAL (the
 *         sealer is not usable any more). After a failure `text` is wiped.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_sealer_seal(ockam_sealer_t *sealer, uint8_t *text, size_t len,
                                                           ockam_error_t *err);
/**
 * Check one whole message and decrypt it in place. Order does not matter within 32 messages, and loss of up to 31 in a row
 * does no harm. No allocation.
 *
 * @param message   nonce, ciphertext and tag. After a failure its bytes are good for nothing: they hold no plaintext, and
 *                  the message cannot be tried again
 * @param text      lent from `message`
 * @return OCKAM_OK; OCKAM_MALFORMED (shorter than 24 bytes); OCKAM_REPLAYED (accepted before, or too far from the others);
 *         OCKAM_NOT_AUTHENTIC; OCKAM_INTERNAL. After a failure the opener is what it was: a forged message leaves no trace.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_opener_open(ockam_opener_t *opener, uint8_t *message, size_t len,
                                                           uint8_t **text, size_t *text_len, ockam_error_t *err);
/** The number of a sealed message, counted by its sender from 0. Authentic only once the message is open. `message` has at
 *  least OCKAM_SEAL_HEAD_BYTES. */
OCKAM_API uint64_t ockam_sealed_nonce(const uint8_t *message);

/** Both wipe their keys. NULL is fine. */
OCKAM_API void ockam_sealer_free(ockam_sealer_t *sealer);
OCKAM_API void ockam_opener_free(ockam_opener_t *opener);

/* ---- new credentials on an open channel -------------------------------------------------------------------------- */

/** What a RefreshCredentials message is checked with. */
typedef struct {
    ockam_vault_t                *vault;         /* required */
    ockam_store_t                *store;         /* known identities and attributes; NULL: nothing is stored */
    const ockam_identifier_t     *peer;          /* required: whose channel it came through */
    const ockam_change_history_t *authority;     /* whose credentials count; NULL: none do */
    ockam_credential_fn           on_credential; /* may be NULL */
    void                         *credential_context;
} ockam_refresh_options_t;

/**
 * Check the content of a RefreshCredentials message and store what is good of it: the peer's history if it is newer, and the
 * attributes of valid credentials. A failure changes nothing and does no harm to the channel.
 *
 * @param history      encoded change history of the peer
 * @param credentials  `count` encoded CredentialAndPurposeKey; those beyond OCKAM_CREDENTIALS_MAX are not looked at
 * @param counts       may be NULL
 * @return OCKAM_OK (also when single credentials were refused); OCKAM_INVALID; OCKAM_MALFORMED; OCKAM_NOT_AUTHENTIC (bad
 *         history, or another identity's); OCKAM_CONFLICT (older than, or contradicting, the stored one); OCKAM_LIMIT;
 *         OCKAM_NO_MEMORY; OCKAM_IO; OCKAM_TIMEOUT; OCKAM_CORRUPT.
 * Source: docs/protocol/secure-channels.md, "Close and refresh".
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_refresh_verify(const ockam_refresh_options_t *options,
                                                              ockam_slice_t history, const ockam_slice_t *credentials,
                                                              size_t count, uint64_t now_s,
                                                              ockam_credential_counts_t *counts, ockam_error_t *err);

OCKAM_END_DECLS

#endif
