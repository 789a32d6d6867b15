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

/**
 * One implementation of primitives. Entries that a provider does not have are NULL. Outputs are written in full or not at
 * all; every function returns OCKAM_OK or OCKAM_INTERNAL unless it says more. A provider keeps no state of its own
 * except what `context` points to.
 */
typedef struct ockam_provider ockam_provider_t; /* the table: vault/provider.h */

/** NULL where the build or the processor lacks it. Static storage. */
OCKAM_API const ockam_provider_t *ockam_provider_openssl(void);
OCKAM_API const ockam_provider_t *ockam_provider_sodium(void);
OCKAM_API const ockam_provider_t *ockam_provider_ipsec_mb(void);

typedef struct {
    const ockam_allocator_t       *allocator;      /* required */
    const ockam_provider_t *const *providers;      /* required; NULL-terminated, NULL entries skipped */
    ockam_random_fn                random;         /* NULL: the first provider's generator */
    void                          *random_context;
    ockam_store_t                 *store;          /* where persistent secrets go; NULL: memory only; outlives the vault */
} ockam_vault_options_t;

/** @return OCKAM_OK; OCKAM_INVALID; OCKAM_NO_MEMORY; OCKAM_UNSUPPORTED (no provider for a primitive that is needed). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_new(const ockam_vault_options_t *options, ockam_vault_t **out,
                                                         ockam_error_t *err);
/** Wipes every secret in memory. NULL is fine. Nothing made from the vault may be in use any more. */
OCKAM_API void ockam_vault_free(ockam_vault_t *vault);
OCKAM_API const ockam_allocator_t *ockam_vault_allocator(const ockam_vault_t *vault);

/** Which provider answers for a primitive, for example "x25519", "aes256gcm/64". For logs and tables. NULL: no such name. */
OCKAM_API const char *ockam_vault_provider_of(const ockam_vault_t *vault, const char *primitive);

OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_random(ockam_vault_t *vault, uint8_t *out, size_t len,
                                                            ockam_error_t *err);

/* ---- signing ---------------------------------------------------------------------------------------------------- */

/** Whether a new or imported secret is also written to the vault's store. */
typedef enum { OCKAM_EPHEMERAL, OCKAM_PERSISTENT } ockam_lifetime_t;

/** @return OCKAM_OK; OCKAM_IO (no randomness, store); OCKAM_LIMIT; OCKAM_NO_MEMORY; OCKAM_UNSUPPORTED. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_generate_signing_key(ockam_vault_t *vault, ockam_signing_type_t type,
                                                                          ockam_lifetime_t lifetime,
                                                                          ockam_key_id_t *out, ockam_error_t *err);
/** `secret`: 32 bytes, Ed25519 seed or P-256 scalar. @return as above; OCKAM_INVALID (length, scalar out of range). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_import_signing_key(ockam_vault_t *vault, ockam_signing_type_t type,
                                                                        const ockam_secret_t *secret,
                                                                        ockam_lifetime_t lifetime, ockam_key_id_t *out,
                                                                        ockam_error_t *err);
/** Find the secret of a public key, in memory or in the store. @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_IO; OCKAM_CORRUPT. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_find_signing_key(ockam_vault_t *vault,
                                                                      const ockam_public_key_t *public_key,
                                                                      ockam_key_id_t *out, ockam_error_t *err);
/** @return OCKAM_OK; OCKAM_NOT_FOUND. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_public_key(ockam_vault_t *vault, ockam_key_id_t key,
                                                                ockam_public_key_t *out, ockam_error_t *err);
/** Ed25519 over `data`; ECDSA over SHA-256(data). @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_INTERNAL. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_sign(ockam_vault_t *vault, ockam_key_id_t key, ockam_slice_t data,
                                                          ockam_signature_t *out, ockam_error_t *err);
/** @return OCKAM_OK; OCKAM_NOT_AUTHENTIC (wrong signature, other algorithm than the key's, key not on its curve). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_verify(ockam_vault_t *vault, const ockam_public_key_t *public_key,
                                                            ockam_slice_t data, const ockam_signature_t *signature,
                                                            ockam_error_t *err);

/* ---- key agreement ---------------------------------------------------------------------------------------------- */

OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_generate_x25519(ockam_vault_t *vault, ockam_lifetime_t lifetime,
                                                                     ockam_key_id_t *out, ockam_error_t *err);
/** `secret`: 32 bytes, kept as they are and clamped when used. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_import_x25519(ockam_vault_t *vault, const ockam_secret_t *secret,
                                                                   ockam_lifetime_t lifetime, ockam_key_id_t *out,
                                                                   ockam_error_t *err);
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_find_x25519(ockam_vault_t *vault,
                                                                 const uint8_t public_key[OCKAM_X25519_BYTES],
                                                                 ockam_key_id_t *out, ockam_error_t *err);
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_x25519_public(ockam_vault_t *vault, ockam_key_id_t key,
                                                                   uint8_t out[OCKAM_X25519_BYTES], ockam_error_t *err);
/** @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_NOT_AUTHENTIC (low-order peer key: the result would be all zeros). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_x25519(ockam_vault_t *vault, ockam_key_id_t key,
                                                            const uint8_t peer[OCKAM_X25519_BYTES], ockam_secret_t *out,
                                                            ockam_error_t *err);

/** Give the secret itself away, on purpose. @return OCKAM_OK; OCKAM_NOT_FOUND. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_export(ockam_vault_t *vault, ockam_key_id_t key,
                                                            ockam_secret_t *out, ockam_error_t *err);
/** Wipe a secret from memory; a persistent one stays in the store and can be found again. NONE is fine. */
OCKAM_API void ockam_vault_forget(ockam_vault_t *vault, ockam_key_id_t key);
/** Wipe a secret from memory and from the store. @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_IO. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_delete(ockam_vault_t *vault, ockam_key_id_t key, ockam_error_t *err);

/* ---- hashing and sealing ---------------------------------------------------------------------------------------- */

/** SHA-256 of `a || b`; either may be empty. */
OCKAM_API void ockam_vault_sha256(ockam_vault_t *vault, ockam_slice_t a, ockam_slice_t b,
                                  uint8_t out[OCKAM_SHA256_BYTES]);
/** HKDF-SHA256 (RFC 5869); `out->len` says how many bytes, at most OCKAM_SECRET_BYTES_MAX. @return OCKAM_OK; OCKAM_INTERNAL. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_vault_hkdf(ockam_vault_t *vault, ockam_slice_t salt, ockam_slice_t ikm,
                                                          ockam_slice_t info, ockam_secret_t *out, ockam_error_t *err);

/** One AEAD key with its schedule expanded; reused for many messages and re-keyed without an allocation. */
typedef struct ockam_aead ockam_aead_t;

/** `key`: 32 bytes (16 for AES-128). @return OCKAM_OK; OCKAM_NO_MEMORY; OCKAM_UNSUPPORTED. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_aead_new(ockam_vault_t *vault, ockam_aead_type_t type, const uint8_t *key,
                                                        ockam_aead_t **out, ockam_error_t *err);
/** Replace the key; the old one is wiped. */
OCKAM_API void ockam_aead_set_key(ockam_aead_t *aead, const uint8_t *key);
OCKAM_API void ockam_aead_free(ockam_aead_t *aead);
/** Encrypt `len` bytes at `text` in place and write the tag. @return OCKAM_OK; OCKAM_INTERNAL. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_aead_seal(ockam_aead_t *aead, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES],
                                                         ockam_slice_t aad, uint8_t *text, size_t len,
                                                         uint8_t tag[OCKAM_AEAD_TAG_BYTES], ockam_error_t *err);
/** Decrypt in place. @return OCKAM_OK; OCKAM_NOT_AUTHENTIC (`text` is wiped or unchanged: it holds no plaintext). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_aead_open(ockam_aead_t *aead, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES],
                                                         ockam_slice_t aad, uint8_t *text, size_t len,
                                                         const uint8_t tag[OCKAM_AEAD_TAG_BYTES], ockam_error_t *err);

OCKAM_END_DECLS

#endif
