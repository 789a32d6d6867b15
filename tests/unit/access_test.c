/* SPDX-License-Identifier: Apache-2.0
 *
 * access_test.c - the access controls that come with the library, each asked directly and on a mailbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ockam/ockam.h"

static void nothing_passes_deny_all(void **state)
{
    const ockam_identifier_t peer     = {{1}};
    const ockam_delivery_t   delivery = {.peer = &peer, .onward_route = OCKAM_ROUTE("a")};

    (void)state;
    assert_false(ockam_access_deny_all(NULL, &delivery));
    assert_ptr_equal(OCKAM_DENY_ALL.allows, ockam_access_deny_all);
}

static void any_identity_asks_only_for_a_secure_channel(void **state)
{
    const ockam_identifier_t peer = {{0}};

    (void)state;
    assert_true(ockam_access_any_identity(NULL, &(ockam_delivery_t){.peer = &peer}));
    assert_false(ockam_access_any_identity(NULL, &(ockam_delivery_t){.peer = NULL}));
}

static void identity_passes_exactly_one(void **state)
{
    ockam_identifier_t wanted, other;

    (void)state;
    memset(&wanted, 0xa5, sizeof(wanted));
    assert_true(ockam_access_identity(&wanted, &(ockam_delivery_t){.peer = &wanted}));
    assert_false(ockam_access_identity(&wanted, &(ockam_delivery_t){.peer = NULL}));
    for (size_t i = 0; i < sizeof(wanted.bytes) * 8; i++) {
        other = wanted;
        other.bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
        assert_false(ockam_access_identity(&wanted, &(ockam_delivery_t){.peer = &other}));
    }
}

static void source_compares_type_and_value(void **state)
{
    const ockam_address_t wanted = ockam_address_local("from");
    const ockam_address_t tcp    = {OCKAM_TCP, ockam_slice_text("from")};

    (void)state;
    assert_true(ockam_access_source(&wanted, &(ockam_delivery_t){.source = ockam_address_local("from")}));
    assert_false(ockam_access_source(&wanted, &(ockam_delivery_t){.source = ockam_address_local("fro")}));
    assert_false(ockam_access_source(&wanted, &(ockam_delivery_t){.source = tcp}));
    assert_false(ockam_access_source(&wanted, &(ockam_delivery_t){0}));
}

static void onward_looks_at_the_first_address_only(void **state)
{
    const ockam_address_t wanted = ockam_address_local("to");

    (void)state;
    assert_true(ockam_access_onward(&wanted, &(ockam_delivery_t){.onward_route = OCKAM_ROUTE("to")}));
    assert_true(ockam_access_onward(&wanted, &(ockam_delivery_t){.onward_route = OCKAM_ROUTE("to", "further")}));
    assert_false(ockam_access_onward(&wanted, &(ockam_delivery_t){.onward_route = OCKAM_ROUTE("via", "to")}));
    assert_false(ockam_access_onward(&wanted, &(ockam_delivery_t){.onward_route = OCKAM_ROUTE("tcp#to")}));
    assert_false(ockam_access_onward(&wanted, &(ockam_delivery_t){.onward_route = &(ockam_route_t){0}}));
}

/* ---- on a mailbox ------------------------------------------------------------------------------------------------ */

static ockam_status_t count(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    (void)message;
    (void)err;
    (*(unsigned *)ockam_worker_context(worker))++;
    return OCKAM_OK;
}
static const ockam_worker_ops_t counting = {.name = "counting", .handle = count};

static uint64_t denied(const ockam_node_t *node)
{
    ockam_metrics_t metrics;

    ockam_node_metrics(node, &metrics);
    return metrics.dropped_denied;
}

static void a_worker_for_one_identity_hears_it_through_a_channel_and_nobody_else(void **state)
{
    ockam_node_t                        *node  = NULL;
    ockam_identity_t                    *alice = NULL, *bob = NULL;
    ockam_secure_channel_t              *channel = NULL;
    ockam_secure_channel_listener_t      listener;
    ockam_worker_options_t               for_alice = {0}, for_bob = {0}, for_any = {0};
    unsigned                             heard_by[3] = {0};
    const ockam_secure_channel_options_t trusting    = {.trust = OCKAM_TRUST_EVERYONE};
    static const char *const             names[3]    = {"for_alice", "for_bob", "for_any"};

    (void)state;
    assert_int_equal(ockam_node_new(NULL, &node, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_create_identity(node, &alice, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_create_identity(node, &bob, NULL), OCKAM_OK);
    assert_int_equal(ockam_secure_channel_listen(node, bob, "listener", &trusting, &listener, NULL), OCKAM_OK);
    for_alice = (ockam_worker_options_t){.context  = &heard_by[0],
                                         .incoming = {ockam_access_identity, ockam_identity_identifier(alice)}};
    for_bob   = (ockam_worker_options_t){.context  = &heard_by[1],
                                         .incoming = {ockam_access_identity, ockam_identity_identifier(bob)}};
    for_any   = (ockam_worker_options_t){.context = &heard_by[2], .incoming = {ockam_access_any_identity, NULL}};
    assert_int_equal(ockam_worker_start(node, "for_alice", &counting, &for_alice, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_worker_start(node, "for_bob", &counting, &for_bob, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_worker_start(node, "for_any", &counting, &for_any, NULL, NULL), OCKAM_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ockam_flow_allow(node, listener.flow, names[i], NULL), OCKAM_OK);
    assert_int_equal(ockam_secure_channel_create(node, alice, OCKAM_ROUTE("listener"), &trusting, &channel, NULL),
                     OCKAM_OK);

    for (size_t i = 0; i < 3; i++) /* from this node itself: nobody's identity */
        assert_int_equal(ockam_send_text(node, OCKAM_ROUTE(names[i]), "x", NULL), OCKAM_OK);
    assert_int_equal(ockam_node_drain(node, 1000, NULL), OCKAM_OK);
    assert_int_equal(denied(node), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(heard_by[i], 0);

    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ockam_send_text(node, OCKAM_ROUTE(ockam_secure_channel_address(channel), names[i]), "x", NULL),
                         OCKAM_OK);
    assert_int_equal(ockam_node_drain(node, 1000, NULL), OCKAM_OK);
    assert_int_equal(heard_by[0], 1);
    assert_int_equal(heard_by[1], 0);
    assert_int_equal(heard_by[2], 1);
    assert_int_equal(denied(node), 4);
    ockam_secure_channel_close(channel);
    ockam_identity_free(alice);
    ockam_identity_free(bob);
    ockam_node_free(node);
}

static ockam_status_t send_two(ockam_worker_t *worker, ockam_error_t *err)
{
    ockam_status_t *answers = (ockam_status_t *)ockam_worker_context(worker);

    answers[0] = ockam_worker_send(worker, OCKAM_ROUTE("good"), ockam_slice(NULL, 0), err);
    answers[1] = ockam_worker_send(worker, OCKAM_ROUTE("bad", "good"), ockam_slice(NULL, 0), NULL);
    return OCKAM_CLOSED;
}

static void an_outgoing_access_control_refuses_the_sender(void **state)
{
    static const ockam_worker_ops_t sender     = {.name = "sender", .process = send_two};
    ockam_node_t                   *node       = NULL;
    const ockam_address_t           good       = ockam_address_local("good");
    ockam_status_t                  answers[2] = {OCKAM_INTERNAL, OCKAM_INTERNAL};
    unsigned                        good_heard = 0, bad_heard = 0;
    const ockam_worker_options_t    options = {.context = answers, .outgoing = {ockam_access_onward, &good}};
    const ockam_worker_options_t    at_good = {.context = &good_heard}, at_bad = {.context = &bad_heard};

    (void)state;
    assert_int_equal(ockam_node_new(NULL, &node, NULL), OCKAM_OK);
    assert_int_equal(ockam_worker_start(node, "good", &counting, &at_good, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_worker_start(node, "bad", &counting, &at_bad, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_worker_start(node, NULL, &sender, &options, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_drain(node, 1000, NULL), OCKAM_OK);
    assert_int_equal(answers[0], OCKAM_OK);
    assert_int_equal(answers[1], OCKAM_DENIED);
    assert_int_equal(good_heard, 1);
    assert_int_equal(bad_heard, 0);
    assert_int_equal(denied(node), 1);
    ockam_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_passes_deny_all),
        cmocka_unit_test(any_identity_asks_only_for_a_secure_channel),
        cmocka_unit_test(identity_passes_exactly_one),
        cmocka_unit_test(source_compares_type_and_value),
        cmocka_unit_test(onward_looks_at_the_first_address_only),
        cmocka_unit_test(a_worker_for_one_identity_hears_it_through_a_channel_and_nobody_else),
        cmocka_unit_test(an_outgoing_access_control_refuses_the_sender),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
