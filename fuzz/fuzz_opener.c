/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_opener.c - messages in any order, lost, repeated, changed and made up; compared with what a plain list of all accepted
 * numbers says.
 *
 * Input: a list of steps. 0..127: that many + 1 messages are sealed. 128..191: one of the last 64 is delivered as it is.
 * 192..223: one of them is delivered with a byte changed (two more bytes of input: where, to what). 224..255: the next bytes
 * (one says how many) are delivered as they are.
 * Must reach: ockam_opener_open with each ockam_key_choice_t, try_next_key, keep_next_key, previous_aead of
 * src/channel/opener.c; ockam_sealer_seal, rekey of src/channel/sealer.c. */
#include <assert.h>
#include <stdlib.h>

#include "channel/data_phase.h"
#include "identity_fuzz.h"

#define KEPT        64u
#define TEXT        8u
#define MESSAGE     (OCKAM_SEAL_HEAD_BYTES + TEXT + OCKAM_SEAL_TAIL_BYTES)
#define NUMBERS_MAX 65536u

static const uint8_t fuzz_key[OCKAM_CHANNEL_KEY_BYTES] = {7};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    ockam_sealer_t *sealer;
    ockam_opener_t *opener;
    uint64_t        sealed; /* messages so far; the last KEPT of them are kept */
    uint8_t         kept[KEPT][MESSAGE];
    uint64_t        highest;
    bool            accepted[NUMBERS_MAX];
} line_t;

static void seal(line_t *l)
{
    uint8_t *message = l->kept[l->sealed % KEPT];

    memset(message, 0, MESSAGE);
    const ockam_status_t s = ockam_sealer_seal(l->sealer, message + OCKAM_SEAL_HEAD_BYTES, TEXT, NULL);

    assert(s == OCKAM_OK && ockam_sealed_nonce(message) == l->sealed);
    l->sealed++;
}

static bool acceptable(const line_t *l, uint64_t n)
{
    const uint64_t distance = n > l->highest ? n - l->highest : l->highest - n;

    return distance <= OCKAM_CHANNEL_REKEY_INTERVAL && n < NUMBERS_MAX && !l->accepted[n];
}

static ockam_status_t open_copy(line_t *l, const uint8_t *message, size_t len)
{
    uint8_t  copy[256];
    uint8_t *text;
    size_t   text_len;

    assert(len <= sizeof(copy));
    if (len > 0)
        memcpy(copy, message, len);
    return ockam_opener_open(l->opener, copy, len, &text, &text_len, NULL);
}

static void note(line_t *l, uint64_t n)
{
    l->accepted[n] = true;
    l->highest     = n > l->highest ? n : l->highest;
}

static void deliver(line_t *l, size_t index, identity_fuzz_input_t *in, bool changed)
{
    const uint8_t *genuine = l->kept[index];
    uint8_t        message[MESSAGE];
    uint64_t       n;

    if (index >= l->sealed)
        return;
    memcpy(message, genuine, MESSAGE);
    if (changed) {
        const size_t at = identity_fuzz_byte(in) % MESSAGE;
        message[at]     = identity_fuzz_byte(in);
    }
    n                      = ockam_sealed_nonce(message);
    const ockam_status_t s = open_copy(l, message, MESSAGE);
    if (memcmp(message, genuine, MESSAGE) != 0) {
        assert(s == OCKAM_NOT_AUTHENTIC || s == OCKAM_REPLAYED);
        return;
    }
    assert((s == OCKAM_OK) == acceptable(l, n));
    if (s == OCKAM_OK)
        note(l, n);
}

/* A fuzzer sees the genuine messages being compared, and learns them. What opens must be one of them. */
static void check_is_genuine(const uint8_t *message, size_t len)
{
    ockam_sealer_t *again;
    uint8_t         genuine[MESSAGE];
    const uint64_t  n = ockam_sealed_nonce(message);

    assert(len == MESSAGE && n < NUMBERS_MAX);
    if (ockam_sealer_new(identity_fuzz_vault(), fuzz_key, &again, NULL) != OCKAM_OK)
        abort();
    for (uint64_t i = 0; i <= n; i++) {
        memset(genuine, 0, sizeof(genuine));
        const ockam_status_t s = ockam_sealer_seal(again, genuine + OCKAM_SEAL_HEAD_BYTES, TEXT, NULL);
        assert(s == OCKAM_OK);
    }
    assert(memcmp(genuine, message, MESSAGE) == 0);
    ockam_sealer_free(again);
}

static void make_up(line_t *l, identity_fuzz_input_t *in)
{
    size_t len = identity_fuzz_byte(in);

    if (len > in->len)
        len = in->len;
    const ockam_status_t s = open_copy(l, in->ptr, len);
    assert(s == OCKAM_OK || s == OCKAM_NOT_AUTHENTIC || s == OCKAM_REPLAYED || s == OCKAM_MALFORMED);
    if (s == OCKAM_OK) {
        assert(acceptable(l, ockam_sealed_nonce(in->ptr)));
        check_is_genuine(in->ptr, len);
        note(l, ockam_sealed_nonce(in->ptr));
    }
    in->ptr += len;
    in->len -= len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static line_t         l;
    identity_fuzz_input_t in = {data, size};

    memset(&l, 0, sizeof(l));
    if (ockam_sealer_new(identity_fuzz_vault(), fuzz_key, &l.sealer, NULL) != OCKAM_OK ||
        ockam_opener_new(identity_fuzz_vault(), fuzz_key, &l.opener, NULL) != OCKAM_OK)
        abort();
    while (in.len > 0) {
        const unsigned step = identity_fuzz_byte(&in);
        if (step < 128)
            for (unsigned i = 0; i <= step && l.sealed < NUMBERS_MAX; i++)
                seal(&l);
        else if (step < 224)
            deliver(&l, step % KEPT, &in, step >= 192);
        else
            make_up(&l, &in);
    }
    ockam_sealer_free(l.sealer);
    ockam_opener_free(l.opener);
    return 0;
}
