/* SPDX-License-Identifier: Apache-2.0
 *
 * A second key exchange needs no change anywhere else: a toy of one message, without secrets, through the same handshake. */
#include "ockam/key_exchange.h"

#include "channel_peers.h"
#include "test.h"

/* initiator -> responder: our static key, and our identity payload. The keys are constants. A responder proves nothing: it
 * is a toy. */
typedef struct {
    ockam_key_exchange_progress_t progress;
    unsigned                      wiped;
} toy_t;

static ockam_status_t toy_start(void *state, ockam_handshake_t *hs, ockam_buf_t *out, ockam_error_t *err)
{
    toy_t *toy = state;

    assert_int_equal(ockam_key_exchange_now(hs), CHANNEL_NOW);
    if (ockam_key_exchange_role(hs) == OCKAM_RESPONDER)
        return OCKAM_OK;
    OCKAM_TRY(err, ockam_buf_append(out, ockam_slice(ockam_key_exchange_static_public(hs), OCKAM_X25519_BYTES), err),
              "s");
    OCKAM_TRY(err, ockam_buf_append(out, ockam_key_exchange_payload(hs), err), "payload");
    toy->progress = OCKAM_KEY_EXCHANGE_READY;
    return OCKAM_OK;
}

static ockam_status_t toy_receive(void *state, ockam_handshake_t *hs, ockam_slice_t in, ockam_buf_t *out,
                                  ockam_error_t *err)
{
    toy_t         *toy = state;
    ockam_status_t s;

    (void)out;
    if (in.len < OCKAM_X25519_BYTES)
        return ockam_fail(err, OCKAM_MALFORMED, "%zu bytes", in.len);
    s = ockam_key_exchange_check_peer(hs, ockam_slice(in.ptr + OCKAM_X25519_BYTES, in.len - OCKAM_X25519_BYTES), in.ptr,
                                      err);
    toy->progress = s == OCKAM_OK        ? OCKAM_KEY_EXCHANGE_READY
                    : s == OCKAM_PENDING ? OCKAM_KEY_EXCHANGE_UNDECIDED
                                         : OCKAM_KEY_EXCHANGE_FAILED;
    return s;
}

static ockam_status_t toy_resume(void *state, ockam_handshake_t *hs, ockam_buf_t *out, ockam_error_t *err)
{
    (void)hs;
    (void)out;
    (void)err;
    ((toy_t *)state)->progress = OCKAM_KEY_EXCHANGE_READY;
    return OCKAM_OK;
}

static ockam_key_exchange_progress_t toy_progress(const void *state)
{
    return ((const toy_t *)state)->progress;
}

static void toy_result(const void *state, ockam_key_exchange_keys_t *keys)
{
    (void)state;
    memset(keys, 7, sizeof(*keys));
}

static void toy_wipe(void *state, ockam_handshake_t *hs)
{
    (void)hs;
    ((toy_t *)state)->wiped++;
}

static const ockam_key_exchange_ops_t toy_ops = {
    .name       = "toy",
    .state_size = sizeof(toy_t),
    .start      = toy_start,
    .receive    = toy_receive,
    .resume     = toy_resume,
    .progress   = toy_progress,
    .result     = toy_result,
    .wipe       = toy_wipe,
};

static ockam_handshake_t *toy_handshake(channel_peer_t *peer, ockam_role_t role, ockam_trust_policy_t trust)
{
    ockam_handshake_options_t options = channel_peer_options(peer, role);
    ockam_handshake_t        *hs      = NULL;

    options.key_exchange = &toy_ops;
    options.trust        = trust;
    assert_ok(ockam_handshake_new(&options, &hs, NULL));
    return hs;
}

static ockam_status_t later(void *context, const ockam_identifier_t *peer, ockam_error_t *err)
{
    (void)context;
    (void)peer;
    (void)err;
    return OCKAM_PENDING;
}

typedef struct {
    channel_peer_t     peer[2];
    ockam_handshake_t *hs[2];
    ockam_buf_t        message, out;
} pair_t;

static void pair_start(pair_t *p, ockam_trust_policy_t trust)
{
    for (unsigned r = 0; r < 2; r++) {
        channel_peer_start(&p->peer[r], OCKAM_ED25519, 700 + r);
        p->hs[r] = toy_handshake(&p->peer[r], (ockam_role_t)r, trust);
    }
    channel_buf_init(&p->message);
    channel_buf_init(&p->out);
    assert_ok(ockam_handshake_start(p->hs[1], CHANNEL_NOW, &p->message, NULL));
    assert_ok(ockam_handshake_start(p->hs[0], CHANNEL_NOW, &p->message, NULL));
    assert_true(ockam_handshake_is_ready(p->hs[0])); /* after no message at all */
}

static void pair_end(pair_t *p)
{
    for (unsigned r = 0; r < 2; r++) {
        ockam_handshake_free(p->hs[r]);
        channel_peer_end(&p->peer[r]);
    }
    ockam_buf_deinit(&p->message);
    ockam_buf_deinit(&p->out);
}

static void a_handshake_of_one_message_is_a_handshake(void **state)
{
    (void)state;
    ockam_sealer_t *sealer = NULL;
    ockam_opener_t *opener = NULL;
    pair_t          p;

    pair_start(&p, OCKAM_TRUST_EVERYONE);
    assert_ok(ockam_handshake_receive(p.hs[1], ockam_buf_view(&p.message), CHANNEL_NOW, &p.out, NULL));
    assert_true(ockam_handshake_is_ready(p.hs[1]));
    assert_memory_equal(ockam_handshake_peer(p.hs[1]), ockam_identity_identifier(p.peer[0].identity), 32);
    assert_true(channel_peer_knows(&p.peer[1], &p.peer[0]));
    assert_ok(ockam_handshake_take_keys(p.hs[1], &sealer, &opener, NULL));
    ockam_sealer_free(sealer);
    ockam_opener_free(opener);
    pair_end(&p);
}

static void its_peers_are_checked_and_trusted_like_others(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p, ockam_trust_identifiers(NULL, 0));
    assert_status(ockam_handshake_receive(p.hs[1], ockam_buf_view(&p.message), CHANNEL_NOW, &p.out, NULL),
                  OCKAM_DENIED);
    assert_int_equal(ockam_handshake_state(p.hs[1]), OCKAM_HANDSHAKE_FAILED);
    assert_false(channel_peer_knows(&p.peer[1], &p.peer[0]));
    pair_end(&p);

    pair_start(&p, OCKAM_TRUST_EVERYONE);
    p.message.ptr[0] ^= 1; /* the attested key is another now */
    assert_status(ockam_handshake_receive(p.hs[1], ockam_buf_view(&p.message), CHANNEL_NOW, &p.out, NULL),
                  OCKAM_NOT_AUTHENTIC);
    assert_int_equal(ockam_handshake_state(p.hs[1]), OCKAM_HANDSHAKE_FAILED);
    pair_end(&p);
}

static void a_late_answer_goes_through_it(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p, ockam_trust_callback(later, NULL));
    assert_status(ockam_handshake_receive(p.hs[1], ockam_buf_view(&p.message), CHANNEL_NOW, &p.out, NULL),
                  OCKAM_PENDING);
    assert_int_equal(ockam_handshake_state(p.hs[1]), OCKAM_HANDSHAKE_UNDECIDED);
    assert_ok(ockam_handshake_resume(p.hs[1], true, CHANNEL_NOW, &p.out, NULL));
    assert_true(ockam_handshake_is_ready(p.hs[1]));
    assert_true(channel_peer_knows(&p.peer[1], &p.peer[0]));
    pair_end(&p);
}

/* No negotiation, no fallback: a mismatch looks like a forgery. */
static void two_kinds_do_not_understand_each_other(void **state)
{
    (void)state;
    ockam_handshake_t *xx;
    pair_t             p;

    pair_start(&p, OCKAM_TRUST_EVERYONE);
    xx = channel_peer_handshake(&p.peer[1], OCKAM_RESPONDER);
    assert_ok(ockam_handshake_start(xx, CHANNEL_NOW, &p.out, NULL));
    assert_ok(
        ockam_handshake_receive(xx, ockam_buf_view(&p.message), CHANNEL_NOW, &p.out, NULL)); /* e, and a payload */
    assert_status(ockam_handshake_receive(xx, ockam_buf_view(&p.message), CHANNEL_NOW, &p.out, NULL),
                  OCKAM_NOT_AUTHENTIC);
    assert_int_equal(ockam_handshake_state(xx), OCKAM_HANDSHAKE_WAITING);
    ockam_handshake_free(xx);
    pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_of_one_message_is_a_handshake),
        cmocka_unit_test(its_peers_are_checked_and_trusted_like_others),
        cmocka_unit_test(a_late_answer_goes_through_it),
        cmocka_unit_test(two_kinds_do_not_understand_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
