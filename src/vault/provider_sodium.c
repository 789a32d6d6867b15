/* SPDX-License-Identifier: Apache-2.0
 *
 * provider_sodium.c - libsodium: the fastest Ed25519 and X25519 of the libraries that distributions ship, and sealing
 * of short texts with little overhead. No P-256, and no generator: libsodium's ends the process when it fails. */
#include "vault/provider.h"

#include <sodium.h>

/* ---- hashing ---------------------------------------------------------------------------------------------------- */

static void sha256(void *context, ockam_slice_t a, ockam_slice_t b, uint8_t out[OCKAM_SHA256_BYTES])
{
    crypto_hash_sha256_state state;

    (void)context;
    (void)crypto_hash_sha256_init(&state);
    if (a.len > 0)
        (void)crypto_hash_sha256_update(&state, a.ptr, a.len);
    if (b.len > 0)
        (void)crypto_hash_sha256_update(&state, b.ptr, b.len);
    (void)crypto_hash_sha256_final(&state, out); /* wipes the state */
}

static void hmac_sha256(void *context, ockam_slice_t key, const ockam_slice_t *parts, size_t count,
                        uint8_t out[OCKAM_SHA256_BYTES])
{
    static const uint8_t         none[1] = {0};
    crypto_auth_hmacsha256_state state;

    (void)context;
    (void)crypto_auth_hmacsha256_init(&state, key.len > 0 ? key.ptr : none, key.len);
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0)
            (void)crypto_auth_hmacsha256_update(&state, parts[i].ptr, parts[i].len);
    (void)crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}

/* ---- Curve25519 ------------------------------------------------------------------------------------------------- */

static ockam_status_t x25519_public(void *context, const uint8_t secret[32], uint8_t out[32])
{
    (void)context;
    return crypto_scalarmult_curve25519_base(out, secret) == 0 ? OCKAM_OK : OCKAM_INTERNAL;
}

static ockam_status_t x25519(void *context, const uint8_t secret[32], const uint8_t public_key[32],
                             const uint8_t peer[32], uint8_t out[32])
{
    (void)context;
    (void)public_key;
    return crypto_scalarmult_curve25519(out, secret, peer) == 0 ? OCKAM_OK : OCKAM_NOT_AUTHENTIC;
}

static ockam_status_t ed25519_public(void *context, const uint8_t secret[32], uint8_t out[32])
{
    uint8_t pair[crypto_sign_ed25519_SECRETKEYBYTES];
    int     failed;

    (void)context;
    failed = crypto_sign_ed25519_seed_keypair(out, pair, secret);
    sodium_memzero(pair, sizeof(pair));
    return failed == 0 ? OCKAM_OK : OCKAM_INTERNAL;
}

static ockam_status_t ed25519_sign(void *context, const uint8_t secret[32], const uint8_t public_key[32],
                                   ockam_slice_t data, uint8_t out[64])
{
    uint8_t pair[crypto_sign_ed25519_SECRETKEYBYTES]; /* libsodium's secret key is seed and public key */
    int     failed;

    (void)context;
    memcpy(pair, secret, 32);
    memcpy(pair + 32, public_key, 32);
    failed = crypto_sign_ed25519_detached(out, NULL, data.ptr, data.len, pair);
    sodium_memzero(pair, sizeof(pair));
    return failed == 0 ? OCKAM_OK : OCKAM_INTERNAL;
}

static ockam_status_t ed25519_verify(void *context, const uint8_t public_key[32], ockam_slice_t data,
                                     const uint8_t signature[64])
{
    (void)context;
    return crypto_sign_ed25519_verify_detached(signature, data.ptr, data.len, public_key) == 0 ? OCKAM_OK
                                                                                               : OCKAM_NOT_AUTHENTIC;
}

/* ---- sealing ---------------------------------------------------------------------------------------------------- */

static ockam_status_t aes_set_key(void *state, const uint8_t *key)
{
    return crypto_aead_aes256gcm_beforenm((crypto_aead_aes256gcm_state *)state, key) == 0 ? OCKAM_OK : OCKAM_INTERNAL;
}

static ockam_status_t aes_seal(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                               uint8_t *text, size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    const crypto_aead_aes256gcm_state *key = (const crypto_aead_aes256gcm_state *)state;

    return crypto_aead_aes256gcm_encrypt_detached_afternm(text, tag, NULL, text, len, aad.ptr, aad.len, NULL, nonce,
                                                          key) == 0
               ? OCKAM_OK
               : OCKAM_INTERNAL;
}

/* libsodium checks the tag before it decrypts: a refused text stays ciphertext. */
static ockam_status_t aes_open(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                               uint8_t *text, size_t len, const uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    const crypto_aead_aes256gcm_state *key = (const crypto_aead_aes256gcm_state *)state;
    uint8_t                            empty[1];

    /* With no place for plaintext it would only check. */
    return crypto_aead_aes256gcm_decrypt_detached_afternm(len > 0 ? text : empty, NULL, text, len, tag, aad.ptr,
                                                          aad.len, nonce, key) == 0
               ? OCKAM_OK
               : OCKAM_NOT_AUTHENTIC;
}

static ockam_status_t chacha_set_key(void *state, const uint8_t *key)
{
    memcpy(state, key, crypto_aead_chacha20poly1305_ietf_KEYBYTES);
    return OCKAM_OK;
}

static ockam_status_t chacha_seal(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                  uint8_t *text, size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    return crypto_aead_chacha20poly1305_ietf_encrypt_detached(text, tag, NULL, text, len, aad.ptr, aad.len, NULL, nonce,
                                                              (const uint8_t *)state) == 0
               ? OCKAM_OK
               : OCKAM_INTERNAL;
}

static ockam_status_t chacha_open(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                  uint8_t *text, size_t len, const uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    uint8_t empty[1];

    return crypto_aead_chacha20poly1305_ietf_decrypt_detached(len > 0 ? text : empty, NULL, text, len, tag, aad.ptr,
                                                              aad.len, nonce, (const uint8_t *)state) == 0
               ? OCKAM_OK
               : OCKAM_NOT_AUTHENTIC;
}

static const ockam_provider_aead_t aes256gcm = {
    .state_bytes = sizeof(crypto_aead_aes256gcm_state),
    .set_key     = aes_set_key,
    .seal        = aes_seal,
    .open        = aes_open,
};
static const ockam_provider_aead_t chacha20poly1305 = {
    .state_bytes = crypto_aead_chacha20poly1305_ietf_KEYBYTES,
    .set_key     = chacha_set_key,
    .seal        = chacha_seal,
    .open        = chacha_open,
};

/* ---- the table -------------------------------------------------------------------------------------------------- */

static uint32_t cost(ockam_primitive_t primitive)
{
    /* Without AVX the curve is computed with portable code. */
    const uint32_t curve = sodium_runtime_has_avx() ? 1 : 2;

    switch (primitive) {
    case OCKAM_PRIMITIVE_SHA256: return 292;
    case OCKAM_PRIMITIVE_HMAC_SHA256: return 609;
    case OCKAM_PRIMITIVE_X25519_PUBLIC: return 24500 * curve;
    case OCKAM_PRIMITIVE_X25519: return 26500 * curve;
    case OCKAM_PRIMITIVE_ED25519_PUBLIC: return 11500;
    case OCKAM_PRIMITIVE_ED25519_SIGN: return 11500;
    case OCKAM_PRIMITIVE_ED25519_VERIFY: return 33500;
    default: return 0;
    }
}

static uint32_t aead_cost(ockam_aead_type_t type, ockam_aead_class_t size)
{
    static const uint32_t aes[OCKAM_AEAD_CLASS_COUNT]    = {114, 484, 3700, 28800};
    static const uint32_t chacha[OCKAM_AEAD_CLASS_COUNT] = {337, 810, 5100, 37800};

    if (type == OCKAM_AES256_GCM)
        return crypto_aead_aes256gcm_is_available() ? aes[size] : 0;
    return type == OCKAM_CHACHA20_POLY1305 ? chacha[size] : 0;
}

const ockam_provider_t *ockam_provider_sodium(void)
{
    static const ockam_provider_t provider = {
        .name           = "sodium",
        .cost           = cost,
        .aead_cost      = aead_cost,
        .sha256         = sha256,
        .hmac_sha256    = hmac_sha256,
        .x25519_public  = x25519_public,
        .x25519         = x25519,
        .ed25519_public = ed25519_public,
        .ed25519_sign   = ed25519_sign,
        .ed25519_verify = ed25519_verify,
        .aead           = {[OCKAM_AES256_GCM] = &aes256gcm, [OCKAM_CHACHA20_POLY1305] = &chacha20poly1305},
    };

    return sodium_init() >= 0 ? &provider : NULL; /* safe from any thread, any number of times */
}
