/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole sessions recorded with the other implementation, 0.150.0: with the recorded secrets, clock and randomness our side
 * produces every recorded byte, and understands every byte that the other side sent. */
#include "channel/data_phase.h"
#include "channel_peers.h"
#include "ockam/credential.h"
#include "test.h"
#include "vectors.h"
#include "wire/frame.h"
#include "wire/message.h"
#include "wire/padded.h"

typedef struct {
    vectors_t    *v;
    const json_t *session;
    const json_t *us, *handshake;
    ockam_role_t  role;
    uint64_t      clock;
} session_t;

static session_t open_session(const char *name, int index)
{
    session_t     s    = {.v = vectors_open("recorded-0.150.0.json")};
    const json_t *list = vectors_get(s.v, vectors_root(s.v), "scenarios");

    s.session   = vectors_get(s.v, list, name);
    s.session   = index >= 0 ? json_array_get(s.session, (size_t)index) : s.session;
    s.us        = vectors_get(s.v, s.session, "us");
    s.handshake = vectors_get(s.v, s.session, "handshake");
    s.clock     = (uint64_t)vectors_int(s.v, s.session, "clock");
    s.role = strcmp(vectors_string(s.v, s.session, "our_role"), "initiator") == 0 ? OCKAM_INITIATOR : OCKAM_RESPONDER;
    return s;
}

static void import_us(const session_t *s, channel_peer_t *us)
{
    channel_peer_import(us, vectors_hex(s->v, s->us, "identity_secret"), vectors_hex(s->v, s->us, "change_history"),
                        vectors_hex(s->v, s->us, "static_secret"), vectors_hex(s->v, s->us, "attestation"));
}

static ockam_slice_t hex_item(const session_t *s, const json_t *array, size_t i)
{
    const char *text = json_string_value(json_array_get(array, i));

    return text != NULL ? vectors_unhex(s->v, text, strlen(text)) : ockam_slice(NULL, 0);
}

/* ---- the handshake through the Noise core: every state ---------------------------------------------------------- */

static void check_state(const session_t *s, size_t i, const ockam_noise_t *noise)
{
    const json_t *state = json_array_get(vectors_get(s->v, s->handshake, "states"), i);

    assert_slice_equal(ockam_slice(noise->h, 32), vectors_hex(s->v, state, "h"));
    assert_slice_equal(ockam_slice(noise->ck, 32), vectors_hex(s->v, state, "ck"));
    assert_int_equal(noise->has_key, !json_is_null(vectors_get(s->v, state, "k")));
    if (noise->has_key)
        assert_slice_equal(ockam_slice(noise->k, 32), vectors_hex(s->v, state, "k"));
}

typedef ockam_status_t message_fn(ockam_noise_xx_t *, const ockam_noise_tools_t *, ockam_slice_t, ockam_buf_t *,
                                  ockam_error_t *);

static void check_states(const session_t *s)
{
    static message_fn *const writers[3]  = {ockam_noise_xx_write_1, ockam_noise_xx_write_2, ockam_noise_xx_write_3};
    static message_fn *const readers[3]  = {ockam_noise_xx_read_1, ockam_noise_xx_read_2, ockam_noise_xx_read_3};
    static const char *const messages[3] = {"message1", "message2", "message3"};
    static const char *const payloads[3] = {NULL, "payload2", "payload3"};
    static const uint8_t     no_key[OCKAM_NOISE_KEY_BYTES];
    ockam_noise_tools_t      tools = {.vault = channel_vault(ockam_allocator_malloc(), NULL, NULL)};
    ockam_noise_xx_t         xx    = {.s = OCKAM_KEY_ID_NONE};
    ockam_secret_t           keys  = {.len = 0};

    assert_ok(ockam_aead_new(tools.vault, ockam_noise_xx_suite.aead, no_key, &tools.aead, NULL));
    ockam_noise_start(&xx.noise, &tools, &ockam_noise_xx_suite);
    xx.s = channel_vault_x25519(tools.vault, vectors_hex(s->v, s->us, "static_secret"), xx.s_public);
    xx.e = channel_vault_x25519(tools.vault, vectors_hex(s->v, s->us, "ephemeral_secret"), xx.e_public);
    for (unsigned m = 0; m < 3; m++) {
        const bool          ours    = (m % 2 == 0) == (s->role == OCKAM_INITIATOR);
        const ockam_slice_t message = vectors_hex(s->v, s->handshake, messages[m]);
        const ockam_slice_t payload = m > 0 ? vectors_hex(s->v, s->handshake, payloads[m]) : ockam_slice(NULL, 0);
        ockam_buf_t         produced;
        channel_buf_init(&produced);
        assert_ok((ours ? writers : readers)[m](&xx, &tools, ours ? payload : message, &produced, NULL));
        assert_slice_equal(ockam_buf_view(&produced), ours ? message : payload);
        check_state(s, m, &xx.noise);
        ockam_buf_deinit(&produced);
    }
    assert_slice_equal(ockam_slice(xx.noise.h, 32), vectors_hex(s->v, s->handshake, "h"));
    assert_slice_equal(ockam_slice(xx.re, 32), vectors_hex(s->v, s->handshake, "remote_ephemeral_public"));
    assert_slice_equal(ockam_slice(xx.rs, 32), vectors_hex(s->v, s->handshake, "remote_static_public"));
    assert_ok(ockam_noise_split(&xx.noise, &tools, &keys, NULL));
    assert_slice_equal(ockam_slice(keys.bytes, 32), vectors_hex(s->v, s->handshake, "k1"));
    assert_slice_equal(ockam_slice(keys.bytes + 32, 32), vectors_hex(s->v, s->handshake, "k2"));
    ockam_aead_free(tools.aead);
    ockam_vault_free(tools.vault);
}

/* ---- the handshake as channels use it ------------------------------------------------------------------------------ */

/* Feed message `in` (empty: start); our answer must be `expected`, which may be empty. */
static void step(const session_t *s, ockam_handshake_t *hs, const char *in, const char *expected)
{
    ockam_error_t err = {.status = OCKAM_OK};
    ockam_buf_t   out;

    channel_buf_init(&out);
    if (in == NULL)
        assert_ok_err(ockam_handshake_start(hs, s->clock, &out, &err), &err);
    else
        assert_ok_err(ockam_handshake_receive(hs, vectors_hex(s->v, s->handshake, in), s->clock, &out, &err), &err);
    if (expected == NULL)
        assert_int_equal(out.len, 0);
    else
        assert_slice_equal(ockam_buf_view(&out), vectors_hex(s->v, s->handshake, expected));
    ockam_buf_deinit(&out);
}

static ockam_handshake_t *run_handshake(const session_t *s, channel_peer_t *us, ockam_handshake_options_t options)
{
    ockam_handshake_t *hs = NULL;
    char               identifier[OCKAM_IDENTIFIER_TEXT_BYTES];

    fixed_random_push(&us->random, vectors_hex(s->v, s->us, "ephemeral_secret"));
    assert_ok(ockam_handshake_new(&options, &hs, NULL));
    if (s->role == OCKAM_INITIATOR) {
        step(s, hs, NULL, "message1");
        step(s, hs, "message2", "message3");
    } else {
        step(s, hs, NULL, NULL);
        step(s, hs, "message1", "message2");
        step(s, hs, "message3", NULL);
    }
    assert_true(ockam_handshake_is_ready(hs));
    assert_int_equal(fixed_random_left(&us->random), 0);
    ockam_identifier_text(ockam_handshake_peer(hs), identifier);
    assert_string_equal(identifier, vectors_string(s->v, vectors_get(s->v, s->session, "peer"), "identifier"));
    return hs;
}

/* ---- data ----------------------------------------------------------------------------------------------------------- */

/* The payload of the message in a chunk; empty if there is none in it. */
static ockam_slice_t chunk_payload(const session_t *s, const json_t *chunk)
{
    const char          *hex = json_string_value(json_array_get(chunk, 1));
    const ockam_slice_t  all = hex != NULL ? vectors_unhex(s->v, hex, strlen(hex)) : ockam_slice(NULL, 0);
    static ockam_route_t onward, back;
    ockam_slice_t        payload = {NULL, 0};

    if (all.len > OCKAM_FRAME_HEAD_BYTES)
        assert_ok(
            ockam_wire_message_decode(ockam_slice(all.ptr + OCKAM_FRAME_HEAD_BYTES, all.len - OCKAM_FRAME_HEAD_BYTES),
                                      &onward, &back, &payload, NULL));
    return payload;
}

/* The next sealed message of `direction` with this nonce and length, from chunk number *at on. */
static ockam_slice_t find_sealed(const session_t *s, const char *direction, uint64_t nonce, size_t len, size_t *at)
{
    const json_t *chunks = vectors_get(s->v, s->session, "chunks");

    for (; *at < json_array_size(chunks); ++*at) {
        const json_t       *chunk   = json_array_get(chunks, *at);
        const ockam_slice_t payload = chunk_payload(s, chunk);
        if (strcmp(json_string_value(json_array_get(chunk, 0)), direction) == 0 && payload.len == len &&
            ockam_sealed_nonce(payload.ptr) == nonce) {
            ++*at;
            return payload;
        }
    }
    fail_msg("no %s message with nonce %llu", direction, (unsigned long long)nonce);
    return ockam_slice(NULL, 0);
}

static void check_data(const session_t *s, ockam_sealer_t *sealer, ockam_opener_t *opener)
{
    static uint8_t message[1u << 17];
    const json_t  *data  = vectors_get(s->v, s->session, "data");
    size_t         at[2] = {0, 0};

    assert_true(json_array_size(data) > 0);
    for (size_t i = 0; i < json_array_size(data); i++) {
        const json_t       *row    = json_array_get(data, i);
        const char         *which  = json_string_value(json_array_get(row, 0));
        const bool          tx     = strcmp(which, "tx") == 0;
        const uint64_t      nonce  = (uint64_t)json_integer_value(json_array_get(row, 1));
        const ockam_slice_t plain  = hex_item(s, row, 2);
        const size_t        len    = plain.len + OCKAM_SEAL_HEAD_BYTES + OCKAM_SEAL_TAIL_BYTES;
        const ockam_slice_t sealed = find_sealed(s, which, nonce, len, &at[tx]);
        assert_true(len <= sizeof(message));
        if (tx) {
            memcpy(message + OCKAM_SEAL_HEAD_BYTES, plain.ptr, plain.len);
            assert_ok(ockam_sealer_seal(sealer, message + OCKAM_SEAL_HEAD_BYTES, plain.len, NULL));
            assert_slice_equal(ockam_slice(message, len), sealed);
        } else {
            uint8_t *text;
            size_t   text_len;
            memcpy(message, sealed.ptr, len);
            assert_ok(ockam_opener_open(opener, message, len, &text, &text_len, NULL));
            assert_slice_equal(ockam_slice(text, text_len), plain);
        }
    }
}

static void check_keys_and_data(const session_t *s, ockam_handshake_t *hs)
{
    ockam_sealer_t *sealer = NULL;
    ockam_opener_t *opener = NULL;

    assert_ok(ockam_handshake_take_keys(hs, &sealer, &opener, NULL));
    check_data(s, sealer, opener);
    ockam_sealer_free(sealer);
    ockam_opener_free(opener);
}

static void check_session(const char *name, int index)
{
    session_t      s = open_session(name, index);
    channel_peer_t us;

    check_states(&s);
    import_us(&s, &us);
    ockam_handshake_t *hs = run_handshake(&s, &us, channel_peer_options(&us, s.role));
    check_keys_and_data(&s, hs);
    ockam_handshake_free(hs);
    channel_peer_end(&us);
    vectors_close(s.v);
}

/* ---- sessions -------------------------------------------------------------------------------------------------------- */

static void initiator_with_70_messages_each_way(void **state)
{
    (void)state;
    check_session("xx_initiator", -1);
}

static void responder_with_70_messages_each_way(void **state)
{
    (void)state;
    check_session("xx_responder", -1);
}

static void responder_whose_key_was_rotated(void **state)
{
    (void)state;
    check_session("xx_initiator_other_identities", 0);
}

static void responder_whose_key_was_rotated_to_p256(void **state)
{
    (void)state;
    check_session("xx_initiator_other_identities", 1);
}

static void responder_with_a_p256_key(void **state)
{
    (void)state;
    check_session("xx_initiator_other_identities", 2);
}

static void initiator_over_two_connections(void **state)
{
    (void)state;
    check_session("two_hops_initiator_via_rust_hop", -1);
}

static void inlet_of_a_portal(void **state)
{
    (void)state;
    check_session("portal_we_are_inlet", -1);
}

static void outlet_of_a_portal(void **state)
{
    (void)state;
    check_session("portal_we_are_outlet", -1);
}

/* With the same history known already, and then with the pair remembered: the bytes do not change. */
static void a_peer_that_comes_again(void **state)
{
    (void)state;
    session_t      s = open_session("xx_initiator", -1);
    channel_peer_t us;

    import_us(&s, &us);
    assert_ok(ockam_verified_cache_new(ockam_allocator_malloc(), 8, &us.cache, NULL));
    for (uint64_t i = 0; i < 3; i++) {
        ockam_handshake_free(run_handshake(&s, &us, channel_peer_options(&us, s.role)));
        assert_int_equal(ockam_verified_cache_misses(us.cache), 1);
        assert_int_equal(ockam_verified_cache_hits(us.cache), i);
    }
    channel_peer_end(&us);
    vectors_close(s.v);
}

/* ---- credentials ------------------------------------------------------------------------------------------------------ */

/* The authority's change history stands in one of the two sessions only; it is the same. */
static ockam_change_history_t *authority(const session_t *s, ockam_vault_t *vault)
{
    const json_t *list = vectors_get(s->v, vectors_root(s->v), "scenarios");
    const json_t *from = vectors_get(s->v, vectors_get(s->v, list, "xx_initiator_with_credentials"), "authority");
    ockam_change_history_t *history = NULL;

    assert_ok(ockam_change_history_verify(vault, vectors_hex(s->v, from, "change_history"), NULL, &history, NULL));
    return history;
}

static void assert_attribute(channel_peer_t *us, const ockam_identifier_t *subject, const ockam_identifier_t *issuer,
                             uint64_t now_s, const char *key, const char *value)
{
    ockam_stored_attributes_t stored;
    ockam_slice_t             found;
    ockam_buf_t               buf;

    channel_buf_init(&buf);
    assert_ok(ockam_attributes_load(us->store, subject, issuer, now_s, &buf, &stored, NULL));
    assert_int_equal(stored.added_at_s, now_s);
    assert_true(ockam_attributes_find(stored.attributes, ockam_slice_text(key), &found));
    assert_slice_equal(found, ockam_slice_text(value));
    ockam_buf_deinit(&buf);
}

static void check_session_with_credentials(const char *name, const char *role_value)
{
    session_t                 s = open_session(name, -1);
    channel_peer_t            us;
    ockam_handshake_options_t options;

    check_states(&s);
    import_us(&s, &us);
    ockam_change_history_t *issuer = authority(&s, us.vault);
    options                        = channel_peer_options(&us, s.role);
    options.authority              = issuer;
    options.credential             = hex_item(&s, vectors_get(s.v, s.us, "credentials"), 0);
    ockam_handshake_t *hs          = run_handshake(&s, &us, options);
    assert_int_equal(ockam_handshake_credentials(hs).presented, 1);
    assert_int_equal(ockam_handshake_credentials(hs).accepted, 1);
    assert_attribute(&us, ockam_handshake_peer(hs), ockam_change_history_identifier(issuer), s.clock, "role",
                     role_value);
    check_keys_and_data(&s, hs);
    ockam_handshake_free(hs);
    ockam_change_history_free(issuer);
    channel_peer_end(&us);
    vectors_close(s.v);
}

static void initiator_with_credentials_on_both_sides(void **state)
{
    (void)state;
    session_t     s = open_session("xx_initiator_with_credentials", -1);
    const json_t *p = vectors_get(s.v, s.session, "peer_credential");

    assert_true(json_is_string(p));
    vectors_close(s.v);
    check_session_with_credentials("xx_initiator_with_credentials", "responder");
}

static void responder_with_credentials_on_both_sides(void **state)
{
    (void)state;
    check_session_with_credentials("xx_responder_with_credentials", "responder");
}

/* Ours to the other side, in both roles of the recording; here we are who receives it. */
static void a_recorded_refresh_is_accepted_and_one_of_another_identity_is_not(void **state)
{
    (void)state;
    session_t                 s    = open_session("xx_responder_with_credentials", -1);
    const json_t             *data = vectors_get(s.v, s.session, "data");
    static ockam_route_t      onward, back;
    ockam_wire_padded_t       good, other;
    ockam_credential_counts_t counts = {0, 0};
    channel_peer_t            us, receiver;

    import_us(&s, &us);
    channel_peer_start(&receiver, OCKAM_ED25519, 3);
    ockam_change_history_t       *issuer  = authority(&s, receiver.vault);
    const ockam_refresh_options_t options = {.vault     = receiver.vault,
                                             .store     = receiver.store,
                                             .peer      = ockam_identity_identifier(us.identity),
                                             .authority = issuer};
    assert_ok(ockam_wire_padded_decode(hex_item(&s, json_array_get(data, 2), 2), &good, &onward, &back, NULL));
    assert_ok(ockam_wire_padded_decode(hex_item(&s, json_array_get(data, 3), 2), &other, &onward, &back, NULL));
    assert_int_equal(good.kind, OCKAM_PADDED_REFRESH_CREDENTIALS);
    assert_int_equal(other.kind, OCKAM_PADDED_REFRESH_CREDENTIALS);
    assert_ok(ockam_refresh_verify(&options, good.change_history, good.credentials, good.credential_count, s.clock,
                                   &counts, NULL));
    assert_int_equal(counts.presented, 1);
    assert_int_equal(counts.accepted, 1);
    assert_attribute(&receiver, options.peer, ockam_change_history_identifier(issuer), s.clock, "role", "refreshed");
    assert_status(ockam_refresh_verify(&options, other.change_history, other.credentials, other.credential_count,
                                       s.clock, &counts, NULL),
                  OCKAM_NOT_AUTHENTIC);
    ockam_change_history_free(issuer);
    channel_peer_end(&receiver);
    channel_peer_end(&us);
    vectors_close(s.v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initiator_with_70_messages_each_way),
        cmocka_unit_test(responder_with_70_messages_each_way),
        cmocka_unit_test(responder_whose_key_was_rotated),
        cmocka_unit_test(responder_whose_key_was_rotated_to_p256),
        cmocka_unit_test(responder_with_a_p256_key),
        cmocka_unit_test(initiator_over_two_connections),
        cmocka_unit_test(inlet_of_a_portal),
        cmocka_unit_test(outlet_of_a_portal),
        cmocka_unit_test(a_peer_that_comes_again),
        cmocka_unit_test(initiator_with_credentials_on_both_sides),
        cmocka_unit_test(responder_with_credentials_on_both_sides),
        cmocka_unit_test(a_recorded_refresh_is_accepted_and_one_of_another_identity_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
