/* SPDX-License-Identifier: Apache-2.0
 *
 * identity.h - who is who. An identity is a chain of signed changes of its key, the change history; its identifier is
 * the hash of the first change. The newest key signs attestations of purpose keys: of the X25519 key that secure
 * channels use, and of the key that signs credentials (credential.h).
 *
 *     ockam_identity_create(vault, now_s, NULL, &alice, err);
 *     ockam_identifier_text(ockam_identity_identifier(alice), text);      I96acb3ed...83b8b4
 *
 * identity/ holds these structures, their verification, and what is known about other identities. No network, no clock:
 * the time is an argument, in seconds since the Unix epoch.
 *
 * Statuses of everything here that looks at bytes from others:
 *
 *     OCKAM_MALFORMED      the encoding, also another version or another type of structure
 *     OCKAM_NOT_AUTHENTIC  a signature, the chain of changes, an identity other than the expected one, a purpose key
 *                          that its identity was not entitled to
 *     OCKAM_EXPIRED        by the clock: too late, or more than OCKAM_CLOCK_SKEW_S too early
 *     OCKAM_CONFLICT       older than, or contradicting, what is known already
 *     OCKAM_LIMIT          a number of limits.h
 *
 * Source: docs/protocol/identities.md. */
#ifndef OCKAM_IDENTITY_H
#define OCKAM_IDENTITY_H

#include "ockam/limits.h"
#include "ockam/vault.h"

OCKAM_BEGIN_DECLS

/* ---- identifiers ------------------------------------------------------------------------------------------------ */

#define OCKAM_IDENTIFIER_BYTES 32u
/** "I", 64 hex digits, NUL. */
#define OCKAM_IDENTIFIER_TEXT_BYTES 66u

/** Names an identity for ever: SHA-256 of its first change. */
typedef struct {
    uint8_t bytes[OCKAM_IDENTIFIER_BYTES];
} ockam_identifier_t;

static inline bool ockam_identifier_equal(const ockam_identifier_t *a, const ockam_identifier_t *b)
{
    return memcmp(a->bytes, b->bytes, OCKAM_IDENTIFIER_BYTES) == 0;
}

static inline ockam_slice_t ockam_identifier_view(const ockam_identifier_t *identifier)
{
    return ockam_slice(identifier->bytes, OCKAM_IDENTIFIER_BYTES);
}

/** Write "I" and 64 lower-case hex digits, NUL-terminated. */
OCKAM_API void ockam_identifier_text(const ockam_identifier_t *identifier, char text[OCKAM_IDENTIFIER_TEXT_BYTES]);
/** Read that text. White space around it does not count; hex digits of either case; the I is upper case.
 *  @return OCKAM_OK; OCKAM_MALFORMED (`out` is unchanged). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identifier_parse(ockam_slice_t text, ockam_identifier_t *out,
                                                                ockam_error_t *err);

/* ---- change histories ------------------------------------------------------------------------------------------- */

/** A change history whose signatures have been verified. Never changes; shared by counting references. */
typedef struct ockam_change_history ockam_change_history_t;

/**
 * Decode and verify a change history. What follows the encoded history is ignored. The clock plays no part: an identity
 * key past its end shows in the attestations it can no longer make.
 *
 * @param encoded   at most OCKAM_CHANGE_HISTORY_BYTES_MAX bytes and OCKAM_CHANGES_MAX changes
 * @param expected  the identifier it must have; NULL: any
 * @param out       one reference; end it with ockam_change_history_free()
 * @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_NOT_AUTHENTIC (no change, chain, signature, not `expected`); OCKAM_LIMIT;
 *         OCKAM_NO_MEMORY; OCKAM_UNSUPPORTED (no provider for P-256). The trail names the change, counted from 0.
 * Source: docs/protocol/identities.md, "Checking one".
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_change_history_verify(ockam_vault_t *vault, ockam_slice_t encoded,
                                                                     const ockam_identifier_t *expected,
                                                                     ockam_change_history_t **out, ockam_error_t *err);
/** The same from the text form: hex digits of either case. @return as above; OCKAM_MALFORMED also for bad hex. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_change_history_verify_text(ockam_vault_t *vault, ockam_slice_t text,
                                                                          const ockam_identifier_t *expected,
                                                                          ockam_change_history_t  **out,
                                                                          ockam_error_t            *err);
/** One more reference to the same history. */
OCKAM_API ockam_change_history_t *ockam_change_history_ref(const ockam_change_history_t *history);
/** End one reference; the last one releases the history. NULL is fine. */
OCKAM_API void ockam_change_history_free(ockam_change_history_t *history);

OCKAM_API const ockam_identifier_t *ockam_change_history_identifier(const ockam_change_history_t *history);
/** Lend the encoded form: each signed `data` exactly as it came, the shell around them encoded anew. */
OCKAM_API ockam_slice_t ockam_change_history_view(const ockam_change_history_t *history);
/** Append the text form, lower-case hex without NUL. @return OCKAM_OK; OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_change_history_text(const ockam_change_history_t *history,
                                                                   ockam_buf_t *out, ockam_error_t *err);
/** Changes in it, at least 1. */
OCKAM_API size_t ockam_change_history_count(const ockam_change_history_t *history);
/** SHA-256 of the `data` of change `index` (from 0, less than the count): 32 bytes, lent. */
OCKAM_API const uint8_t *ockam_change_history_hash(const ockam_change_history_t *history, size_t index);
/** What the newest change says. */
OCKAM_API const uint8_t            *ockam_change_history_latest_hash(const ockam_change_history_t *history);
OCKAM_API const ockam_public_key_t *ockam_change_history_latest_key(const ockam_change_history_t *history);
OCKAM_API uint64_t                  ockam_change_history_valid_from_s(const ockam_change_history_t *history);
OCKAM_API uint64_t                  ockam_change_history_valid_until_s(const ockam_change_history_t *history);

typedef enum {
    OCKAM_HISTORY_EQUAL,   /* the same changes; signatures are not compared */
    OCKAM_HISTORY_OLDER,   /* `received` is a beginning of `known` */
    OCKAM_HISTORY_NEWER,   /* `known` is a beginning of `received` */
    OCKAM_HISTORY_CONFLICT /* they differ in some change */
} ockam_history_order_t;

OCKAM_API ockam_history_order_t ockam_change_history_compare(const ockam_change_history_t *received,
                                                             const ockam_change_history_t *known);

/* ---- known identities ------------------------------------------------------------------------------------------- */

/**
 * Remember a history: unknown identifier: stored; newer: replaces the stored one; equal: nothing to do; older or
 * conflicting: refused. Comparing and storing is one transaction, of its own or the one that is open already.
 *
 * @param order  if not NULL, how `received` compared (unknown counts as newer); also written with OCKAM_CONFLICT
 * @return OCKAM_OK; OCKAM_CONFLICT; OCKAM_CORRUPT (the stored history does not verify any more); OCKAM_IO;
 *         OCKAM_TIMEOUT; OCKAM_NO_MEMORY. After a failure the store is what it was.
 * Source: docs/protocol/identities.md, "Comparing with what is known".
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identities_update(ockam_store_t *store, ockam_vault_t *vault,
                                                                 const ockam_change_history_t *received,
                                                                 ockam_history_order_t *order, ockam_error_t *err);
/** What ockam_identities_update() would answer, without storing anything. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identities_compare(ockam_store_t *store, ockam_vault_t *vault,
                                                                  const ockam_change_history_t *received,
                                                                  ockam_history_order_t *order, ockam_error_t *err);
/** Fetch and verify the history of an identifier. @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_CORRUPT; OCKAM_IO;
 *  OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identities_load(ockam_store_t *store, ockam_vault_t *vault,
                                                               const ockam_identifier_t *identifier,
                                                               ockam_change_history_t **out, ockam_error_t *err);

/* ---- own identities --------------------------------------------------------------------------------------------- */

/** An identity whose newest secret key is in a vault. Shared by counting references. */
typedef struct ockam_identity ockam_identity_t;

/** All zeros is a good choice. */
typedef struct {
    ockam_signing_type_t type;     /* of a key that is generated */
    ockam_key_id_t       key;      /* use this key of the vault instead; the caller's handle stays the caller's */
    ockam_lifetime_t     lifetime; /* OCKAM_PERSISTENT: history, keys and attestations also go to the vault's store */
    uint64_t             ttl_s; /* the key may make attestations from now on for this long; 0: OCKAM_IDENTITY_TTL_S */
    bool                 revoke_purpose_keys; /* rotation: carried in the change; nothing evaluates it */
} ockam_identity_options_t;

/**
 * Make a new identity with one change. If persistent, keys and history are stored in one transaction.
 *
 * @param options  NULL: all zeros
 * @return OCKAM_OK; OCKAM_INVALID (persistent and the vault has no store, `now_s` plus ttl too large); OCKAM_NOT_FOUND
 *         (no such key); OCKAM_IO; OCKAM_TIMEOUT; OCKAM_LIMIT; OCKAM_NO_MEMORY; OCKAM_UNSUPPORTED. On failure nothing
 *         is left in the vault or its store.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identity_create(ockam_vault_t *vault, uint64_t now_s,
                                                               const ockam_identity_options_t *options,
                                                               ockam_identity_t **out, ockam_error_t *err);
/**
 * Make an identity from its history and the secret of its newest key, which the vault must hold. If persistent, the
 * history is first stored as by ockam_identities_update().
 *
 * @param encoded  a change history, as for ockam_change_history_verify()
 * @param options  `key` and `lifetime` count: without a key it is looked for by its public key; NULL: all zeros
 * @return as ockam_change_history_verify(), ockam_identities_update(); OCKAM_NOT_FOUND (the vault has no such secret);
 *         OCKAM_INVALID (`key` is another one, persistent and the vault has no store).
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identity_import(ockam_vault_t *vault, ockam_slice_t encoded,
                                                               const ockam_identity_options_t *options,
                                                               ockam_identity_t **out, ockam_error_t *err);
/** Get back a persistent identity. @return as ockam_identities_load(); OCKAM_NOT_FOUND also for its secret key;
 *  OCKAM_INVALID (the vault has no store). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identity_load(ockam_vault_t *vault, const ockam_identifier_t *identifier,
                                                             ockam_identity_t **out, ockam_error_t *err);
/** One more reference to the same identity. */
OCKAM_API ockam_identity_t *ockam_identity_ref(ockam_identity_t *identity);
/** End one reference. The last one wipes the keys it holds from the vault's memory; what is stored stays. NULL is
 *  fine. */
OCKAM_API void ockam_identity_free(ockam_identity_t *identity);

/**
 * Replace the key: append a change, signed by the new and the old key. Attestations made so far are no longer valid;
 * new ones are made when they are asked for. The old secret is deleted from the vault only after the new history is
 * stored.
 *
 * @param options  `lifetime` does not count: it stays what it is; NULL: all zeros
 * @return as ockam_identity_create(); OCKAM_LIMIT also for more than OCKAM_CHANGES_MAX changes; OCKAM_INVALID also for
 *         a time before the valid_from of the present key; OCKAM_CONFLICT (the store has a newer history: load the
 *         identity again). On failure the identity is what it was.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identity_rotate(ockam_identity_t *identity, uint64_t now_s,
                                                               const ockam_identity_options_t *options,
                                                               ockam_error_t                  *err);

OCKAM_API const ockam_identifier_t *ockam_identity_identifier(const ockam_identity_t *identity);
/** Lent until the identity is rotated or ends; ockam_change_history_ref() keeps it. */
OCKAM_API const ockam_change_history_t *ockam_identity_history(const ockam_identity_t *identity);
OCKAM_API ockam_vault_t                *ockam_identity_vault(const ockam_identity_t *identity);

/* ---- purpose keys ----------------------------------------------------------------------------------------------- */

/** What a purpose key is for; the numbers of the wire. */
typedef enum { OCKAM_PURPOSE_SECURE_CHANNEL = 0, OCKAM_PURPOSE_CREDENTIALS = 1 } ockam_purpose_t;

/** A verified attestation. */
typedef struct {
    ockam_purpose_t    purpose;
    ockam_identifier_t subject;
    uint8_t            x25519[OCKAM_X25519_BYTES]; /* OCKAM_PURPOSE_SECURE_CHANNEL */
    ockam_public_key_t signing_key;                /* OCKAM_PURPOSE_CREDENTIALS */
    uint64_t           created_at_s;
    uint64_t           expires_at_s;
} ockam_attestation_t;

/**
 * Decode an attestation and verify it against the history of its subject. What follows the encoded attestation is
 * ignored.
 * @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_NOT_AUTHENTIC (another subject, not under its newest change, outside the
 *         life of that key, signature); OCKAM_EXPIRED; OCKAM_UNSUPPORTED. `out` is written on success only.
 * Source: docs/protocol/identities.md, "Purpose keys and attestations".
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_attestation_verify(ockam_vault_t *vault, ockam_slice_t encoded,
                                                                  const ockam_change_history_t *subject, uint64_t now_s,
                                                                  ockam_attestation_t *out, ockam_error_t *err);
/** Whose attestation it claims to be. Nothing is verified. @return OCKAM_OK; OCKAM_MALFORMED. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_attestation_subject(ockam_slice_t encoded, ockam_identifier_t *out,
                                                                   ockam_error_t *err);

/**
 * The X25519 key of secure channels, with its attestation: the one in use; else the one in the vault's store if the
 * identity is persistent, its attestation verifies and its secret is there; else a new one that lives
 * OCKAM_PURPOSE_KEY_TTL_S, and not longer than the identity's key.
 *
 * @param key          the identity's: not to be forgotten. It works until the key was replaced twice or the identity
 *                     ends
 * @param attestation  its encoded form, lent until the next call that is given the identity
 * @return OCKAM_OK; OCKAM_EXPIRED (the identity's key ended before, or begins more than the clock skew after, `now_s`:
 *         rotate); OCKAM_IO; OCKAM_TIMEOUT; OCKAM_LIMIT; OCKAM_NO_MEMORY.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identity_secure_channel_key(ockam_identity_t *identity, uint64_t now_s,
                                                                           ockam_key_id_t *key,
                                                                           ockam_slice_t  *attestation,
                                                                           ockam_error_t  *err);
/** The key that signs credentials, likewise; a new one is of type Ed25519. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identity_credential_key(ockam_identity_t *identity, uint64_t now_s,
                                                                       ockam_key_id_t *key, ockam_slice_t *attestation,
                                                                       ockam_error_t *err);

/** A purpose key with everything said. */
typedef struct {
    ockam_key_id_t       key;  /* of the vault; the caller's handle stays the caller's; NONE: generate */
    ockam_signing_type_t type; /* of a credential key that is generated */
    uint64_t             created_at_s;
    uint64_t             expires_at_s; /* within the life of the identity's newest key, or nobody accepts it */
} ockam_purpose_key_options_t;

/**
 * Make, or give, the purpose key to use from now on; it replaces the one in use, and the stored one if the identity is
 * persistent.
 * @return OCKAM_OK; OCKAM_INVALID (times outside the life of the identity's key or the wrong way round);
 *         OCKAM_NOT_FOUND (no such key, or not of a type for this purpose); OCKAM_IO; OCKAM_TIMEOUT; OCKAM_LIMIT;
 *         OCKAM_NO_MEMORY.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_identity_set_purpose_key(ockam_identity_t                  *identity,
                                                                        ockam_purpose_t                    purpose,
                                                                        const ockam_purpose_key_options_t *options,
                                                                        ockam_error_t                     *err);

/* ---- verified before -------------------------------------------------------------------------------------------- */

/** Bytes that one entry of a cache takes: the hash of what was verified, where its chain goes on, its place in the
 *  table. */
#define OCKAM_VERIFIED_CACHE_ENTRY_BYTES 40u

/** Remembers by hash which pairs of history and attestation have been verified, so that a peer who comes again costs no
 *  signature checks. Bounded; the oldest pair makes room. */
typedef struct ockam_verified_cache ockam_verified_cache_t;

/** @param capacity  pairs, from 1 to OCKAM_VERIFIED_CACHE_MAX; usually OCKAM_VERIFIED_CACHE_ENTRIES
 *  @return OCKAM_OK; OCKAM_INVALID; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_verified_cache_new(const ockam_allocator_t *allocator, size_t capacity,
                                                                  ockam_verified_cache_t **out, ockam_error_t *err);
/** NULL is fine. */
OCKAM_API void ockam_verified_cache_free(ockam_verified_cache_t *cache);
/** Pairs it remembers now, and how often a pair was found in it and was not, since it was made. */
OCKAM_API size_t   ockam_verified_cache_count(const ockam_verified_cache_t *cache);
OCKAM_API uint64_t ockam_verified_cache_hits(const ockam_verified_cache_t *cache);
OCKAM_API uint64_t ockam_verified_cache_misses(const ockam_verified_cache_t *cache);

/**
 * Verify a history and an attestation of its identity: ockam_change_history_verify(), then ockam_attestation_verify().
 * For exactly these bytes a second time only the signatures are left out: encoding, chain, times and subject are
 * checked each time.
 *
 * @param cache        NULL: nothing is remembered
 * @param out_history  one reference
 * @return as the two functions.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_verified_cache_verify(
    ockam_verified_cache_t *cache, ockam_vault_t *vault, ockam_slice_t history, ockam_slice_t attestation,
    uint64_t now_s, ockam_change_history_t **out_history, ockam_attestation_t *out_attestation, ockam_error_t *err);

OCKAM_END_DECLS

#endif
