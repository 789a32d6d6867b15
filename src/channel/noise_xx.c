/* SPDX-License-Identifier: Apache-2.0
 *
 * noise_xx.c - the three messages, token by token.
 * Protocol: docs/protocol/secure-channels.md, "Message 1" to "Message 3"; Noise revision 34, section 5.3. No I/O. */
#include "channel/noise_xx.h"

#include "ockam/limits.h"
#include "wire/reader.h"

const ockam_noise_suite_t ockam_noise_xx_suite = {.name = "OCKAM_XX_25519_AES256_GCM_SHA256", .aead = OCKAM_AES256_GCM};

#define SEALED_KEY_BYTES (OCKAM_X25519_BYTES + OCKAM_AEAD_TAG_BYTES)

static ockam_slice_t key_view(const uint8_t key[OCKAM_X25519_BYTES])
{
    return ockam_slice(key, OCKAM_X25519_BYTES);
}

static ockam_status_t check_size(size_t len, size_t min, ockam_error_t *err)
{
    if (len < min)
        return ockam_fail(err, OCKAM_MALFORMED, "%zu bytes, at least %zu", len, min);
    if (len > OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "%zu bytes, limit %u", len, OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    return OCKAM_OK;
}

static ockam_status_t write_e(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_buf_t *out,
                              ockam_error_t *err)
{
    const ockam_status_t s = ockam_buf_append(out, key_view(xx->e_public), err);

    if (s == OCKAM_OK)
        ockam_noise_mix_hash(&xx->noise, tools, key_view(xx->e_public));
    return s;
}

static ockam_status_t read_e(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_reader_t *r,
                             ockam_error_t *err)
{
    ockam_slice_t        e;
    const ockam_status_t s = ockam_reader_bytes(r, OCKAM_X25519_BYTES, &e, err);

    if (s == OCKAM_OK) {
        memcpy(xx->re, e.ptr, e.len);
        ockam_noise_mix_hash(&xx->noise, tools, e);
    }
    return s;
}

static ockam_status_t read_s(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_reader_t *r,
                             ockam_error_t *err)
{
    ockam_slice_t  sealed;
    uint8_t        storage[SEALED_KEY_BYTES];
    ockam_buf_t    key;
    ockam_status_t s;

    ockam_buf_init_fixed(&key, storage, sizeof(storage));
    if ((s = ockam_reader_bytes(r, SEALED_KEY_BYTES, &sealed, err)) != OCKAM_OK)
        return s;
    if ((s = ockam_noise_decrypt(&xx->noise, tools, sealed, &key, err)) != OCKAM_OK)
        return s;
    memcpy(xx->rs, storage, sizeof(xx->rs));
    return OCKAM_OK;
}

/* MixKey(DH(ours, theirs)). A peer key of low order would give a result that everybody knows, and is refused (U5). */
static ockam_status_t mix_dh(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_key_id_t ours,
                             const uint8_t theirs[OCKAM_X25519_BYTES], ockam_error_t *err)
{
    ockam_secret_t shared = {.len = 0};
    ockam_status_t s;

    if ((s = ockam_vault_x25519(tools->vault, ours, theirs, &shared, err)) == OCKAM_OK)
        s = ockam_noise_mix_key(&xx->noise, tools, ockam_slice(shared.bytes, shared.len), err);
    ockam_secret_deinit(&shared);
    return s;
}

/* -> e, payload 1 in clear */

ockam_status_t ockam_noise_xx_write_1(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_slice_t payload,
                                      ockam_buf_t *out, ockam_error_t *err)
{
    OCKAM_TRY(err, check_size(OCKAM_NOISE_XX_MESSAGE_1_MIN + payload.len, OCKAM_NOISE_XX_MESSAGE_1_MIN, err), "size");
    OCKAM_TRY(err, write_e(xx, tools, out, err), "e"); /* e */
    OCKAM_TRY(err, ockam_noise_encrypt(&xx->noise, tools, payload, out, err), "payload");
    return OCKAM_OK;
}

ockam_status_t ockam_noise_xx_read_1(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_slice_t in,
                                     ockam_buf_t *payload, ockam_error_t *err)
{
    ockam_reader_t r = ockam_reader(in);

    OCKAM_TRY(err, check_size(in.len, OCKAM_NOISE_XX_MESSAGE_1_MIN, err), "size");
    OCKAM_TRY(err, read_e(xx, tools, &r, err), "e"); /* e */
    OCKAM_TRY(err, ockam_noise_decrypt(&xx->noise, tools, r.rest, payload, err), "payload");
    return OCKAM_OK;
}

/* <- e, ee, s, es, payload 2 */

ockam_status_t ockam_noise_xx_write_2(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_slice_t payload,
                                      ockam_buf_t *out, ockam_error_t *err)
{
    OCKAM_TRY(err, check_size(OCKAM_NOISE_XX_MESSAGE_2_MIN + payload.len, OCKAM_NOISE_XX_MESSAGE_2_MIN, err), "size");
    OCKAM_TRY(err, write_e(xx, tools, out, err), "e");                                             /* e */
    OCKAM_TRY(err, mix_dh(xx, tools, xx->e, xx->re, err), "ee");                                   /* ee */
    OCKAM_TRY(err, ockam_noise_encrypt(&xx->noise, tools, key_view(xx->s_public), out, err), "s"); /* s */
    OCKAM_TRY(err, mix_dh(xx, tools, xx->s, xx->re, err), "es");                                   /* es */
    OCKAM_TRY(err, ockam_noise_encrypt(&xx->noise, tools, payload, out, err), "payload");
    return OCKAM_OK;
}

ockam_status_t ockam_noise_xx_read_2(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_slice_t in,
                                     ockam_buf_t *payload, ockam_error_t *err)
{
    ockam_reader_t r = ockam_reader(in);

    OCKAM_TRY(err, check_size(in.len, OCKAM_NOISE_XX_MESSAGE_2_MIN, err), "size");
    OCKAM_TRY(err, read_e(xx, tools, &r, err), "e");             /* e */
    OCKAM_TRY(err, mix_dh(xx, tools, xx->e, xx->re, err), "ee"); /* ee */
    OCKAM_TRY(err, read_s(xx, tools, &r, err), "s");             /* s */
    OCKAM_TRY(err, mix_dh(xx, tools, xx->e, xx->rs, err), "es"); /* es */
    OCKAM_TRY(err, ockam_noise_decrypt(&xx->noise, tools, r.rest, payload, err), "payload");
    return OCKAM_OK;
}

/* -> s, se, payload 3. The static key goes under the key of `es`, whose counter is at 1 after payload 2. */

ockam_status_t ockam_noise_xx_write_3(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_slice_t payload,
                                      ockam_buf_t *out, ockam_error_t *err)
{
    OCKAM_TRY(err, check_size(OCKAM_NOISE_XX_MESSAGE_3_MIN + payload.len, OCKAM_NOISE_XX_MESSAGE_3_MIN, err), "size");
    OCKAM_TRY(err, ockam_noise_encrypt(&xx->noise, tools, key_view(xx->s_public), out, err), "s"); /* s */
    OCKAM_TRY(err, mix_dh(xx, tools, xx->s, xx->re, err), "se");                                   /* se */
    OCKAM_TRY(err, ockam_noise_encrypt(&xx->noise, tools, payload, out, err), "payload");
    return OCKAM_OK;
}

ockam_status_t ockam_noise_xx_read_3(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_slice_t in,
                                     ockam_buf_t *payload, ockam_error_t *err)
{
    ockam_reader_t r = ockam_reader(in);

    OCKAM_TRY(err, check_size(in.len, OCKAM_NOISE_XX_MESSAGE_3_MIN, err), "size");
    OCKAM_TRY(err, read_s(xx, tools, &r, err), "s");             /* s */
    OCKAM_TRY(err, mix_dh(xx, tools, xx->e, xx->rs, err), "se"); /* se */
    OCKAM_TRY(err, ockam_noise_decrypt(&xx->noise, tools, r.rest, payload, err), "payload");
    return OCKAM_OK;
}
