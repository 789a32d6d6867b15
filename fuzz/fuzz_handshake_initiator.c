/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_handshake_initiator.c - anything in place of message 2.
 *
 * Input: one byte. 0: the rest is a message. 1: the rest says how the genuine message 2 is changed. After these two the
 * genuine one must still be welcome. 2: the rest is the payload of an authentic message 2. 3: the rest says how the right
 * payload is changed before it is sealed.
 * Must reach: read_2_send_3, read_peer of src/channel/noise_xx_exchange.c; ockam_noise_xx_read_2;
 * ockam_identity_payload_decode; ockam_peer_verify, ockam_peer_accept of src/channel/peer.c. */
#include <assert.h>
#include <stdlib.h>

#include "channel_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_2(channel_fuzz_t *f, ockam_slice_t payload)
{
    ockam_status_t s;

    ockam_buf_truncate(&f->message, 0);
    s = ockam_noise_xx_write_2(&f->xx, &f->tools, payload, &f->message, NULL);
    assert(s == OCKAM_OK);
}

static void start(channel_fuzz_t *f)
{
    ockam_buf_t    m1;
    ockam_status_t s;

    ockam_buf_init(&m1, ockam_allocator_malloc(), CHANNEL_FUZZ_MESSAGE_MAX);
    s = ockam_handshake_start(f->tested, IDENTITY_FUZZ_NOW, &m1, NULL);
    assert(s == OCKAM_OK && m1.len == 32);
    s = ockam_noise_xx_read_1(&f->xx, &f->tools, ockam_buf_view(&m1), &f->message, NULL);
    assert(s == OCKAM_OK);
    ockam_buf_deinit(&m1);
}

/* Message 3, as the responder reads it, or nothing. */
static void check_reply(channel_fuzz_t *f)
{
    ockam_status_t s;

    if (ockam_handshake_state(f->tested) != OCKAM_HANDSHAKE_READY)
        return;
    ockam_buf_truncate(&f->message, 0);
    s = ockam_noise_xx_read_3(&f->xx, &f->tools, ockam_buf_view(&f->reply), &f->message, NULL);
    assert(s == OCKAM_OK);
}

static void forge(channel_fuzz_t *f, identity_fuzz_input_t *in, bool mutated)
{
    ockam_buf_t    forged;
    ockam_status_t s;

    write_2(f, ockam_buf_view(&f->payload));
    ockam_buf_init(&forged, ockam_allocator_malloc(), CHANNEL_FUZZ_MESSAGE_MAX);
    s = ockam_buf_append(&forged, mutated ? ockam_buf_view(&f->message) : ockam_slice(in->ptr, in->len), NULL);
    if (s == OCKAM_OK && mutated)
        channel_fuzz_mutate(in, &forged);
    if (s == OCKAM_OK && !channel_fuzz_same(&f->message, ockam_buf_view(&forged)))
        channel_fuzz_feed_forgery(f, ockam_buf_view(&forged));
    ockam_buf_deinit(&forged);
    channel_fuzz_feed_payload(f, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    identity_fuzz_input_t in   = {data, size};
    const unsigned        mode = identity_fuzz_byte(&in) % 4;
    ockam_buf_t           right;
    channel_fuzz_t        f;

    channel_fuzz_begin(&f, OCKAM_INITIATOR);
    start(&f);
    if (mode < 2) {
        forge(&f, &in, mode == 1);
    } else if (mode == 2) {
        if (in.len <= OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX - OCKAM_NOISE_XX_MESSAGE_2_MIN) {
            write_2(&f, ockam_slice(in.ptr, in.len));
            channel_fuzz_feed_payload(&f, false);
        }
    } else {
        ockam_buf_init(&right, ockam_allocator_malloc(), CHANNEL_FUZZ_MESSAGE_MAX);
        const ockam_status_t s = ockam_buf_append(&right, ockam_buf_view(&f.payload), NULL);
        assert(s == OCKAM_OK);
        channel_fuzz_mutate(&in, &f.payload);
        write_2(&f, ockam_buf_view(&f.payload));
        channel_fuzz_feed_payload(&f, channel_fuzz_same(&right, ockam_buf_view(&f.payload)));
        ockam_buf_deinit(&right);
    }
    check_reply(&f);
    channel_fuzz_end(&f);
    return 0;
}
