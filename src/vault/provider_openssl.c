/* SPDX-License-Identifier: Apache-2.0
 *
 * provider_openssl.c - OpenSSL 3 libcrypto: every primitive. The only one with P-256 and with a generator.
 *
 * Algorithms are fetched once per vault and contexts are reused, since looking them up costs more than sealing a short
 * text. Hashing and P-256 go through the older functions on purpose: SHA256_*() cannot fail, needs no context and costs
 * half for short inputs; and only ECDSA_do_sign_ex() takes the nonce that deterministic signatures need before 3.2. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "vault/provider.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#define SHA256_BLOCK_BYTES 64u

typedef struct {
    EVP_CIPHER   *cipher[OCKAM_AEAD_TYPES];
    EVP_PKEY_CTX *x25519;  /* makes key objects */
    EVP_PKEY_CTX *ed25519; /* likewise */
    EVP_MD_CTX   *digest;  /* for signatures */
    EC_GROUP     *p256;
    BN_CTX       *bn;
} context_t;

static void stop(void *context)
{
    context_t *c = (context_t *)context;

    if (c == NULL)
        return;
    for (unsigned i = 0; i < OCKAM_AEAD_TYPES; i++)
        EVP_CIPHER_free(c->cipher[i]);
    EVP_PKEY_CTX_free(c->x25519);
    EVP_PKEY_CTX_free(c->ed25519);
    EVP_MD_CTX_free(c->digest);
    EC_GROUP_free(c->p256);
    BN_CTX_free(c->bn);
    OPENSSL_clear_free(c, sizeof(*c));
}

static ockam_status_t start(void **context)
{
    static const char *const names[OCKAM_AEAD_TYPES] = {
        [OCKAM_AES256_GCM]        = "AES-256-GCM",
        [OCKAM_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
        [OCKAM_AES128_GCM]        = "AES-128-GCM",
    };
    context_t *c  = (context_t *)OPENSSL_zalloc(sizeof(*c));
    bool       ok = c != NULL;

    (void)ERR_set_mark();
    for (unsigned i = 0; ok && i < OCKAM_AEAD_TYPES; i++)
        ok = (c->cipher[i] = EVP_CIPHER_fetch(NULL, names[i], NULL)) != NULL;
    ok = ok && (c->x25519 = EVP_PKEY_CTX_new_from_name(NULL, "X25519", NULL)) != NULL;
    ok = ok && (c->ed25519 = EVP_PKEY_CTX_new_from_name(NULL, "ED25519", NULL)) != NULL;
    ok = ok && (c->digest = EVP_MD_CTX_new()) != NULL;
    ok = ok && (c->p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)) != NULL;
    ok = ok && (c->bn = BN_CTX_secure_new()) != NULL;
    (void)ERR_pop_to_mark();
    if (!ok) {
        stop(c);
        return c == NULL ? OCKAM_NO_MEMORY : OCKAM_UNSUPPORTED;
    }
    *context = c;
    return OCKAM_OK;
}

static ockam_status_t random_bytes(void *context, uint8_t *out, size_t len)
{
    (void)context;
    while (len > 0) {
        const int part = len > INT32_MAX ? INT32_MAX : (int)len;
        if (RAND_priv_bytes(out, part) != 1)
            return OCKAM_IO;
        out += part;
        len -= (size_t)part;
    }
    return OCKAM_OK;
}

/* ---- hashing ---------------------------------------------------------------------------------------------------- */

static void sha256(void *context, ockam_slice_t a, ockam_slice_t b, uint8_t out[OCKAM_SHA256_BYTES])
{
    SHA256_CTX state;

    (void)context;
    (void)SHA256_Init(&state);
    if (a.len > 0)
        (void)SHA256_Update(&state, a.ptr, a.len);
    if (b.len > 0)
        (void)SHA256_Update(&state, b.ptr, b.len);
    (void)SHA256_Final(out, &state);
    OPENSSL_cleanse(&state, sizeof(state));
}

static void hmac_sha256(void *context, ockam_slice_t key, const ockam_slice_t *parts, size_t count,
                        uint8_t out[OCKAM_SHA256_BYTES])
{
    SHA256_CTX state;
    uint8_t    block[SHA256_BLOCK_BYTES] = {0};

    if (key.len > sizeof(block))
        sha256(context, key, ockam_slice(NULL, 0), block);
    else if (key.len > 0)
        memcpy(block, key.ptr, key.len);
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36;
    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, block, sizeof(block));
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0)
            (void)SHA256_Update(&state, parts[i].ptr, parts[i].len);
    (void)SHA256_Final(out, &state);
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36 ^ 0x5c;
    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, block, sizeof(block));
    (void)SHA256_Update(&state, out, OCKAM_SHA256_BYTES);
    (void)SHA256_Final(out, &state);
    OPENSSL_cleanse(&state, sizeof(state));
    OPENSSL_cleanse(block, sizeof(block));
}

/* ---- Curve25519 ------------------------------------------------------------------------------------------------- */

/* A key object from raw bytes. With both halves given, OpenSSL does not compute the public one again. */
static EVP_PKEY *key_object(EVP_PKEY_CTX *maker, const uint8_t *secret, const uint8_t *public_key)
{
    EVP_PKEY  *key = NULL;
    OSSL_PARAM params[3];
    size_t     used = 0;

    /* OpenSSL only reads them; its parameters are not const. */
    if (public_key != NULL)
        params[used++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)public_key, 32);
    if (secret != NULL)
        params[used++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, (void *)(uintptr_t)secret, 32);
    params[used] = OSSL_PARAM_construct_end();
    if (EVP_PKEY_fromdata_init(maker) != 1 ||
        EVP_PKEY_fromdata(maker, &key, secret != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
        return NULL;
    return key;
}

static ockam_status_t raw_public(EVP_PKEY_CTX *maker, const uint8_t secret[32], uint8_t out[32])
{
    ockam_status_t s   = OCKAM_INTERNAL;
    size_t         len = 32;
    EVP_PKEY      *key;

    (void)ERR_set_mark();
    key = key_object(maker, secret, NULL);
    if (key != NULL && EVP_PKEY_get_raw_public_key(key, out, &len) == 1 && len == 32)
        s = OCKAM_OK;
    EVP_PKEY_free(key);
    (void)ERR_pop_to_mark();
    return s;
}

static ockam_status_t x25519_public(void *context, const uint8_t secret[32], uint8_t out[32])
{
    return raw_public(((context_t *)context)->x25519, secret, out);
}

static ockam_status_t x25519(void *context, const uint8_t secret[32], const uint8_t public_key[32],
                             const uint8_t peer[32], uint8_t out[32])
{
    context_t     *c          = (context_t *)context;
    ockam_status_t s          = OCKAM_INTERNAL;
    EVP_PKEY_CTX  *derivation = NULL;
    EVP_PKEY      *ours;
    EVP_PKEY      *theirs;
    size_t         len = 32;

    (void)ERR_set_mark();
    ours   = key_object(c->x25519, secret, public_key);
    theirs = key_object(c->x25519, NULL, peer);
    if (ours == NULL || theirs == NULL || (derivation = EVP_PKEY_CTX_new_from_pkey(NULL, ours, NULL)) == NULL ||
        EVP_PKEY_derive_init(derivation) != 1 || EVP_PKEY_derive_set_peer(derivation, theirs) != 1)
        goto done;
    /* Everything is in place, so what can fail is the result: all zeros, which OpenSSL finds in constant time. */
    s = EVP_PKEY_derive(derivation, out, &len) == 1 && len == 32 ? OCKAM_OK : OCKAM_NOT_AUTHENTIC;
done:
    EVP_PKEY_CTX_free(derivation);
    EVP_PKEY_free(ours);
    EVP_PKEY_free(theirs);
    (void)ERR_pop_to_mark();
    return s;
}

static ockam_status_t ed25519_public(void *context, const uint8_t secret[32], uint8_t out[32])
{
    return raw_public(((context_t *)context)->ed25519, secret, out);
}

static ockam_status_t ed25519_sign(void *context, const uint8_t secret[32], const uint8_t public_key[32],
                                   ockam_slice_t data, uint8_t out[64])
{
    context_t     *c   = (context_t *)context;
    ockam_status_t s   = OCKAM_INTERNAL;
    size_t         len = 64;
    EVP_PKEY      *key;

    (void)ERR_set_mark();
    key = key_object(c->ed25519, secret, public_key);
    if (key != NULL && EVP_DigestSignInit(c->digest, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestSign(c->digest, out, &len, data.ptr, data.len) == 1 && len == 64)
        s = OCKAM_OK;
    (void)EVP_MD_CTX_reset(c->digest); /* holds the key otherwise */
    EVP_PKEY_free(key);
    (void)ERR_pop_to_mark();
    return s;
}

static ockam_status_t ed25519_verify(void *context, const uint8_t public_key[32], ockam_slice_t data,
                                     const uint8_t signature[64])
{
    context_t     *c = (context_t *)context;
    ockam_status_t s = OCKAM_NOT_AUTHENTIC;
    EVP_PKEY      *key;

    (void)ERR_set_mark();
    key = key_object(c->ed25519, NULL, public_key);
    if (key != NULL && EVP_DigestVerifyInit(c->digest, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestVerify(c->digest, signature, 64, data.ptr, data.len) == 1)
        s = OCKAM_OK;
    (void)EVP_MD_CTX_reset(c->digest);
    EVP_PKEY_free(key);
    (void)ERR_pop_to_mark();
    return s;
}

/* ---- P-256 ------------------------------------------------------------------------------------------------------ */

/* The scalar of 32 bytes, for computing in constant time. NULL: not in 1 .. n-1, or no memory (`*in_range` tells). */
static BIGNUM *scalar(const context_t *c, const uint8_t bytes[32], bool *in_range)
{
    BIGNUM *value = BN_secure_new();

    *in_range = true;
    if (value == NULL || BN_bin2bn(bytes, 32, value) == NULL) {
        BN_clear_free(value);
        return NULL;
    }
    if (BN_is_zero(value) || BN_cmp(value, EC_GROUP_get0_order(c->p256)) >= 0) {
        BN_clear_free(value);
        *in_range = false;
        return NULL;
    }
    BN_set_flags(value, BN_FLG_CONSTTIME);
    return value;
}

static ockam_status_t p256_public(void *context, const uint8_t secret[32], uint8_t out[65])
{
    context_t     *c        = (context_t *)context;
    ockam_status_t s        = OCKAM_INTERNAL;
    bool           in_range = false;
    BIGNUM        *d;
    EC_POINT      *point = NULL;

    (void)ERR_set_mark();
    if ((d = scalar(c, secret, &in_range)) == NULL)
        s = in_range ? OCKAM_INTERNAL : OCKAM_INVALID;
    else if ((point = EC_POINT_new(c->p256)) != NULL && EC_POINT_mul(c->p256, point, d, NULL, NULL, c->bn) == 1 &&
             EC_POINT_point2oct(c->p256, point, POINT_CONVERSION_UNCOMPRESSED, out, 65, c->bn) == 65)
        s = OCKAM_OK;
    BN_clear_free(d);
    EC_POINT_free(point);
    (void)ERR_pop_to_mark();
    return s;
}

/* K or V of RFC 6979: HMAC of V, and of what else goes in. */
static void nonce_step(uint8_t key[32], uint8_t v[32], int tag, const uint8_t *secret, const uint8_t *digest)
{
    const uint8_t       byte     = (uint8_t)tag;
    const ockam_slice_t parts[4] = {ockam_slice(v, 32), ockam_slice(&byte, 1),
                                    ockam_slice(secret, secret != NULL ? 32 : 0),
                                    ockam_slice(digest, digest != NULL ? 32 : 0)};

    hmac_sha256(NULL, ockam_slice(key, 32), parts, 4, key);
    hmac_sha256(NULL, ockam_slice(key, 32), parts, 1, v);
}

/* The nonce of RFC 6979 section 3.2 for a 256-bit order and hash. `reduced`: the digest modulo n. */
static BIGNUM *deterministic_nonce(const context_t *c, const uint8_t secret[32], const uint8_t reduced[32])
{
    uint8_t             key[32] = {0};
    uint8_t             v[32];
    const ockam_slice_t again    = {v, sizeof(v)};
    bool                in_range = false;
    BIGNUM             *k        = NULL;

    memset(v, 1, sizeof(v));
    nonce_step(key, v, 0, secret, reduced);
    nonce_step(key, v, 1, secret, reduced);
    hmac_sha256(NULL, ockam_slice(key, sizeof(key)), &again, 1, v);
    while ((k = scalar(c, v, &in_range)) == NULL && !in_range) {
        nonce_step(key, v, 0, NULL, NULL);
        hmac_sha256(NULL, ockam_slice(key, sizeof(key)), &again, 1, v);
    }
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(v, sizeof(v));
    return k;
}

/* The digest as a number modulo n, 32 bytes. */
static bool reduce(const context_t *c, const uint8_t digest[32], uint8_t out[32])
{
    BIGNUM    *z  = BN_bin2bn(digest, 32, NULL);
    const bool ok = z != NULL && BN_nnmod(z, z, EC_GROUP_get0_order(c->p256), c->bn) == 1 &&
                    BN_bn2binpad(z, out, 32) == 32;

    BN_free(z);
    return ok;
}

/* r = the x of k times the generator, modulo n; inverse = 1 / k, by Fermat, which takes the same time for every k. */
static bool commit_to_nonce(const context_t *c, const BIGNUM *k, BIGNUM *r, BIGNUM *inverse)
{
    const BIGNUM *order    = EC_GROUP_get0_order(c->p256);
    BIGNUM       *exponent = BN_dup(order);
    EC_POINT     *point    = EC_POINT_new(c->p256);
    const bool    ok       = exponent != NULL && point != NULL && BN_sub_word(exponent, 2) == 1 &&
                    BN_mod_exp_mont_consttime(inverse, k, exponent, order, c->bn, NULL) == 1 &&
                    EC_POINT_mul(c->p256, point, k, NULL, NULL, c->bn) == 1 &&
                    EC_POINT_get_affine_coordinates(c->p256, point, r, NULL, c->bn) == 1 &&
                    BN_nnmod(r, r, order, c->bn) == 1;

    BN_free(exponent);
    EC_POINT_clear_free(point);
    return ok;
}

static ockam_status_t p256_sign(void *context, const uint8_t secret[32], const uint8_t digest[OCKAM_SHA256_BYTES],
                                uint8_t out[64])
{
    context_t     *c         = (context_t *)context;
    ockam_status_t s         = OCKAM_INTERNAL;
    bool           in_range  = false;
    EC_KEY        *key       = NULL;
    ECDSA_SIG     *signature = NULL;
    BIGNUM        *d         = NULL;
    BIGNUM        *k         = NULL;
    BIGNUM        *inverse   = BN_secure_new();
    BIGNUM        *r         = BN_new();
    uint8_t        reduced[32];

    (void)ERR_set_mark();
    if (inverse == NULL || r == NULL || (key = EC_KEY_new()) == NULL || EC_KEY_set_group(key, c->p256) != 1)
        goto done;
    if ((d = scalar(c, secret, &in_range)) == NULL || EC_KEY_set_private_key(key, d) != 1)
        goto done;
    if (!reduce(c, digest, reduced) || (k = deterministic_nonce(c, secret, reduced)) == NULL)
        goto done;
    if (!commit_to_nonce(c, k, r, inverse))
        goto done;
    /* r or s of zero would ask for another nonce; nobody has a digest that leads there. */
    if ((signature = ECDSA_do_sign_ex(digest, OCKAM_SHA256_BYTES, inverse, r, key)) != NULL &&
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32) == 32 &&
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32) == 32)
        s = OCKAM_OK;
done:
    BN_clear_free(inverse);
    BN_clear_free(k);
    BN_clear_free(d);
    BN_free(r);
    ECDSA_SIG_free(signature);
    EC_KEY_free(key);
    (void)ERR_pop_to_mark();
    return s;
}

static ockam_status_t p256_verify(void *context, const uint8_t public_key[65], const uint8_t digest[OCKAM_SHA256_BYTES],
                                  const uint8_t signature[64])
{
    context_t     *c     = (context_t *)context;
    ockam_status_t s     = OCKAM_NOT_AUTHENTIC;
    EC_KEY        *key   = EC_KEY_new();
    EC_POINT      *point = EC_POINT_new(c->p256);
    ECDSA_SIG     *sig   = ECDSA_SIG_new();
    BIGNUM        *r     = BN_bin2bn(signature, 32, NULL);
    BIGNUM        *t     = BN_bin2bn(signature + 32, 32, NULL);

    (void)ERR_set_mark();
    if (key == NULL || point == NULL || sig == NULL || r == NULL || t == NULL || ECDSA_SIG_set0(sig, r, t) != 1)
        goto done;
    r = NULL; /* the signature's now */
    t = NULL;
    /* Uncompressed only: OpenSSL would take the hybrid forms 06 and 07 as well. It checks that the point is on the
     * curve, whose order is prime, and that both coordinates are reduced. */
    if (public_key[0] == POINT_CONVERSION_UNCOMPRESSED &&
        EC_POINT_oct2point(c->p256, point, public_key, 65, c->bn) == 1 && EC_KEY_set_group(key, c->p256) == 1 &&
        EC_KEY_set_public_key(key, point) == 1 && ECDSA_do_verify(digest, OCKAM_SHA256_BYTES, sig, key) == 1)
        s = OCKAM_OK;
done:
    BN_free(r);
    BN_free(t);
    ECDSA_SIG_free(sig);
    EC_POINT_free(point);
    EC_KEY_free(key);
    (void)ERR_pop_to_mark();
    return s;
}

/* ---- sealing ---------------------------------------------------------------------------------------------------- */

typedef struct {
    EVP_CIPHER_CTX *cipher;
} aead_state_t;

static ockam_status_t aead_create(void *context, void *state, ockam_aead_type_t type)
{
    aead_state_t *s = (aead_state_t *)state;

    if ((s->cipher = EVP_CIPHER_CTX_new()) == NULL)
        return OCKAM_NO_MEMORY;
    if (EVP_EncryptInit_ex2(s->cipher, ((context_t *)context)->cipher[type], NULL, NULL, NULL) == 1)
        return OCKAM_OK;
    EVP_CIPHER_CTX_free(s->cipher);
    s->cipher = NULL;
    return OCKAM_NO_MEMORY;
}

static ockam_status_t aes256gcm_create(void *context, void *state)
{
    return aead_create(context, state, OCKAM_AES256_GCM);
}

static ockam_status_t aes128gcm_create(void *context, void *state)
{
    return aead_create(context, state, OCKAM_AES128_GCM);
}

static ockam_status_t chacha20poly1305_create(void *context, void *state)
{
    return aead_create(context, state, OCKAM_CHACHA20_POLY1305);
}

static void aead_destroy(void *state)
{
    EVP_CIPHER_CTX_free(((aead_state_t *)state)->cipher); /* wipes the key */
}

static ockam_status_t aead_set_key(void *state, const uint8_t *key)
{
    return EVP_EncryptInit_ex2(((aead_state_t *)state)->cipher, NULL, key, NULL, NULL) == 1 ? OCKAM_OK : OCKAM_INTERNAL;
}

static ockam_status_t aead_seal(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                uint8_t *text, size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    EVP_CIPHER_CTX *cipher = ((aead_state_t *)state)->cipher;
    OSSL_PARAM params[2]   = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, OCKAM_AEAD_TAG_BYTES),
                              OSSL_PARAM_construct_end()};
    uint8_t    none[OCKAM_AEAD_TAG_BYTES];
    int        done = 0;

    if (EVP_EncryptInit_ex2(cipher, NULL, NULL, nonce, NULL) != 1 ||
        (aad.len > 0 && EVP_EncryptUpdate(cipher, NULL, &done, aad.ptr, (int)aad.len) != 1) ||
        (len > 0 && EVP_EncryptUpdate(cipher, text, &done, text, (int)len) != 1) ||
        EVP_EncryptFinal_ex(cipher, none, &done) != 1 || EVP_CIPHER_CTX_get_params(cipher, params) != 1)
        return OCKAM_INTERNAL;
    return OCKAM_OK;
}

static ockam_status_t aead_open(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                uint8_t *text, size_t len, const uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    EVP_CIPHER_CTX *cipher = ((aead_state_t *)state)->cipher;
    uint8_t         expected[OCKAM_AEAD_TAG_BYTES];
    uint8_t         none[OCKAM_AEAD_TAG_BYTES];
    OSSL_PARAM params[2] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, expected, sizeof(expected)),
                            OSSL_PARAM_construct_end()};
    int        done      = 0;
    bool       ok;

    memcpy(expected, tag, sizeof(expected));
    (void)ERR_set_mark();
    ok = EVP_DecryptInit_ex2(cipher, NULL, NULL, nonce, params) == 1 &&
         (aad.len == 0 || EVP_DecryptUpdate(cipher, NULL, &done, aad.ptr, (int)aad.len) == 1) &&
         (len == 0 || EVP_DecryptUpdate(cipher, text, &done, text, (int)len) == 1) &&
         EVP_DecryptFinal_ex(cipher, none, &done) == 1; /* compares in constant time */
    (void)ERR_pop_to_mark();
    if (ok)
        return OCKAM_OK;
    ockam_wipe(text, len); /* decrypted before the tag was known */
    return OCKAM_NOT_AUTHENTIC;
}

#define AEAD(create_one)                                                                                               \
    {                                                                                                                  \
        .state_bytes = sizeof(aead_state_t), .create = (create_one), .destroy = aead_destroy, .set_key = aead_set_key, \
        .seal = aead_seal, .open = aead_open,                                                                          \
    }
static const ockam_provider_aead_t aes256gcm        = AEAD(aes256gcm_create);
static const ockam_provider_aead_t aes128gcm        = AEAD(aes128gcm_create);
static const ockam_provider_aead_t chacha20poly1305 = AEAD(chacha20poly1305_create);
#undef AEAD

/* ---- the table -------------------------------------------------------------------------------------------------- */

static uint32_t cost(ockam_primitive_t primitive)
{
    switch (primitive) {
    case OCKAM_PRIMITIVE_SHA256: return 64;
    case OCKAM_PRIMITIVE_HMAC_SHA256: return 138;
    case OCKAM_PRIMITIVE_X25519_PUBLIC: return 22000; /* from a table of multiples */
    case OCKAM_PRIMITIVE_X25519: return 27500;
    case OCKAM_PRIMITIVE_ED25519_PUBLIC:
    case OCKAM_PRIMITIVE_ED25519_SIGN: return 24000;
    case OCKAM_PRIMITIVE_ED25519_VERIFY: return 59000;
    case OCKAM_PRIMITIVE_P256_PUBLIC:
    case OCKAM_PRIMITIVE_P256_SIGN:
    case OCKAM_PRIMITIVE_P256_VERIFY: return 1; /* nobody else has it */
    case OCKAM_PRIMITIVE_COUNT: break;
    }
    return 0;
}

static uint32_t aead_cost(ockam_aead_type_t type, ockam_aead_class_t size)
{
    static const uint32_t aes[OCKAM_AEAD_CLASS_COUNT]    = {156, 326, 1600, 11300};
    static const uint32_t chacha[OCKAM_AEAD_CLASS_COUNT] = {379, 474, 1800, 12400};

    return type == OCKAM_CHACHA20_POLY1305 ? chacha[size] : aes[size];
}

const ockam_provider_t *ockam_provider_openssl(void)
{
    static const ockam_provider_t provider = {
        .name           = "openssl",
        .start          = start,
        .stop           = stop,
        .cost           = cost,
        .aead_cost      = aead_cost,
        .random         = random_bytes,
        .sha256         = sha256,
        .hmac_sha256    = hmac_sha256,
        .x25519_public  = x25519_public,
        .x25519         = x25519,
        .ed25519_public = ed25519_public,
        .ed25519_sign   = ed25519_sign,
        .ed25519_verify = ed25519_verify,
        .p256_public    = p256_public,
        .p256_sign      = p256_sign,
        .p256_verify    = p256_verify,
        .aead           = {[OCKAM_AES256_GCM]        = &aes256gcm,
                           [OCKAM_CHACHA20_POLY1305] = &chacha20poly1305,
                           [OCKAM_AES128_GCM]        = &aes128gcm},
    };

    return &provider;
}
