/* SPDX-License-Identifier: Apache-2.0
 *
 * opener.c - what we receive: a replay window, and the previous, the current and for a moment the next key.
 * Protocol: docs/protocol/secure-channels.md, "Receiving". No I/O, no clock; no allocation after it was made. */
#include "channel/data_phase.h"
#include "channel/key_tracker.h"
#include "channel/nonce_window.h"

/* Two AEAD states. `current` always holds the current key. `other` holds the previous key, except after a forged message
 * that claimed the next one: then it is empty until the previous key is needed, and set from `previous` again. */
struct ockam_opener {
    const ockam_allocator_t *allocator;
    ockam_aead_t            *current;
    ockam_aead_t            *other;
    bool                     other_is_previous;
    ockam_nonce_window_t     window;
    ockam_key_tracker_t      tracker;
    uint64_t                 expected;                             /* the nonce most likely to come next ... */
    uint8_t                  nonce[OCKAM_AEAD_NONCE_BYTES];        /* ... expanded */
    uint8_t                  current_key[OCKAM_CHANNEL_KEY_BYTES]; /* what becomes `previous` */
    uint8_t                  previous_key[OCKAM_CHANNEL_KEY_BYTES];
};

static const uint8_t no_key[OCKAM_CHANNEL_KEY_BYTES];

uint64_t ockam_sealed_nonce(const uint8_t *message)
{
    return ockam_nonce_get(message);
}

ockam_status_t ockam_opener_new(ockam_vault_t *vault, const uint8_t key[OCKAM_CHANNEL_KEY_BYTES], ockam_opener_t **out,
                                ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_vault_allocator(vault);
    ockam_opener_t          *opener    = (ockam_opener_t *)ockam_alloc(allocator, sizeof(*opener));
    ockam_status_t           s;

    if (opener == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "opener");
    opener->allocator        = allocator;
    opener->tracker.interval = OCKAM_CHANNEL_REKEY_INTERVAL;
    memcpy(opener->current_key, key, sizeof(opener->current_key));
    if ((s = ockam_aead_new(vault, OCKAM_AES256_GCM, key, &opener->current, err)) != OCKAM_OK ||
        (s = ockam_aead_new(vault, OCKAM_AES256_GCM, no_key, &opener->other, err)) != OCKAM_OK) {
        ockam_opener_free(opener);
        return s;
    }
    *out = opener;
    return OCKAM_OK;
}

void ockam_opener_free(ockam_opener_t *opener)
{
    if (opener == NULL)
        return;
    ockam_aead_free(opener->current);
    ockam_aead_free(opener->other);
    ockam_release(opener->allocator, opener, sizeof(*opener));
}

/* The next key goes into `other` on trial, and into `key`. */
static ockam_status_t try_next_key(ockam_opener_t *opener, uint8_t key[OCKAM_CHANNEL_KEY_BYTES], ockam_error_t *err)
{
    const ockam_status_t s = ockam_channel_next_key(opener->current, key, err);

    if (s == OCKAM_OK) {
        ockam_aead_set_key(opener->other, key);
        opener->other_is_previous = false;
    }
    return s;
}

/* The trial has succeeded: next becomes current, current becomes previous, previous is gone. */
static void keep_next_key(ockam_opener_t *opener, const uint8_t key[OCKAM_CHANNEL_KEY_BYTES])
{
    ockam_aead_t *const was_current = opener->current;

    opener->current           = opener->other;
    opener->other             = was_current;
    opener->other_is_previous = true;
    memcpy(opener->previous_key, opener->current_key, sizeof(opener->previous_key));
    memcpy(opener->current_key, key, sizeof(opener->current_key));
    ockam_key_tracker_advance(&opener->tracker);
}

static ockam_aead_t *previous_aead(ockam_opener_t *opener)
{
    if (!opener->other_is_previous) {
        ockam_aead_set_key(opener->other, opener->previous_key);
        opener->other_is_previous = true;
    }
    return opener->other;
}

static void expect(ockam_opener_t *opener, uint64_t nonce)
{
    opener->expected = nonce;
    ockam_nonce_expand(opener->nonce, nonce);
}

ockam_status_t ockam_opener_open(ockam_opener_t *opener, uint8_t *message, size_t len, uint8_t **text, size_t *text_len,
                                 ockam_error_t *err)
{
    const size_t   around = OCKAM_SEAL_HEAD_BYTES + OCKAM_SEAL_TAIL_BYTES;
    uint8_t        key[OCKAM_CHANNEL_KEY_BYTES];
    ockam_aead_t  *aead = opener->current;
    ockam_status_t s;

    if (OCKAM_UNLIKELY(len < around))
        return ockam_fail(err, OCKAM_MALFORMED, "%zu bytes, at least %zu", len, around);
    const uint64_t           n      = ockam_nonce_get(message);
    const ockam_key_choice_t choice = ockam_key_tracker_choose(&opener->tracker, n);

    /* UINT64_MAX is REKEY's nonce. No peer sends it. */
    if (OCKAM_UNLIKELY(!ockam_nonce_window_accepts(&opener->window, n) || choice == OCKAM_KEY_REFUSED ||
                       n == UINT64_MAX))
        return ockam_fail(err, OCKAM_REPLAYED, "nonce %llu, highest %llu", (unsigned long long)n,
                          (unsigned long long)opener->window.highest);
    if (choice == OCKAM_KEY_PREVIOUS)
        aead = previous_aead(opener);
    if (choice == OCKAM_KEY_NEXT) {
        if ((s = try_next_key(opener, key, err)) != OCKAM_OK)
            return s;
        aead = opener->other;
    }
    if (n != opener->expected)
        expect(opener, n);
    s = ockam_aead_open(aead, opener->nonce, ockam_slice(NULL, 0), message + OCKAM_SEAL_HEAD_BYTES, len - around,
                        message + len - OCKAM_SEAL_TAIL_BYTES, err);
    if (OCKAM_LIKELY(s == OCKAM_OK)) { /* only now: a forged message must not move anything */
        ockam_nonce_window_mark(&opener->window, n);
        if (choice == OCKAM_KEY_NEXT)
            keep_next_key(opener, key);
        expect(opener, opener->window.highest + 1);
        *text     = message + OCKAM_SEAL_HEAD_BYTES;
        *text_len = len - around;
    } else if (choice == OCKAM_KEY_NEXT) {
        ockam_aead_set_key(opener->other, no_key); /* a candidate that nobody proved is not kept (U6) */
    }
    if (choice == OCKAM_KEY_NEXT)
        ockam_wipe(key, sizeof(key));
    return s;
}

void ockam_opener_set_nonce(ockam_opener_t *opener, uint64_t nonce)
{
    opener->window.highest = nonce;
    opener->tracker.rekeys = nonce / OCKAM_CHANNEL_REKEY_INTERVAL;
}
