/* SPDX-License-Identifier: Apache-2.0
 *
 * provider.h - the table that an implementation of cryptography fills, and how a vault ranks several of them.
 *
 * A provider computes; it keeps no keys. Handles, limits, the rule for Ed25519 and the check of X25519 results are the
 * vault's, so that they cannot differ between providers. tests/conformance/vault_provider_test.c is what every provider
 * must pass. */
#ifndef OCKAM_VAULT_PROVIDER_H
#define OCKAM_VAULT_PROVIDER_H

#include "ockam/vault.h"

/**
 * What a vault chooses a provider for: X(name, text, entry). The text is the name in ockam_vault_provider_of(), `entry`
 * the member of the table that must be there. Sealing is chosen apart, by type and size.
 */
#define OCKAM_PRIMITIVE_LIST(X)                                                                                        \
    X(SHA256, "sha256", sha256)                                                                                        \
    X(HMAC_SHA256, "hmac_sha256", hmac_sha256)                                                                         \
    X(X25519_PUBLIC, "x25519_public", x25519_public)                                                                   \
    X(X25519, "x25519", x25519)                                                                                        \
    X(ED25519_PUBLIC, "ed25519_public", ed25519_public)                                                                \
    X(ED25519_SIGN, "ed25519_sign", ed25519_sign)                                                                      \
    X(ED25519_VERIFY, "ed25519_verify", ed25519_verify)                                                                \
    X(P256_PUBLIC, "p256_public", p256_public)                                                                         \
    X(P256_SIGN, "p256_sign", p256_sign)                                                                               \
    X(P256_VERIFY, "p256_verify", p256_verify)

#define OCKAM_PRIMITIVE_ENUM(name, text, entry) OCKAM_PRIMITIVE_##name,
typedef enum { OCKAM_PRIMITIVE_LIST(OCKAM_PRIMITIVE_ENUM) OCKAM_PRIMITIVE_COUNT } ockam_primitive_t;
#undef OCKAM_PRIMITIVE_ENUM

#define OCKAM_AEAD_TYPES 3u /* of ockam_aead_type_t */

/** Sizes of text within which one provider is the fastest: X(name, bytes at most, bytes that were measured). */
#define OCKAM_AEAD_CLASS_LIST(X)                                                                                       \
    X(TINY, 256u, 64u)                                                                                                 \
    X(SMALL, 1024u, 1024u)                                                                                             \
    X(MEDIUM, 16384u, 8192u)                                                                                           \
    X(LARGE, SIZE_MAX, 65536u)

#define OCKAM_AEAD_CLASS_ENUM(name, max, measured) OCKAM_AEAD_##name,
typedef enum { OCKAM_AEAD_CLASS_LIST(OCKAM_AEAD_CLASS_ENUM) OCKAM_AEAD_CLASS_COUNT } ockam_aead_class_t;
#undef OCKAM_AEAD_CLASS_ENUM

/** Text and additional data of one sealed message are shorter than this: some providers count in int. */
#define OCKAM_AEAD_BYTES_MAX 0x7fffff00u

/** Alignment of the storage behind `state`. */
#define OCKAM_AEAD_STATE_ALIGNMENT 64u

/**
 * One kind of sealing. `state` is storage of `state_bytes`, zeroed by the caller, for one expanded key at a time. It is
 * made once, keyed any number of times, then ended; only making it may allocate. Nothing in it depends on the
 * direction: one state seals and opens.
 */
typedef struct {
    size_t state_bytes;
    /** May be NULL: nothing to make. @return OCKAM_OK; OCKAM_NO_MEMORY. */
    ockam_status_t (*create)(void *context, void *state);
    /** May be NULL: the caller's wipe of the storage is enough. Only called after create() succeeded. */
    void (*destroy)(void *state);
    /** Overwrites every byte that came from an earlier key. @return OCKAM_OK; OCKAM_INTERNAL (state has no key). */
    ockam_status_t (*set_key)(void *state, const uint8_t *key);
    /** In place. `text` may be NULL when `len` is 0, `aad.ptr` when `aad.len` is 0. Any alignment. */
    ockam_status_t (*seal)(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad, uint8_t *text,
                           size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES]);
    /** In place. After OCKAM_NOT_AUTHENTIC `text` is wiped or unchanged. */
    ockam_status_t (*open)(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad, uint8_t *text,
                           size_t len, const uint8_t tag[OCKAM_AEAD_TAG_BYTES]);
} ockam_provider_aead_t;

/**
 * The table. Entries that a provider does not have are NULL. `context` is what start() made: one for each vault, used
 * by one thread at a time. Tables are constant; a provider has no other state than its contexts and what its library
 * shares between threads by itself.
 */
struct ockam_provider {
    const char *name;

    /** May be NULL: no context. @return OCKAM_OK; OCKAM_NO_MEMORY; OCKAM_UNSUPPORTED. */
    ockam_status_t (*start)(void **context);
    void (*stop)(void *context);

    /** How long one call takes, in nanoseconds, as bench/primitives measured it on one x86 machine with all extensions.
     *  Only the order matters; it may depend on what the processor has, never on a measurement at run time. 0: not
     *  offered here. */
    uint32_t (*cost)(ockam_primitive_t primitive);
    uint32_t (*aead_cost)(ockam_aead_type_t type, ockam_aead_class_t size);

    /** @return OCKAM_OK; OCKAM_IO. */
    ockam_status_t (*random)(void *context, uint8_t *out, size_t len);

    /** SHA-256 of `a || b`. Cannot fail: callers have no way to go on without it. */
    void (*sha256)(void *context, ockam_slice_t a, ockam_slice_t b, uint8_t out[OCKAM_SHA256_BYTES]);
    /** HMAC-SHA256 of the parts one after the other; a key of any length. Cannot fail either. */
    void (*hmac_sha256)(void *context, ockam_slice_t key, const ockam_slice_t *parts, size_t count,
                        uint8_t out[OCKAM_SHA256_BYTES]);

    /** Secrets are as drawn: the provider clamps. Callers pass the public key that belongs to the secret, which saves
     *  some providers half of the work. */
    ockam_status_t (*x25519_public)(void *context, const uint8_t secret[32], uint8_t out[32]);
    /** @return OCKAM_OK (all zeros is possible: the vault checks); OCKAM_NOT_AUTHENTIC (the library refused it). */
    ockam_status_t (*x25519)(void *context, const uint8_t secret[32], const uint8_t public_key[32],
                             const uint8_t peer[32], uint8_t out[32]);

    ockam_status_t (*ed25519_public)(void *context, const uint8_t secret[32], uint8_t out[32]);
    ockam_status_t (*ed25519_sign)(void *context, const uint8_t secret[32], const uint8_t public_key[32],
                                   ockam_slice_t data, uint8_t out[64]);
    /** Cofactorless, R compared as bytes. Key and signature have passed ockam_ed25519_acceptable().
     *  @return OCKAM_OK; OCKAM_NOT_AUTHENTIC. */
    ockam_status_t (*ed25519_verify)(void *context, const uint8_t public_key[32], ockam_slice_t data,
                                     const uint8_t signature[64]);

    /** `secret`: a big-endian scalar. @return OCKAM_OK; OCKAM_INVALID (not in 1 .. n-1). */
    ockam_status_t (*p256_public)(void *context, const uint8_t secret[32], uint8_t out[65]);
    /** Deterministic (RFC 6979 with SHA-256), r || s, s as it comes. */
    ockam_status_t (*p256_sign)(void *context, const uint8_t secret[32], const uint8_t digest[OCKAM_SHA256_BYTES],
                                uint8_t out[64]);
    /** Either half of s. @return OCKAM_OK; OCKAM_NOT_AUTHENTIC (also: not 04 || x || y of a point of the curve). */
    ockam_status_t (*p256_verify)(void *context, const uint8_t public_key[65], const uint8_t digest[OCKAM_SHA256_BYTES],
                                  const uint8_t signature[64]);

    const ockam_provider_aead_t *aead[OCKAM_AEAD_TYPES];
};

/** Equality of two tags in constant time, for providers whose library leaves the comparison to the caller. */
static inline bool ockam_tag_equal(const uint8_t *a, const uint8_t *b)
{
    uint64_t x[2];
    uint64_t y[2];

    memcpy(x, a, sizeof(x));
    memcpy(y, b, sizeof(y));
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

#endif
