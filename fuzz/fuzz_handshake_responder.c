/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_handshake_responder.c - anything in place of messages 1 and 3.
 *
 * Input: one byte. 0: the rest is a message 1. 1: the rest is a message 3. 2: the rest says how the genuine message 3 is
 * changed. After 1 and 2 the genuine one must still be welcome. 3: the rest is the payload of an authentic message 3. 4: the
 * rest says how the right payload is changed before it is sealed.
 * Must reach: read_1_send_2, read_3, read_peer of src/channel/noise_xx_exchange.c; ockam_noise_xx_read_1,
 * ockam_noise_xx_read_3; ockam_identity_payload_decode; ockam_peer_verify, ockam_peer_accept of src/channel/peer.c. */
#include <assert.h>
#include <stdlib.h>

#include "channel_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Answered with a message 2, or ignored. */
static void any_message_1(channel_fuzz_t *f, ockam_slice_t in)
{
    const ockam_status_t s = ockam_handshake_receive(f->tested, in, IDENTITY_FUZZ_NOW, &f->reply, NULL);

    assert(ockam_handshake_state(f->tested) == OCKAM_HANDSHAKE_WAITING);
    assert((s == OCKAM_OK) == (f->reply.len >= OCKAM_NOISE_XX_MESSAGE_2_MIN));
    assert(s == OCKAM_OK || s == OCKAM_MALFORMED || s == OCKAM_LIMIT || s == OCKAM_NOT_AUTHENTIC);
    assert(s == OCKAM_OK || f->reply.len == 0);
    assert(s != OCKAM_MALFORMED || in.len < OCKAM_NOISE_XX_MESSAGE_1_MIN);
}

/* Messages 1 and 2. */
static void exchange(channel_fuzz_t *f)
{
    ockam_status_t s = ockam_noise_xx_write_1(&f->xx, &f->tools, ockam_slice(NULL, 0), &f->message, NULL);

    assert(s == OCKAM_OK);
    s = ockam_handshake_receive(f->tested, ockam_buf_view(&f->message), IDENTITY_FUZZ_NOW, &f->reply, NULL);
    assert(s == OCKAM_OK);
    ockam_buf_truncate(&f->message, 0);
    s = ockam_noise_xx_read_2(&f->xx, &f->tools, ockam_buf_view(&f->reply), &f->message, NULL);
    assert(s == OCKAM_OK);
    ockam_buf_truncate(&f->reply, 0);
}

static void write_3(channel_fuzz_t *f, ockam_slice_t payload)
{
    ockam_status_t s;

    ockam_buf_truncate(&f->message, 0);
    s = ockam_noise_xx_write_3(&f->xx, &f->tools, payload, &f->message, NULL);
    assert(s == OCKAM_OK);
}

static void forge(channel_fuzz_t *f, identity_fuzz_input_t *in, bool mutated)
{
    ockam_buf_t    forged;
    ockam_status_t s;

    write_3(f, ockam_buf_view(&f->payload));
    ockam_buf_init(&forged, ockam_allocator_malloc(), CHANNEL_FUZZ_MESSAGE_MAX);
    s = ockam_buf_append(&forged, mutated ? ockam_buf_view(&f->message) : ockam_slice(in->ptr, in->len), NULL);
    if (s == OCKAM_OK && mutated)
        channel_fuzz_mutate(in, &forged);
    if (s == OCKAM_OK && !channel_fuzz_same(&f->message, ockam_buf_view(&forged)))
        channel_fuzz_feed_forgery(f, ockam_buf_view(&forged));
    ockam_buf_deinit(&forged);
    channel_fuzz_feed_payload(f, true);
}

static void payload(channel_fuzz_t *f, identity_fuzz_input_t *in, bool mutated)
{
    ockam_buf_t    shown;
    ockam_status_t s;

    ockam_buf_init(&shown, ockam_allocator_malloc(), OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX - OCKAM_NOISE_XX_MESSAGE_3_MIN);
    s = ockam_buf_append(&shown, mutated ? ockam_buf_view(&f->payload) : ockam_slice(in->ptr, in->len), NULL);
    if (s == OCKAM_OK && mutated)
        channel_fuzz_mutate(in, &shown);
    if (s == OCKAM_OK) {
        write_3(f, ockam_buf_view(&shown));
        channel_fuzz_feed_payload(f, channel_fuzz_same(&f->payload, ockam_buf_view(&shown)));
    }
    ockam_buf_deinit(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    identity_fuzz_input_t in   = {data, size};
    const unsigned        mode = identity_fuzz_byte(&in) % 5;
    channel_fuzz_t        f;

    channel_fuzz_begin(&f, OCKAM_RESPONDER);
    const ockam_status_t s = ockam_handshake_start(f.tested, IDENTITY_FUZZ_NOW, &f.reply, NULL);
    assert(s == OCKAM_OK && f.reply.len == 0);
    if (mode == 0)
        any_message_1(&f, ockam_slice(in.ptr, in.len));
    else
        exchange(&f);
    if (mode == 1 || mode == 2)
        forge(&f, &in, mode == 2);
    if (mode >= 3)
        payload(&f, &in, mode == 4);
    assert(mode == 0 || f.reply.len == 0); /* after message 3 a responder says nothing more */
    channel_fuzz_end(&f);
    return 0;
}
