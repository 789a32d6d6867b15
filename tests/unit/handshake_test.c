/* SPDX-License-Identifier: Apache-2.0
 *
 * The handshake as channels use it: known bytes, every state and event, messages that are not the peer's, trust, memory. What
 * a proven peer may say about itself is in peer_test.c. */
#include "channel/data_phase.h"
#include "channel_peers.h"
#include "failing_allocator.h"
#include "ockam/key_exchange.h"
#include "test.h"
#include "vectors.h"

typedef struct {
    channel_peer_t     peer[2]; /* by role */
    ockam_handshake_t *hs[2];
} pair_t;

static void pair_start(pair_t *p)
{
    memset(p, 0, sizeof(*p));
    for (unsigned r = 0; r < 2; r++) {
        channel_peer_start(&p->peer[r], OCKAM_ED25519, 10 + r);
        p->hs[r] = channel_peer_handshake(&p->peer[r], (ockam_role_t)r);
    }
}

static void pair_end(pair_t *p)
{
    for (unsigned r = 0; r < 2; r++) {
        ockam_handshake_free(p->hs[r]);
        channel_peer_end(&p->peer[r]);
    }
}

static ockam_status_t feed(ockam_handshake_t *hs, ockam_slice_t in, ockam_buf_t *out)
{
    return ockam_handshake_receive(hs, in, CHANNEL_NOW, out, NULL);
}

/* Feed something bad: nothing is said, nothing changes. */
static void feed_in_vain(ockam_handshake_t *hs, ockam_slice_t in, ockam_status_t expected)
{
    const ockam_handshake_state_t before = ockam_handshake_state(hs);
    ockam_buf_t                   out;

    channel_buf_init(&out);
    assert_status(feed(hs, in, &out), expected);
    assert_int_equal(out.len, 0);
    assert_int_equal(ockam_handshake_state(hs), before);
    ockam_buf_deinit(&out);
}

/* Both ends up to message m (1 to 3), which is in `message` and not fed. */
static void pair_until(pair_t *p, unsigned m, ockam_buf_t *message)
{
    ockam_buf_t before;

    pair_start(p);
    channel_buf_init(message);
    assert_ok(ockam_handshake_start(p->hs[OCKAM_RESPONDER], CHANNEL_NOW, message, NULL));
    assert_ok(ockam_handshake_start(p->hs[OCKAM_INITIATOR], CHANNEL_NOW, message, NULL));
    for (unsigned i = 1; i < m; i++) {
        before = *message;
        channel_buf_init(message);
        assert_ok(feed(p->hs[i % 2], ockam_buf_view(&before), message));
        ockam_buf_deinit(&before);
    }
}

static ockam_handshake_t *reader_of(pair_t *p, unsigned m)
{
    return p->hs[m % 2];
}

/* The genuine message is still welcome. */
static void feed_genuine(pair_t *p, unsigned m, const ockam_buf_t *message)
{
    ockam_buf_t reply;

    channel_buf_init(&reply);
    assert_ok(feed(reader_of(p, m), ockam_buf_view(message), &reply));
    if (m >= 2)
        assert_true(ockam_handshake_is_ready(reader_of(p, m)));
    ockam_buf_deinit(&reply);
}

/* ---- the ordinary case ---------------------------------------------------------------------------------------------- */

static void talk(ockam_sealer_t *sealer, ockam_opener_t *opener)
{
    uint8_t  message[64] = {0};
    uint8_t *text;
    size_t   len;

    memcpy(message + OCKAM_SEAL_HEAD_BYTES, "hello", 5);
    assert_ok(ockam_sealer_seal(sealer, message + OCKAM_SEAL_HEAD_BYTES, 5, NULL));
    assert_ok(ockam_opener_open(opener, message, 5 + OCKAM_SEAL_HEAD_BYTES + OCKAM_SEAL_TAIL_BYTES, &text, &len, NULL));
    assert_slice_equal(ockam_slice(text, len), ockam_slice_text("hello"));
}

static void two_peers_prove_themselves_and_talk(void **state)
{
    (void)state;
    ockam_sealer_t *sealer[2];
    ockam_opener_t *opener[2];
    pair_t          p;

    pair_start(&p);
    channel_handshake_run(p.hs[OCKAM_INITIATOR], p.hs[OCKAM_RESPONDER]);
    for (unsigned r = 0; r < 2; r++) {
        assert_memory_equal(ockam_handshake_peer(p.hs[r]), ockam_identity_identifier(p.peer[1 - r].identity), 32);
        assert_true(channel_peer_knows(&p.peer[r], &p.peer[1 - r]));
        assert_ok(ockam_handshake_take_keys(p.hs[r], &sealer[r], &opener[r], NULL));
        assert_int_equal(ockam_handshake_state(p.hs[r]), OCKAM_HANDSHAKE_TAKEN);
        assert_non_null(ockam_handshake_peer(p.hs[r]));
        ockam_handshake_free(p.hs[r]); /* sealer and opener do not need it */
        p.hs[r] = NULL;
    }
    for (unsigned i = 0; i < 100; i++) {
        talk(sealer[0], opener[1]);
        talk(sealer[1], opener[0]);
    }
    for (unsigned r = 0; r < 2; r++) {
        ockam_sealer_free(sealer[r]);
        ockam_opener_free(opener[r]);
    }
    pair_end(&p);
}

static void without_a_store_nobody_is_remembered_and_it_works(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p);
    for (unsigned r = 0; r < 2; r++) {
        ockam_handshake_options_t options = channel_peer_options(&p.peer[r], (ockam_role_t)r);
        options.store                     = NULL;
        ockam_handshake_free(p.hs[r]);
        assert_ok(ockam_handshake_new(&options, &p.hs[r], NULL));
    }
    channel_handshake_run(p.hs[OCKAM_INITIATOR], p.hs[OCKAM_RESPONDER]);
    assert_false(channel_peer_knows(&p.peer[0], &p.peer[1]));
    assert_false(channel_peer_knows(&p.peer[1], &p.peer[0]));
    pair_end(&p);
}

/* ---- the protocol's own run with identities and a credential ---------------------------------------------------------- */

static ockam_change_history_t *vector_history(vectors_t *v, const json_t *of, ockam_vault_t *vault)
{
    ockam_change_history_t *history = NULL;

    assert_ok(ockam_change_history_verify(vault, vectors_hex(v, of, "change_history"), NULL, &history, NULL));
    return history;
}

static void import_vector_peer(vectors_t *v, const char *name, const char *attestation, const char *static_secret,
                               const char *ephemeral_secret, channel_peer_t *peer)
{
    const json_t *run  = vectors_get(v, vectors_root(v), "full_handshake_with_identities");
    const json_t *keys = vectors_get(v, vectors_root(v), "noise_xx_keys");
    const json_t *who  = vectors_get(v, run, name);

    channel_peer_import(peer, vectors_hex(v, who, "ed25519_seed"), vectors_hex(v, who, "change_history"),
                        vectors_hex(v, keys, static_secret), vectors_hex(v, run, attestation));
    fixed_random_push(&peer->random, vectors_hex(v, keys, ephemeral_secret));
}

static void check_first_message(vectors_t *v, const json_t *expected, ockam_sealer_t *sealer, ockam_opener_t *opener)
{
    const ockam_slice_t plain = vectors_hex(v, expected, "plaintext"), bytes = vectors_hex(v, expected, "bytes");
    uint8_t             message[256];
    uint8_t            *text;
    size_t              len;

    memcpy(message + OCKAM_SEAL_HEAD_BYTES, plain.ptr, plain.len);
    assert_ok(ockam_sealer_seal(sealer, message + OCKAM_SEAL_HEAD_BYTES, plain.len, NULL));
    assert_slice_equal(ockam_slice(message, bytes.len), bytes);
    assert_ok(ockam_opener_open(opener, message, bytes.len, &text, &len, NULL));
    assert_slice_equal(ockam_slice(text, len), plain);
}

static void the_run_of_the_vectors_comes_out_byte_for_byte(void **state)
{
    (void)state;
    vectors_t                *v   = vectors_open("secure_channel.json");
    const json_t             *run = vectors_get(v, vectors_root(v), "full_handshake_with_identities");
    channel_peer_t            alice, bob;
    ockam_handshake_t        *a = NULL, *b = NULL;
    ockam_sealer_t           *a_sealer = NULL, *b_sealer = NULL;
    ockam_opener_t           *a_opener = NULL, *b_opener = NULL;
    ockam_buf_t               m1, m2, m3, none, buf;
    ockam_stored_attributes_t stored;
    ockam_slice_t             value;

    import_vector_peer(v, "alice", "alice_purpose_key_attestation", "initiator_static_private",
                       "initiator_ephemeral_private", &alice);
    import_vector_peer(v, "bob", "bob_purpose_key_attestation", "responder_static_private",
                       "responder_ephemeral_private", &bob);
    ockam_change_history_t   *authority     = vector_history(v, vectors_get(v, run, "authority"), bob.vault);
    ockam_handshake_options_t alice_options = channel_peer_options(&alice, OCKAM_INITIATOR);
    ockam_handshake_options_t bob_options   = channel_peer_options(&bob, OCKAM_RESPONDER);
    alice_options.credential                = vectors_hex(v, run, "alice_credential_and_purpose_key");
    bob_options.authority                   = authority;
    assert_ok(ockam_handshake_new(&alice_options, &a, NULL));
    assert_ok(ockam_handshake_new(&bob_options, &b, NULL));
    channel_buf_init(&m1);
    channel_buf_init(&m2);
    channel_buf_init(&m3);
    channel_buf_init(&none);
    channel_buf_init(&buf);

    assert_ok(ockam_handshake_start(b, 1700000100, &none, NULL));
    assert_ok(ockam_handshake_start(a, 1700000100, &m1, NULL));
    assert_slice_equal(ockam_buf_view(&m1), vectors_hex(v, run, "message1"));
    assert_ok(ockam_handshake_receive(b, ockam_buf_view(&m1), 1700000100, &m2, NULL));
    assert_slice_equal(ockam_buf_view(&m2), vectors_hex(v, run, "message2"));
    assert_ok(ockam_handshake_receive(a, ockam_buf_view(&m2), 1700000100, &m3, NULL));
    assert_slice_equal(ockam_buf_view(&m3), vectors_hex(v, run, "message3"));
    assert_ok(ockam_handshake_receive(b, ockam_buf_view(&m3), 1700000100, &none, NULL));
    assert_int_equal(none.len, 0);

    assert_int_equal(ockam_handshake_credentials(b).accepted, 1);
    assert_memory_equal(ockam_handshake_peer(a), ockam_identity_identifier(bob.identity), 32);
    assert_memory_equal(ockam_handshake_peer(b), ockam_identity_identifier(alice.identity), 32);
    assert_ok(ockam_attributes_load(bob.store, ockam_handshake_peer(b), ockam_change_history_identifier(authority),
                                    1700000100, &buf, &stored, NULL));
    assert_true(ockam_attributes_find(stored.attributes, ockam_slice_text("is_alice"), &value));
    assert_slice_equal(value, ockam_slice_text("true"));

    assert_ok(ockam_handshake_take_keys(a, &a_sealer, &a_opener, NULL));
    assert_ok(ockam_handshake_take_keys(b, &b_sealer, &b_opener, NULL));
    check_first_message(v, vectors_get(v, run, "first_initiator_wire_message"), a_sealer, b_opener);
    check_first_message(v, vectors_get(v, run, "first_responder_wire_message"), b_sealer, a_opener);

    ockam_sealer_free(a_sealer);
    ockam_sealer_free(b_sealer);
    ockam_opener_free(a_opener);
    ockam_opener_free(b_opener);
    ockam_buf_deinit(&m1);
    ockam_buf_deinit(&m2);
    ockam_buf_deinit(&m3);
    ockam_buf_deinit(&none);
    ockam_buf_deinit(&buf);
    ockam_handshake_free(a);
    ockam_handshake_free(b);
    ockam_change_history_free(authority);
    channel_peer_end(&alice);
    channel_peer_end(&bob);
    vectors_close(v);
}

/* ---- messages that are not the peer's --------------------------------------------------------------------------------- */

static void a_message_cut_at_any_byte_changes_nothing(void **state)
{
    (void)state;
    static const size_t minimum[4] = {0, 32, 96, 64};

    for (unsigned m = 1; m <= 3; m++) {
        pair_t      p;
        ockam_buf_t message;
        pair_until(&p, m, &message);
        for (size_t len = 0; len < message.len; len++)
            feed_in_vain(reader_of(&p, m), ockam_slice(message.ptr, len),
                         len < minimum[m] ? OCKAM_MALFORMED : OCKAM_NOT_AUTHENTIC);
        feed_genuine(&p, m, &message);
        ockam_buf_deinit(&message);
        pair_end(&p);
    }
}

static void messages_2_and_3_with_any_byte_changed_change_nothing(void **state)
{
    (void)state;
    for (unsigned m = 2; m <= 3; m++) {
        pair_t      p;
        ockam_buf_t message;
        pair_until(&p, m, &message);
        for (size_t i = 0; i < message.len; i++) {
            message.ptr[i] ^= 0x40;
            feed_in_vain(reader_of(&p, m), ockam_buf_view(&message), OCKAM_NOT_AUTHENTIC);
            message.ptr[i] ^= 0x40;
        }
        feed_genuine(&p, m, &message);
        ockam_buf_deinit(&message);
        pair_end(&p);
    }
}

static void a_byte_more_changes_nothing_after_message_1(void **state)
{
    (void)state;
    for (unsigned m = 2; m <= 3; m++) {
        pair_t      p;
        ockam_buf_t message;
        pair_until(&p, m, &message);
        assert_ok(ockam_buf_append_byte(&message, 0, NULL));
        feed_in_vain(reader_of(&p, m), ockam_buf_view(&message), OCKAM_NOT_AUTHENTIC);
        ockam_buf_truncate(&message, message.len - 1);
        feed_genuine(&p, m, &message);
        ockam_buf_deinit(&message);
        pair_end(&p);
    }
}

static void a_message_1_with_a_payload_is_answered_and_the_initiator_notices(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t message, reply;

    pair_until(&p, 1, &message);
    channel_buf_init(&reply);
    for (unsigned i = 0; i < 10; i++)
        assert_ok(ockam_buf_append_byte(&message, 7, NULL));
    assert_ok(feed(p.hs[OCKAM_RESPONDER], ockam_buf_view(&message), &reply));
    feed_in_vain(p.hs[OCKAM_INITIATOR], ockam_buf_view(&reply), OCKAM_NOT_AUTHENTIC); /* the hash differs */
    ockam_buf_deinit(&message);
    ockam_buf_deinit(&reply);
    pair_end(&p);
}

static void messages_above_65535_bytes_change_nothing(void **state)
{
    (void)state;
    static uint8_t long_message[OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX + 1];

    for (unsigned m = 1; m <= 3; m++) {
        pair_t      p;
        ockam_buf_t message;
        pair_until(&p, m, &message);
        feed_in_vain(reader_of(&p, m), ockam_slice(long_message, sizeof(long_message)), OCKAM_LIMIT);
        if (m > 1)
            feed_in_vain(reader_of(&p, m), ockam_slice(long_message, sizeof(long_message) - 1), OCKAM_NOT_AUTHENTIC);
        feed_genuine(&p, m, &message);
        ockam_buf_deinit(&message);
        pair_end(&p);
    }
}

static void messages_of_another_session_change_nothing(void **state)
{
    (void)state;
    for (unsigned m = 2; m <= 3; m++) {
        pair_t      p, q;
        ockam_buf_t message, other;
        pair_until(&p, m, &message);
        pair_until(&q, m, &other);
        /* The same seeds would make the same session: one more ephemeral key makes it another. */
        ockam_buf_deinit(&other);
        pair_end(&q);
        pair_start(&q);
        uint8_t waste[32];
        for (unsigned r = 0; r < 2; r++)
            assert_ok(ockam_vault_random(q.peer[r].vault, waste, sizeof(waste), NULL));
        ockam_buf_t in;
        channel_buf_init(&in);
        channel_buf_init(&other);
        assert_ok(ockam_handshake_start(q.hs[1], CHANNEL_NOW, &in, NULL));
        assert_ok(ockam_handshake_start(q.hs[0], CHANNEL_NOW, &in, NULL));
        for (unsigned i = 1; i < m; i++) {
            ockam_buf_truncate(&other, 0);
            assert_ok(feed(q.hs[i % 2], ockam_buf_view(&in), &other));
            ockam_buf_truncate(&in, 0);
            assert_ok(ockam_buf_append(&in, ockam_buf_view(&other), NULL));
        }
        feed_in_vain(reader_of(&p, m), ockam_buf_view(&other), OCKAM_NOT_AUTHENTIC);
        feed_genuine(&p, m, &message);
        ockam_buf_deinit(&in);
        ockam_buf_deinit(&other);
        ockam_buf_deinit(&message);
        pair_end(&p);
        pair_end(&q);
    }
}

static void a_low_order_key_in_message_1_changes_nothing(void **state)
{
    (void)state;
    vectors_t    *v      = vectors_open("secure_channel.json");
    const json_t *points = vectors_get(v, vectors_get(v, vectors_root(v), "x25519_low_order_points"), "points");
    pair_t        p;
    ockam_buf_t   message;

    pair_until(&p, 1, &message);
    for (size_t i = 0; i < json_array_size(points); i++)
        feed_in_vain(p.hs[OCKAM_RESPONDER], vectors_unhex(v, json_string_value(json_array_get(points, i)), 64),
                     OCKAM_NOT_AUTHENTIC);
    feed_genuine(&p, 1, &message);
    ockam_buf_deinit(&message);
    pair_end(&p);
    vectors_close(v);
}

static void a_message_1_with_a_length_in_front_fails_at_the_initiator(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t message, wrapped, reply;

    pair_until(&p, 1, &message);
    channel_buf_init(&wrapped);
    channel_buf_init(&reply);
    assert_ok(ockam_buf_append_byte(&wrapped, 0x20, NULL)); /* as releases before 0.128 sent it */
    assert_ok(ockam_buf_append(&wrapped, ockam_buf_view(&message), NULL));
    assert_ok(feed(p.hs[OCKAM_RESPONDER], ockam_buf_view(&wrapped), &reply));
    feed_in_vain(p.hs[OCKAM_INITIATOR], ockam_buf_view(&reply), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&message);
    ockam_buf_deinit(&wrapped);
    ockam_buf_deinit(&reply);
    pair_end(&p);
}

static void a_repeated_message_is_out_of_order_or_not_authentic(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t m1, m2;

    pair_until(&p, 1, &m1);
    channel_buf_init(&m2);
    assert_ok(feed(p.hs[OCKAM_RESPONDER], ockam_buf_view(&m1), &m2));
    feed_in_vain(p.hs[OCKAM_RESPONDER], ockam_buf_view(&m1), OCKAM_MALFORMED); /* too short for what is waited for */
    feed_in_vain(p.hs[OCKAM_RESPONDER], ockam_buf_view(&m2), OCKAM_NOT_AUTHENTIC);
    feed_genuine(&p, 2, &m2);
    feed_in_vain(p.hs[OCKAM_INITIATOR], ockam_buf_view(&m2), OCKAM_OUT_OF_ORDER);
    ockam_buf_deinit(&m1);
    ockam_buf_deinit(&m2);
    pair_end(&p);
}

/* ---- states and events --------------------------------------------------------------------------------------------------- */

enum { EVENT_START, EVENT_MESSAGE, EVENT_ANSWER, EVENT_TAKE, EVENTS };

static ockam_status_t later(void *context, const ockam_identifier_t *peer, ockam_error_t *err)
{
    (void)context;
    (void)peer;
    (void)err;
    return OCKAM_PENDING;
}

/* One end of `role` in the given state; WAITING is before the message that carries the peer's identity. The message that it
 * waits for, or was given last, is in `message`. */
static ockam_handshake_t *bring_to(pair_t *p, ockam_role_t role, ockam_handshake_state_t state, ockam_buf_t *message)
{
    const unsigned            m       = role == OCKAM_INITIATOR ? 2 : 3;
    ockam_handshake_options_t options = channel_peer_options(&p->peer[role], role);
    ockam_handshake_t       **hs      = &p->hs[role];
    ockam_handshake_t *const  other   = p->hs[1 - role];
    ockam_sealer_t           *sealer  = NULL;
    ockam_opener_t           *opener  = NULL;
    ockam_buf_t               out;

    if (state == OCKAM_HANDSHAKE_UNDECIDED || state == OCKAM_HANDSHAKE_FAILED)
        options.trust = ockam_trust_callback(later, NULL);
    ockam_handshake_free(*hs);
    *hs = NULL;
    assert_ok(ockam_handshake_new(&options, hs, NULL));
    if (state == OCKAM_HANDSHAKE_NEW)
        return *hs;
    channel_buf_init(&out);
    assert_ok(ockam_handshake_start(p->hs[OCKAM_RESPONDER], CHANNEL_NOW, message, NULL));
    assert_ok(ockam_handshake_start(p->hs[OCKAM_INITIATOR], CHANNEL_NOW, message, NULL));
    for (unsigned i = 1; i < m; i++) {
        assert_ok(feed(i % 2 == (unsigned)role ? *hs : other, ockam_buf_view(message), &out));
        ockam_buf_truncate(message, 0);
        assert_ok(ockam_buf_append(message, ockam_buf_view(&out), NULL));
        ockam_buf_truncate(&out, 0);
    }
    if (state != OCKAM_HANDSHAKE_WAITING)
        assert_status(feed(*hs, ockam_buf_view(message), &out),
                      options.trust.kind == OCKAM_TRUST_KIND_CALLBACK ? OCKAM_PENDING : OCKAM_OK);
    if (state == OCKAM_HANDSHAKE_FAILED)
        assert_status(ockam_handshake_resume(*hs, false, CHANNEL_NOW, &out, NULL), OCKAM_DENIED);
    if (state == OCKAM_HANDSHAKE_TAKEN)
        assert_ok(ockam_handshake_take_keys(*hs, &sealer, &opener, NULL));
    ockam_sealer_free(sealer);
    ockam_opener_free(opener);
    ockam_buf_deinit(&out);
    return *hs;
}

static ockam_status_t send_event(ockam_handshake_t *hs, unsigned event, ockam_slice_t message, ockam_buf_t *out)
{
    ockam_sealer_t *sealer = NULL;
    ockam_opener_t *opener = NULL;
    ockam_status_t  s      = OCKAM_INTERNAL;

    switch (event) {
    case EVENT_START: s = ockam_handshake_start(hs, CHANNEL_NOW, out, NULL); break;
    case EVENT_MESSAGE: s = feed(hs, message, out); break;
    case EVENT_ANSWER: s = ockam_handshake_resume(hs, true, CHANNEL_NOW, out, NULL); break;
    case EVENT_TAKE: s = ockam_handshake_take_keys(hs, &sealer, &opener, NULL); break;
    default: break;
    }
    ockam_sealer_free(sealer);
    ockam_opener_free(opener);
    return s;
}

static void only_the_cells_of_the_table_succeed(void **state)
{
    (void)state;
    static const bool legal[OCKAM_HANDSHAKE_STATES][EVENTS] = {
        [OCKAM_HANDSHAKE_NEW][EVENT_START]        = true,
        [OCKAM_HANDSHAKE_WAITING][EVENT_MESSAGE]  = true,
        [OCKAM_HANDSHAKE_UNDECIDED][EVENT_ANSWER] = true,
        [OCKAM_HANDSHAKE_READY][EVENT_TAKE]       = true,
    };

    for (unsigned role = 0; role < 2; role++) {
        for (unsigned at = 0; at < OCKAM_HANDSHAKE_STATES; at++) {
            for (unsigned event = 0; event < EVENTS; event++) {
                pair_t      p;
                ockam_buf_t message, out;
                pair_start(&p);
                channel_buf_init(&message);
                channel_buf_init(&out);
                ockam_handshake_t *hs = bring_to(&p, (ockam_role_t)role, (ockam_handshake_state_t)at, &message);
                assert_int_equal(ockam_handshake_state(hs), at);
                assert_status(send_event(hs, event, ockam_buf_view(&message), &out),
                              legal[at][event] ? OCKAM_OK : OCKAM_OUT_OF_ORDER);
                if (!legal[at][event]) {
                    assert_int_equal(out.len, 0);
                    assert_int_equal(ockam_handshake_state(hs), at); /* and whatever was legal is so still */
                    for (unsigned next = 0; next < EVENTS; next++)
                        if (legal[at][next])
                            assert_ok(send_event(hs, next, ockam_buf_view(&message), &out));
                }
                ockam_buf_deinit(&message);
                ockam_buf_deinit(&out);
                pair_end(&p);
            }
        }
    }
}

/* The same for the table of Noise XX itself, which the handshake never calls out of order. */
static void noise_xx_refuses_what_is_not_in_its_table(void **state)
{
    (void)state;
    const ockam_key_exchange_ops_t *xx = ockam_noise_xx();

    for (unsigned role = 0; role < 2; role++) {
        pair_t        p;
        ockam_buf_t   out, message;
        ockam_slice_t nothing = ockam_slice(NULL, 0);
        void         *own;
        pair_start(&p);
        channel_buf_init(&out);
        channel_buf_init(&message);
        ockam_handshake_t *hs = bring_to(&p, (ockam_role_t)role, OCKAM_HANDSHAKE_WAITING, &message); /* has its keys */
        own                   = test_calloc(1, xx->state_size);
        assert_status(xx->receive(own, hs, nothing, &out, NULL), OCKAM_OUT_OF_ORDER);
        assert_status(xx->resume(own, hs, &out, NULL), OCKAM_OUT_OF_ORDER);
        assert_ok(xx->start(own, hs, &out, NULL));
        assert_status(xx->start(own, hs, &out, NULL), OCKAM_OUT_OF_ORDER);
        assert_int_equal(xx->progress(own), OCKAM_KEY_EXCHANGE_FAILED); /* a failed start begins anew or not at all */
        memset(own, 0, xx->state_size);
        ockam_buf_truncate(&out, 0);
        assert_ok(xx->start(own, hs, &out, NULL));
        assert_status(xx->resume(own, hs, &out, NULL), OCKAM_OUT_OF_ORDER);
        xx->wipe(own, hs);
        assert_int_equal(xx->progress(own), OCKAM_KEY_EXCHANGE_FAILED);
        assert_status(xx->receive(own, hs, ockam_buf_view(&message), &out, NULL), OCKAM_OUT_OF_ORDER);
        assert_status(xx->resume(own, hs, &out, NULL), OCKAM_OUT_OF_ORDER);
        xx->wipe(own, hs);
        test_free(own);
        ockam_buf_deinit(&out);
        ockam_buf_deinit(&message);
        pair_end(&p);
    }
}

/* ---- trust ----------------------------------------------------------------------------------------------------------------- */

static ockam_handshake_t *with_trust(pair_t *p, ockam_role_t role, ockam_trust_policy_t trust)
{
    ockam_handshake_options_t options = channel_peer_options(&p->peer[role], role);

    options.trust = trust;
    ockam_handshake_free(p->hs[role]);
    p->hs[role] = NULL;
    assert_ok(ockam_handshake_new(&options, &p->hs[role], NULL));
    return p->hs[role];
}

/* Message m of the untrusting end's peer: refused, nothing said, nothing stored. */
static void check_refusal(ockam_role_t role, ockam_trust_policy_t trust, ockam_status_t expected)
{
    const unsigned     m = role == OCKAM_INITIATOR ? 2 : 3;
    pair_t             p;
    ockam_buf_t        in, out;
    ockam_error_t      err = {.status = OCKAM_OK};
    ockam_handshake_t *hs;

    pair_start(&p);
    hs = with_trust(&p, role, trust);
    channel_buf_init(&in);
    channel_buf_init(&out);
    assert_ok(ockam_handshake_start(p.hs[1], CHANNEL_NOW, &in, NULL));
    assert_ok(ockam_handshake_start(p.hs[0], CHANNEL_NOW, &in, NULL));
    for (unsigned i = 1; i < m; i++) {
        assert_ok(feed(p.hs[i % 2], ockam_buf_view(&in), &out));
        ockam_buf_truncate(&in, 0);
        assert_ok(ockam_buf_append(&in, ockam_buf_view(&out), NULL));
        ockam_buf_truncate(&out, 0);
    }
    assert_status(ockam_handshake_receive(hs, ockam_buf_view(&in), CHANNEL_NOW, &out, &err), expected);
    assert_int_equal(err.status, expected);
    assert_int_equal(out.len, 0);
    assert_int_equal(ockam_handshake_state(hs), OCKAM_HANDSHAKE_FAILED);
    assert_null(ockam_handshake_peer(hs));
    assert_false(channel_peer_knows(&p.peer[role], &p.peer[1 - role]));
    feed_in_vain(hs, ockam_buf_view(&in), OCKAM_OUT_OF_ORDER);
    ockam_buf_deinit(&in);
    ockam_buf_deinit(&out);
    pair_end(&p);
}

static void a_peer_that_is_not_trusted_hears_nothing_and_is_not_stored(void **state)
{
    (void)state;
    static const ockam_identifier_t other = {{9}};

    for (unsigned role = 0; role < 2; role++) {
        check_refusal((ockam_role_t)role, ockam_trust_identifiers(NULL, 0), OCKAM_DENIED);
        check_refusal((ockam_role_t)role, ockam_trust_identifiers(&other, 1), OCKAM_DENIED);
    }
}

static ockam_status_t broken(void *context, const ockam_identifier_t *peer, ockam_error_t *err)
{
    (void)context;
    (void)peer;
    return ockam_fail(err, OCKAM_IO, "no policy today");
}

static void a_policy_that_fails_ends_the_handshake_with_its_status(void **state)
{
    (void)state;
    check_refusal(OCKAM_INITIATOR, ockam_trust_callback(broken, NULL), OCKAM_IO);
    check_refusal(OCKAM_RESPONDER, ockam_trust_callback(broken, NULL), OCKAM_IO);
}

static void a_trusted_identifier_gets_a_channel(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p);
    const ockam_identifier_t ids[2] = {*ockam_identity_identifier(p.peer[0].identity),
                                       *ockam_identity_identifier(p.peer[1].identity)};
    (void)with_trust(&p, OCKAM_INITIATOR, ockam_trust_identifiers(&ids[1], 1));
    (void)with_trust(&p, OCKAM_RESPONDER, ockam_trust_identifiers(ids, 2));
    channel_handshake_run(p.hs[0], p.hs[1]);
    pair_end(&p);
}

static void a_late_yes_goes_on_where_the_handshake_stopped(void **state)
{
    (void)state;
    for (unsigned role = 0; role < 2; role++) {
        pair_t          p;
        ockam_buf_t     message, out;
        ockam_sealer_t *sealer[2];
        ockam_opener_t *opener[2];
        pair_start(&p);
        channel_buf_init(&message);
        channel_buf_init(&out);
        ockam_handshake_t *hs = bring_to(&p, (ockam_role_t)role, OCKAM_HANDSHAKE_UNDECIDED, &message);
        assert_memory_equal(ockam_handshake_peer(hs), ockam_identity_identifier(p.peer[1 - role].identity), 32);
        assert_false(channel_peer_knows(&p.peer[role], &p.peer[1 - role]));
        feed_in_vain(hs, ockam_buf_view(&message), OCKAM_OUT_OF_ORDER); /* a copy arrives meanwhile */
        assert_ok(ockam_handshake_resume(hs, true, CHANNEL_NOW, &out, NULL));
        assert_true(ockam_handshake_is_ready(hs));
        assert_true(channel_peer_knows(&p.peer[role], &p.peer[1 - role]));
        if (role == OCKAM_INITIATOR) /* message 3 */
            assert_ok(feed(p.hs[1], ockam_buf_view(&out), &message));
        for (unsigned r = 0; r < 2; r++)
            assert_ok(ockam_handshake_take_keys(p.hs[r], &sealer[r], &opener[r], NULL));
        talk(sealer[0], opener[1]);
        talk(sealer[1], opener[0]);
        for (unsigned r = 0; r < 2; r++) {
            ockam_sealer_free(sealer[r]);
            ockam_opener_free(opener[r]);
        }
        ockam_buf_deinit(&message);
        ockam_buf_deinit(&out);
        pair_end(&p);
    }
}

static void a_late_no_ends_it(void **state)
{
    (void)state;
    for (unsigned role = 0; role < 2; role++) {
        pair_t      p;
        ockam_buf_t message, out;
        pair_start(&p);
        channel_buf_init(&message);
        channel_buf_init(&out);
        ockam_handshake_t *hs = bring_to(&p, (ockam_role_t)role, OCKAM_HANDSHAKE_UNDECIDED, &message);
        assert_status(ockam_handshake_resume(hs, false, CHANNEL_NOW, &out, NULL), OCKAM_DENIED);
        assert_int_equal(out.len, 0);
        assert_int_equal(ockam_handshake_state(hs), OCKAM_HANDSHAKE_FAILED);
        assert_null(ockam_handshake_peer(hs));
        assert_false(channel_peer_knows(&p.peer[role], &p.peer[1 - role]));
        ockam_buf_deinit(&message);
        ockam_buf_deinit(&out);
        pair_end(&p);
    }
}

/* ---- arguments, memory ------------------------------------------------------------------------------------------------------ */

static void missing_or_wrong_options_are_refused(void **state)
{
    (void)state;
    static uint8_t     long_credential[OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX + 1];
    pair_t             p;
    ockam_handshake_t *hs = NULL;

    pair_start(&p);
    for (unsigned i = 0; i < 6; i++) {
        ockam_handshake_options_t o        = channel_peer_options(&p.peer[0], OCKAM_INITIATOR);
        ockam_status_t            expected = OCKAM_INVALID;
        switch (i) {
        case 0: o.vault = NULL; break;
        case 1: o.identity = NULL; break;
        case 2: memset(&o.trust, 0, sizeof(o.trust)); break;
        case 3: o.identity = p.peer[1].identity; break;
        case 4: o.role = (ockam_role_t)2; break;
        default:
            o.credential = ockam_slice(long_credential, sizeof(long_credential));
            expected     = OCKAM_LIMIT;
            break;
        }
        assert_status(ockam_handshake_new(&o, &hs, NULL), expected);
        assert_null(hs);
    }
    pair_end(&p);
    ockam_handshake_free(NULL);
}

static void a_reply_that_does_not_fit_leaves_everything_as_it_was(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t message, small;
    uint8_t     storage[64];

    pair_until(&p, 1, &message);
    ockam_buf_init_fixed(&small, storage, sizeof(storage));
    assert_ok(ockam_buf_append_byte(&small, 0xaa, NULL));
    assert_status(feed(p.hs[1], ockam_buf_view(&message), &small), OCKAM_LIMIT);
    assert_int_equal(small.len, 1);
    assert_int_equal(storage[0], 0xaa);
    assert_int_equal(ockam_handshake_state(p.hs[1]), OCKAM_HANDSHAKE_WAITING);
    feed_genuine(&p, 1, &message);
    ockam_buf_deinit(&message);
    pair_end(&p);
}

static void a_start_without_randomness_can_be_repeated(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t out;

    pair_start(&p);
    channel_buf_init(&out);
    (void)channel_peer_attestation(&p.peer[0]); /* needs randomness only the first time */
    p.peer[0].random.endless = false;
    assert_status(ockam_handshake_start(p.hs[0], CHANNEL_NOW, &out, NULL), OCKAM_IO);
    assert_int_equal(out.len, 0);
    assert_int_equal(ockam_handshake_state(p.hs[0]), OCKAM_HANDSHAKE_NEW);
    p.peer[0].random.endless = true;
    channel_handshake_run(p.hs[0], p.hs[1]);
    ockam_buf_deinit(&out);
    pair_end(&p);
}

/* A whole handshake of two ends in one vault, cleaned up after whatever fails. */
static ockam_status_t whole_handshake(const ockam_allocator_t *allocator, void *context)
{
    fixed_random_t     random;
    ockam_vault_t     *vault     = NULL;
    ockam_store_t     *store     = NULL;
    ockam_identity_t  *id[2]     = {NULL, NULL};
    ockam_handshake_t *hs[2]     = {NULL, NULL};
    ockam_sealer_t    *sealer[2] = {NULL, NULL};
    ockam_opener_t    *opener[2] = {NULL, NULL};
    ockam_buf_t        in, out;
    ockam_status_t     s;

    (void)context;
    fixed_random_seed(&random, 5);
    ockam_buf_init(&in, allocator, OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    ockam_buf_init(&out, allocator, OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    if ((s = channel_vault_new(allocator, fixed_random_fill, &random, &vault)) != OCKAM_OK ||
        (s = ockam_store_memory(allocator, &store, NULL)) != OCKAM_OK)
        goto done;
    for (unsigned r = 0; r < 2; r++) {
        if ((s = ockam_identity_create(vault, CHANNEL_NOW, NULL, &id[r], NULL)) != OCKAM_OK)
            goto done;
        const ockam_handshake_options_t options = {
            .role = (ockam_role_t)r, .vault = vault, .identity = id[r], .trust = OCKAM_TRUST_EVERYONE, .store = store};
        if ((s = ockam_handshake_new(&options, &hs[r], NULL)) != OCKAM_OK)
            goto done;
    }
    for (unsigned r = 2; r-- > 0;)
        if ((s = ockam_handshake_start(hs[r], CHANNEL_NOW, &in, NULL)) != OCKAM_OK)
            goto done;
    for (unsigned m = 1; m <= 3; m++) {
        if ((s = feed(hs[m % 2], ockam_buf_view(&in), &out)) != OCKAM_OK)
            goto done;
        ockam_buf_truncate(&in, 0);
        if ((s = ockam_buf_append(&in, ockam_buf_view(&out), NULL)) != OCKAM_OK)
            goto done;
        ockam_buf_truncate(&out, 0);
    }
    for (unsigned r = 0; r < 2; r++)
        if ((s = ockam_handshake_take_keys(hs[r], &sealer[r], &opener[r], NULL)) != OCKAM_OK)
            goto done;
done:
    for (unsigned r = 0; r < 2; r++) {
        ockam_sealer_free(sealer[r]);
        ockam_opener_free(opener[r]);
        ockam_handshake_free(hs[r]);
        ockam_identity_free(id[r]);
    }
    ockam_buf_deinit(&in);
    ockam_buf_deinit(&out);
    ockam_store_free(store);
    ockam_vault_free(vault);
    return s;
}

static void each_failing_allocation_is_a_clean_error(void **state)
{
    (void)state;
    assert_true(failing_allocator_sweep(whole_handshake, NULL) > 20);
}

/* Nothing that held a secret is given back with the secret in it. */
static void everything_is_wiped_before_it_is_released(void **state)
{
    (void)state;
    failing_allocator_t a;

    failing_allocator_init(&a, 0);
    assert_ok(whole_handshake(&a.allocator, NULL));
    failing_allocator_assert_empty(&a);
    assert_int_equal(a.unwiped, 0);
}

static bool vault_has(ockam_vault_t *vault, const uint8_t *x25519_public)
{
    ockam_key_id_t       key;
    const ockam_status_t s = ockam_vault_find_x25519(vault, x25519_public, &key, NULL);

    if (s == OCKAM_OK)
        ockam_vault_forget(vault, key);
    return s == OCKAM_OK;
}

static void ephemeral_keys_leave_the_vault_when_keys_are_there_or_it_ends(void **state)
{
    (void)state;
    for (unsigned finish = 0; finish < 2; finish++) {
        pair_t      p;
        uint8_t     e[2][OCKAM_X25519_BYTES];
        ockam_buf_t in, out;
        pair_until(&p, 1, &in); /* begins with e of the initiator */
        channel_buf_init(&out);
        memcpy(e[0], in.ptr, sizeof(e[0]));
        assert_ok(feed(p.hs[1], ockam_buf_view(&in), &out)); /* begins with e of the responder */
        memcpy(e[1], out.ptr, sizeof(e[1]));
        for (unsigned r = 0; r < 2; r++)
            assert_true(vault_has(p.peer[r].vault, e[r]));
        if (finish != 0) {
            ockam_buf_truncate(&in, 0);
            assert_ok(feed(p.hs[0], ockam_buf_view(&out), &in));
            ockam_buf_truncate(&out, 0);
            assert_ok(feed(p.hs[1], ockam_buf_view(&in), &out));
        }
        for (unsigned r = 0; finish == 0 && r < 2; r++) {
            ockam_handshake_free(p.hs[r]);
            p.hs[r] = NULL;
        }
        for (unsigned r = 0; r < 2; r++)
            assert_false(vault_has(p.peer[r].vault, e[r]));
        ockam_buf_deinit(&in);
        ockam_buf_deinit(&out);
        pair_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_peers_prove_themselves_and_talk),
        cmocka_unit_test(without_a_store_nobody_is_remembered_and_it_works),
        cmocka_unit_test(the_run_of_the_vectors_comes_out_byte_for_byte),
        cmocka_unit_test(a_message_cut_at_any_byte_changes_nothing),
        cmocka_unit_test(messages_2_and_3_with_any_byte_changed_change_nothing),
        cmocka_unit_test(a_byte_more_changes_nothing_after_message_1),
        cmocka_unit_test(a_message_1_with_a_payload_is_answered_and_the_initiator_notices),
        cmocka_unit_test(messages_above_65535_bytes_change_nothing),
        cmocka_unit_test(messages_of_another_session_change_nothing),
        cmocka_unit_test(a_low_order_key_in_message_1_changes_nothing),
        cmocka_unit_test(a_message_1_with_a_length_in_front_fails_at_the_initiator),
        cmocka_unit_test(a_repeated_message_is_out_of_order_or_not_authentic),
        cmocka_unit_test(only_the_cells_of_the_table_succeed),
        cmocka_unit_test(noise_xx_refuses_what_is_not_in_its_table),
        cmocka_unit_test(a_peer_that_is_not_trusted_hears_nothing_and_is_not_stored),
        cmocka_unit_test(a_policy_that_fails_ends_the_handshake_with_its_status),
        cmocka_unit_test(a_trusted_identifier_gets_a_channel),
        cmocka_unit_test(a_late_yes_goes_on_where_the_handshake_stopped),
        cmocka_unit_test(a_late_no_ends_it),
        cmocka_unit_test(missing_or_wrong_options_are_refused),
        cmocka_unit_test(a_reply_that_does_not_fit_leaves_everything_as_it_was),
        cmocka_unit_test(a_start_without_randomness_can_be_repeated),
        cmocka_unit_test(each_failing_allocation_is_a_clean_error),
        cmocka_unit_test(everything_is_wiped_before_it_is_released),
        cmocka_unit_test(ephemeral_keys_leave_the_vault_when_keys_are_there_or_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
