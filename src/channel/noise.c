/* SPDX-License-Identifier: Apache-2.0
 *
 * noise.c - MixHash, MixKey, EncryptAndHash, DecryptAndHash, Split.
 * Protocol: docs/protocol/secure-channels.md, "State" and "End". No I/O, no clock. */
#include "channel/noise.h"

#include <assert.h>

/* What HKDF gives each time: chaining key and cipher key, or two cipher keys. */
#define OKM_BYTES ((size_t)64)

void ockam_noise_nonce(bool little_endian, uint64_t n, uint8_t out[OCKAM_AEAD_NONCE_BYTES])
{
    memset(out, 0, 4);
    for (unsigned i = 0; i < 8; i++)
        out[4 + i] = (uint8_t)(n >> (little_endian ? 8 * i : 56 - 8 * i));
}

void ockam_noise_start(ockam_noise_t *noise, const ockam_noise_tools_t *tools, const ockam_noise_suite_t *suite)
{
    const size_t len = strlen(suite->name);

    assert(len <= OCKAM_SHA256_BYTES);
    memset(noise, 0, sizeof(*noise));
    memcpy(noise->h, suite->name, len);
    memcpy(noise->ck, noise->h, sizeof(noise->ck));
    noise->little_endian_nonce = suite->aead == OCKAM_CHACHA20_POLY1305;
    ockam_noise_mix_hash(noise, tools, suite->prologue);
}

void ockam_noise_mix_hash(ockam_noise_t *noise, const ockam_noise_tools_t *tools, ockam_slice_t data)
{
    uint8_t h[OCKAM_SHA256_BYTES];

    ockam_vault_sha256(tools->vault, ockam_slice(noise->h, sizeof(noise->h)), data, h);
    memcpy(noise->h, h, sizeof(h));
}

ockam_status_t ockam_noise_mix_key(ockam_noise_t *noise, const ockam_noise_tools_t *tools, ockam_slice_t ikm,
                                   ockam_error_t *err)
{
    ockam_secret_t       okm = {.len = OKM_BYTES};
    const ockam_status_t s   = ockam_vault_hkdf(tools->vault, ockam_slice(noise->ck, sizeof(noise->ck)), ikm,
                                                ockam_slice(NULL, 0), &okm, err);

    if (s == OCKAM_OK) {
        memcpy(noise->ck, okm.bytes, sizeof(noise->ck));
        memcpy(noise->k, okm.bytes + sizeof(noise->ck), sizeof(noise->k));
        noise->n       = 0;
        noise->has_key = true;
    }
    ockam_secret_deinit(&okm);
    return s;
}

ockam_status_t ockam_noise_encrypt(ockam_noise_t *noise, const ockam_noise_tools_t *tools, ockam_slice_t text,
                                   ockam_buf_t *out, ockam_error_t *err)
{
    const size_t   mark = out->len;
    const size_t   tag  = noise->has_key ? OCKAM_AEAD_TAG_BYTES : 0;
    uint8_t        nonce[OCKAM_AEAD_NONCE_BYTES];
    ockam_status_t s;

    if ((s = ockam_buf_reserve(out, text.len + tag, err)) != OCKAM_OK ||
        (s = ockam_buf_append(out, text, err)) != OCKAM_OK)
        return s;
    if (noise->has_key) {
        ockam_aead_set_key(tools->aead, noise->k);
        ockam_noise_nonce(noise->little_endian_nonce, noise->n, nonce);
        s = ockam_aead_seal(tools->aead, nonce, ockam_slice(noise->h, sizeof(noise->h)), out->ptr + mark, text.len,
                            out->ptr + out->len, err);
        if (s != OCKAM_OK) {
            ockam_buf_truncate(out, mark);
            return s;
        }
        out->len += tag;
        noise->n++;
    }
    ockam_noise_mix_hash(noise, tools, noise->has_key ? ockam_slice(out->ptr + mark, out->len - mark) : text);
    return OCKAM_OK;
}

ockam_status_t ockam_noise_decrypt(ockam_noise_t *noise, const ockam_noise_tools_t *tools, ockam_slice_t in,
                                   ockam_buf_t *out, ockam_error_t *err)
{
    const size_t   mark = out->len;
    uint8_t        nonce[OCKAM_AEAD_NONCE_BYTES];
    ockam_slice_t  text = in;
    ockam_status_t s;

    if (noise->has_key) {
        if (in.len < OCKAM_AEAD_TAG_BYTES)
            return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "%zu bytes, a tag has %u", in.len, OCKAM_AEAD_TAG_BYTES);
        text.len -= OCKAM_AEAD_TAG_BYTES;
    }
    /* With room for the tag there is memory to point at, even when the text is empty. */
    if ((s = ockam_buf_reserve(out, in.len, err)) != OCKAM_OK || (s = ockam_buf_append(out, text, err)) != OCKAM_OK)
        return s;
    if (noise->has_key) {
        ockam_aead_set_key(tools->aead, noise->k);
        ockam_noise_nonce(noise->little_endian_nonce, noise->n, nonce);
        s = ockam_aead_open(tools->aead, nonce, ockam_slice(noise->h, sizeof(noise->h)), out->ptr + mark, text.len,
                            text.ptr + text.len, err);
        if (s != OCKAM_OK) {
            ockam_buf_truncate(out, mark);
            return s;
        }
        noise->n++;
    }
    ockam_noise_mix_hash(noise, tools, in);
    return OCKAM_OK;
}

ockam_status_t ockam_noise_split(const ockam_noise_t *noise, const ockam_noise_tools_t *tools, ockam_secret_t *keys,
                                 ockam_error_t *err)
{
    keys->len = OKM_BYTES;
    return ockam_vault_hkdf(tools->vault, ockam_slice(noise->ck, sizeof(noise->ck)), ockam_slice(NULL, 0),
                            ockam_slice(NULL, 0), keys, err);
}
