/* SPDX-License-Identifier: Apache-2.0
 *
 * vault.h - keys and what is done with them. A vault keeps secrets and gives handles; the mathematics comes from
 * providers (OpenSSL, libsodium, ...), the fastest one present for each primitive and size.
 *
 * Source: docs/protocol/identities.md, "Vault". */
#ifndef OCKAM_VAULT_H
#define OCKAM_VAULT_H

#include "ockam/bytes.h"
#include "ockam/store.h"

OCKAM_BEGIN_DECLS

typedef struct ockam_vault ockam_vault_t;

/** Names a secret inside its vault. Only the vault that gave it understands it. */
typedef uint64_t ockam_key_id_t;
#define OCKAM_KEY_ID_NONE ((ockam_key_id_t)0)

typedef enum { OCKAM_ED25519 = 0, OCKAM_P256 = 1 } ockam_signing_type_t; /* the numbers of the wire */
typedef enum { OCKAM_AES256_GCM, OCKAM_CHACHA20_POLY1305, OCKAM_AES128_GCM } ockam_aead_type_t;

#define OCKAM_SHA256_BYTES     32u
#define OCKAM_X25519_BYTES     32u
#define OCKAM_SIGNATURE_BYTES  64u /* Ed25519; P-256 as r || s */
#define OCKAM_AEAD_NONCE_BYTES 12u
#define OCKAM_AEAD_TAG_BYTES   16u

/** A public signing key: 32 bytes for Ed25519, 65 (04 || x || y) for P-256. */
typedef struct {
    ockam_signing_type_t type;
    uint8_t              bytes[65];
} ockam_public_key_t;

static inline ockam_slice_t ockam_public_key_view(const ockam_public_key_t *key)
{
    return ockam_slice(key->bytes, key->type == OCKAM_P256 ? 65 : 32);
}

typedef struct {
    ockam_signing_type_t type;
    uint8_t              bytes[OCKAM_SIGNATURE_BYTES];
} ockam_signature_t;

/* ---- providers -------------------------------------------------------------------------------------------------- */

/** One implementation of primitives; the table is in src/vault/provider.h. */
typedef struct ockam_provider ockam_provider_t;

/**
 * NULL where the build or the processor lacks it. Static storage; safe from any thread. Each is a library of its own,
 * so a program links only those it names:
 *   openssl    every primitive; the only one with P-256 and with a generator of random bytes
 *   sodium     Ed25519, X25519, hashing, AES-256-GCM where the processor has AES, ChaCha20-Poly1305
 *   ipsec_mb   AES-GCM on x86
 */
OCKAM_API const ockam_provider_t *ockam_provider_openssl(void);
OCKAM_API const ockam_provider_t *ockam_provider_sodium(void);
OCKAM_API const ockam_provider_t *ockam_provider_ipsec_mb(void);

typedef struct {
    const ockam_allocator_t       *allocator;      /* required */
    const ockam_provider_t *const *providers;      /* required; NULL entries are skipped */
    size_t                         provider_count; /* entries; 0: the list ends at its first NULL */
    ockam_random_fn                random;         /* NULL: the first provider's generator */
    void                          *random_context;
    ockam_store_t                 *store; /* where persistent secrets go; NULL: memory only; outlives the vault */
} ockam_vault_options_t;

/**
 * Each primitive is given to the fastest of the providers, sealing also by size. A vault and everything made from it
 * belong to one thread at a time; two vaults share nothing. Providers use the memory of their own libraries.
 * @return OCKAM_OK; OCKAM_INVALID (something required is missing, more than OCKAM_PROVIDERS_MAX); OCKAM_NO_MEMORY;
 *         OCKAM_UNSUPPORTED (no provider for a primitive that is needed: all but P-256, ChaCha20-Poly1305, AES-128).
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_new(const ockam_vault_options_t *options, ockam_vault_t **out,
                                                         ockam_error_t *err);
/** Wipes every secret in memory. NULL is fine. Nothing made from the vault may be in use any more. */
OCKAM_API void                     ockam_vault_free(ockam_vault_t *vault);
OCKAM_API const ockam_allocator_t *ockam_vault_allocator(const ockam_vault_t *vault);
/** Where persistent secrets go; NULL: nowhere. */
OCKAM_API ockam_store_t *ockam_vault_store(const ockam_vault_t *vault);

/**
 * Which provider answers for a primitive: "sha256", "hmac_sha256", "x25519_public", "x25519", "ed25519_public",
 * "ed25519_sign", "ed25519_verify", "p256_public", "p256_sign", "p256_verify"; "aes256gcm/64" for texts of 64 bytes,
 * likewise "chacha20poly1305/..." and "aes128gcm/...". For logs and tables. NULL: no such name, or none has it.
 */
OCKAM_API const char *ockam_vault_provider_of(const ockam_vault_t *vault, const char *primitive);

/** @return OCKAM_OK; OCKAM_IO (`out` is wiped). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_random(ockam_vault_t *vault, uint8_t *out, size_t len,
                                                            ockam_error_t *err);

/* ---- signing ---------------------------------------------------------------------------------------------------- */

/*
 * A handle is its holder's until ockam_vault_forget(). Finding or importing a secret that is in memory already gives
 * the same handle once more; the secret is wiped when each has been forgotten. A handle that was forgotten or deleted
 * never names another secret later.
 */

/** Whether a new or imported secret is also written to the vault's store; without a store, it lives as long as the
 *  vault. */
typedef enum { OCKAM_EPHEMERAL, OCKAM_PERSISTENT } ockam_lifetime_t;

/**
 * Draws 32 bytes: the Ed25519 seed, or the P-256 scalar, drawn again while it is out of range.
 * @return OCKAM_OK; OCKAM_IO (no randomness, store); OCKAM_LIMIT (OCKAM_VAULT_SECRETS_MAX); OCKAM_NO_MEMORY;
 *         OCKAM_UNSUPPORTED (no provider for P-256); what ockam_store_put() returns.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_generate_signing_key(ockam_vault_t       *vault,
                                                                          ockam_signing_type_t type,
                                                                          ockam_lifetime_t     lifetime,
                                                                          ockam_key_id_t *out, ockam_error_t *err);
/** `secret`: 32 bytes, Ed25519 seed or P-256 scalar. @return as above; OCKAM_INVALID (length, scalar out of range). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_import_signing_key(ockam_vault_t *vault, ockam_signing_type_t type,
                                                                        const ockam_secret_t *secret,
                                                                        ockam_lifetime_t lifetime, ockam_key_id_t *out,
                                                                        ockam_error_t *err);
/**
 * Find the secret of a public key, in memory or in the store. What the store gives is believed only if it belongs to
 * the public key. @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_IO; OCKAM_CORRUPT; OCKAM_LIMIT; OCKAM_NO_MEMORY.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_find_signing_key(ockam_vault_t            *vault,
                                                                      const ockam_public_key_t *public_key,
                                                                      ockam_key_id_t *out, ockam_error_t *err);
/** @return OCKAM_OK; OCKAM_NOT_FOUND (also: an X25519 key). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_public_key(ockam_vault_t *vault, ockam_key_id_t key,
                                                                ockam_public_key_t *out, ockam_error_t *err);
/**
 * Ed25519 (RFC 8032, no prehash, no context) over `data`; ECDSA over SHA-256(data) with the nonce of RFC 6979. The same
 * key and data give the same bytes with every provider; s of P-256 may be in either half.
 * @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_INTERNAL.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_sign(ockam_vault_t *vault, ockam_key_id_t key, ockam_slice_t data,
                                                          ockam_signature_t *out, ockam_error_t *err);
/**
 * P-256: the key must be 04 || x || y of a point of the curve, r and s in 1 .. n-1; s may be in either half.
 * Ed25519: S must be below the group order, the public key A and R must be canonical encodings of points that are not
 * of small order, and S * B - h * A must give R byte for byte (no cofactor). The Rust implementation takes small-order
 * and non-canonical points too; no honest peer meets the difference, since keys made from a seed, and the R of
 * signatures made with them, are multiples of the base point, in their only canonical encoding. Refusing them makes all
 * providers agree and leaves no key that verifies signatures over many messages.
 * @return OCKAM_OK; OCKAM_NOT_AUTHENTIC (wrong signature, other algorithm than the key's, key not on its curve);
 *         OCKAM_UNSUPPORTED (no provider for P-256).
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_verify(ockam_vault_t *vault, const ockam_public_key_t *public_key,
                                                            ockam_slice_t data, const ockam_signature_t *signature,
                                                            ockam_error_t *err);

/* ---- key agreement ---------------------------------------------------------------------------------------------- */

/** Draws 32 bytes. @return as ockam_vault_generate_signing_key(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_generate_x25519(ockam_vault_t *vault, ockam_lifetime_t lifetime,
                                                                     ockam_key_id_t *out, ockam_error_t *err);
/** `secret`: 32 bytes, kept as they are and clamped when used. @return as ockam_vault_import_signing_key(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_import_x25519(ockam_vault_t *vault, const ockam_secret_t *secret,
                                                                   ockam_lifetime_t lifetime, ockam_key_id_t *out,
                                                                   ockam_error_t *err);
/** @return as ockam_vault_find_signing_key(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_find_x25519(ockam_vault_t  *vault,
                                                                 const uint8_t   public_key[OCKAM_X25519_BYTES],
                                                                 ockam_key_id_t *out, ockam_error_t *err);
/** @return OCKAM_OK; OCKAM_NOT_FOUND (also: a signing key). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_x25519_public(ockam_vault_t *vault, ockam_key_id_t key,
                                                                   uint8_t out[OCKAM_X25519_BYTES], ockam_error_t *err);
/** 32 bytes. @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_NOT_AUTHENTIC (low-order peer key: the result would be zeros). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_x25519(ockam_vault_t *vault, ockam_key_id_t key,
                                                            const uint8_t peer[OCKAM_X25519_BYTES], ockam_secret_t *out,
                                                            ockam_error_t *err);

/** Give the secret itself away, on purpose. @return OCKAM_OK; OCKAM_NOT_FOUND. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_export(ockam_vault_t *vault, ockam_key_id_t key,
                                                            ockam_secret_t *out, ockam_error_t *err);
/** Give a handle back; with the last one the secret is wiped from memory. A persistent secret stays in the store and
 *  can be found again. NONE is fine, and so is a handle that is no more. */
OCKAM_API void ockam_vault_forget(ockam_vault_t *vault, ockam_key_id_t key);
/** Wipe a secret from the store and from memory, for all who hold it. After a failure it is still there.
 *  @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_IO; OCKAM_TIMEOUT. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_delete(ockam_vault_t *vault, ockam_key_id_t key,
                                                            ockam_error_t *err);

/* ---- hashing and sealing ---------------------------------------------------------------------------------------- */

/** SHA-256 of `a || b`; either may be empty. */
OCKAM_API void ockam_vault_sha256(ockam_vault_t *vault, ockam_slice_t a, ockam_slice_t b,
                                  uint8_t out[OCKAM_SHA256_BYTES]);
/** HKDF-SHA256 (RFC 5869); `out->len` says how many bytes. `out` may hold what `salt` or `ikm` view.
 *  @return OCKAM_OK; OCKAM_INVALID (0 bytes, or more than OCKAM_SECRET_BYTES_MAX). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_hkdf(ockam_vault_t *vault, ockam_slice_t salt, ockam_slice_t ikm,
                                                          ockam_slice_t info, ockam_secret_t *out, ockam_error_t *err);

/**
 * One AEAD key, reused for many messages and re-keyed without an allocation. Its expanded schedules live in the vault,
 * which keeps those of the keys used last: an idle aead costs little more than its key.
 */
typedef struct ockam_aead ockam_aead_t;

/** `key`: 32 bytes (16 for AES-128). @return OCKAM_OK; OCKAM_NO_MEMORY; OCKAM_UNSUPPORTED. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_aead_new(ockam_vault_t *vault, ockam_aead_type_t type,
                                                        const uint8_t *key, ockam_aead_t **out, ockam_error_t *err);
/** Replace the key; the old one and what was expanded from it is wiped. */
OCKAM_API void ockam_aead_set_key(ockam_aead_t *aead, const uint8_t *key);
/** Wipes likewise. NULL is fine. */
OCKAM_API void ockam_aead_free(ockam_aead_t *aead);
/** Encrypt `len` bytes at `text` in place and write the tag.
 *  @return OCKAM_OK; OCKAM_INVALID (about 2 GiB or more); OCKAM_INTERNAL. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_aead_seal(ockam_aead_t *aead,
                                                         const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                                         uint8_t *text, size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES],
                                                         ockam_error_t *err);
/** Decrypt in place. @return OCKAM_OK; OCKAM_NOT_AUTHENTIC (`text` is wiped or unchanged: it holds no plaintext). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_aead_open(ockam_aead_t *aead,
                                                         const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                                         uint8_t *text, size_t len,
                                                         const uint8_t tag[OCKAM_AEAD_TAG_BYTES], ockam_error_t *err);

OCKAM_END_DECLS

#endif
