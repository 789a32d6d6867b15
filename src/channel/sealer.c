/* SPDX-License-Identifier: Apache-2.0
 *
 * sealer.c - what we send: a counter, a key that is replaced every 32 messages.
 * Protocol: docs/protocol/secure-channels.md, "Data messages" and "Nonces and rekeying". No I/O, no clock; no allocation
 * after it was made. */
#include "channel/data_phase.h"

#define NONCE_RESERVED UINT64_MAX /* REKEY's own nonce: no message ever has it */

struct ockam_sealer {
    const ockam_allocator_t *allocator;
    ockam_aead_t            *aead;
    uint64_t                 next; /* nonce of the next message; NONCE_RESERVED: there is none */
    bool                     broken;
    uint8_t                  nonce[OCKAM_AEAD_NONCE_BYTES]; /* of `next`, expanded */
};

ockam_status_t ockam_channel_next_key(ockam_aead_t *aead, uint8_t out[OCKAM_CHANNEL_KEY_BYTES], ockam_error_t *err)
{
    static const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES] = {0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255};
    uint8_t              tag[OCKAM_AEAD_TAG_BYTES];

    memset(out, 0, OCKAM_CHANNEL_KEY_BYTES);
    return ockam_aead_seal(aead, nonce, ockam_slice(NULL, 0), out, OCKAM_CHANNEL_KEY_BYTES, tag, err);
}

ockam_status_t ockam_sealer_new(ockam_vault_t *vault, const uint8_t key[OCKAM_CHANNEL_KEY_BYTES], ockam_sealer_t **out,
                                ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_vault_allocator(vault);
    ockam_sealer_t          *sealer    = (ockam_sealer_t *)ockam_alloc(allocator, sizeof(*sealer));
    ockam_status_t           s;

    if (sealer == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "sealer");
    sealer->allocator = allocator;
    if ((s = ockam_aead_new(vault, OCKAM_AES256_GCM, key, &sealer->aead, err)) != OCKAM_OK) {
        ockam_sealer_free(sealer);
        return s;
    }
    *out = sealer;
    return OCKAM_OK;
}

void ockam_sealer_free(ockam_sealer_t *sealer)
{
    if (sealer == NULL)
        return;
    ockam_aead_free(sealer->aead);
    ockam_release(sealer->allocator, sealer, sizeof(*sealer));
}

static ockam_status_t rekey(ockam_sealer_t *sealer, ockam_error_t *err)
{
    uint8_t              key[OCKAM_CHANNEL_KEY_BYTES];
    const ockam_status_t s = ockam_channel_next_key(sealer->aead, key, err);

    if (s == OCKAM_OK)
        ockam_aead_set_key(sealer->aead, key);
    ockam_wipe(key, sizeof(key));
    return s;
}

ockam_status_t ockam_sealer_seal(ockam_sealer_t *sealer, uint8_t *text, size_t len, ockam_error_t *err)
{
    ockam_status_t s = OCKAM_OK;

    if (OCKAM_UNLIKELY(sealer->next == NONCE_RESERVED || sealer->broken)) {
        ockam_wipe(text, len);
        return sealer->broken ? ockam_fail(err, OCKAM_INTERNAL, "sealing failed before")
                              : ockam_fail(err, OCKAM_LIMIT, "all nonces of this channel are used");
    }
    const uint64_t n = sealer->next;
    if (n > 0 && n % OCKAM_CHANNEL_REKEY_INTERVAL == 0)
        s = rekey(sealer, err);
    ockam_nonce_put(text - OCKAM_CHANNEL_NONCE_BYTES, n);
    if (s == OCKAM_OK)
        s = ockam_aead_seal(sealer->aead, sealer->nonce, ockam_slice(NULL, 0), text, len, text + len, err);
    if (OCKAM_UNLIKELY(s != OCKAM_OK)) {
        sealer->broken = true; /* which key it holds now is not certain: it must not seal again */
        ockam_wipe(text, len);
        return ockam_error_wrap(err, s, __func__, "seal");
    }
    ockam_sealer_set_nonce(sealer, n + 1);
    return OCKAM_OK;
}

void ockam_sealer_set_nonce(ockam_sealer_t *sealer, uint64_t nonce)
{
    sealer->next = nonce;
    ockam_nonce_expand(sealer->nonce, nonce);
}
