/* SPDX-License-Identifier: Apache-2.0
 *
 * app_test.c - what the application itself does with a node: send now and later, receive, read texts, drain, stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ockam/ockam.h"

static int setup(void **state)
{
    ockam_node_t *node = NULL;

    assert_int_equal(ockam_node_new(NULL, &node, NULL), OCKAM_OK);
    *state = node;
    return 0;
}

static int teardown(void **state)
{
    ockam_node_free((ockam_node_t *)*state);
    return 0;
}

static void what_was_sent_later_arrives_after_its_time_and_in_order(void **state)
{
    ockam_node_t    *node  = (ockam_node_t *)*state;
    ockam_message_t *reply = NULL;

    assert_int_equal(ockam_echo_start(node, "echo", NULL), OCKAM_OK);
    assert_int_equal(ockam_send_later(node, OCKAM_ROUTE("echo"), ockam_slice("second", 6), 30, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_send_later(node, OCKAM_ROUTE("echo"), ockam_slice("first", 5), 1, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_receive(node, 1000, &reply, NULL), OCKAM_OK);
    assert_memory_equal(ockam_message_payload(reply).ptr, "first", 5);
    ockam_message_free(reply);
    assert_int_equal(ockam_receive(node, 1000, &reply, NULL), OCKAM_OK);
    assert_memory_equal(ockam_message_payload(reply).ptr, "second", 6);
    ockam_message_free(reply);
}

static void a_stopped_timer_sends_nothing(void **state)
{
    ockam_node_t    *node  = (ockam_node_t *)*state;
    ockam_timer_t   *timer = NULL;
    ockam_message_t *reply = NULL;

    assert_int_equal(ockam_echo_start(node, "echo", NULL), OCKAM_OK);
    assert_int_equal(ockam_send_later(node, OCKAM_ROUTE("echo"), ockam_slice("x", 1), 1, &timer, NULL), OCKAM_OK);
    ockam_timer_stop(timer);
    assert_int_equal(ockam_receive(node, 20, &reply, NULL), OCKAM_TIMEOUT);
}

static void a_bad_route_is_told_at_once_and_an_unknown_address_when_it_is_time(void **state)
{
    ockam_node_t   *node = (ockam_node_t *)*state;
    ockam_metrics_t metrics;

    assert_int_equal(ockam_send_later(node, &(ockam_route_t){0}, ockam_slice("x", 1), 1, NULL, NULL), OCKAM_INVALID);
    assert_int_equal(ockam_send_later(node, OCKAM_ROUTE("a#b#c"), ockam_slice("x", 1), 1, NULL, NULL), OCKAM_MALFORMED);
    assert_int_equal(
        ockam_send_later(node, OCKAM_ROUTE("echo"), ockam_slice("x", OCKAM_TCP_MESSAGE_BYTES_MAX + 1), 1, NULL, NULL),
        OCKAM_LIMIT);
    assert_int_equal(ockam_send_later(node, OCKAM_ROUTE("nobody"), ockam_slice("x", 1), 0, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_run_for(node, 10, NULL), OCKAM_OK);
    ockam_node_metrics(node, &metrics);
    assert_int_equal(metrics.dropped_unknown, 1);
}

static void an_answer_to_a_later_message_comes_back_through_a_channel(void **state)
{
    ockam_node_t                        *node    = (ockam_node_t *)*state;
    ockam_identity_t                    *self    = NULL;
    ockam_secure_channel_t              *channel = NULL;
    ockam_secure_channel_listener_t      listener;
    ockam_message_t                     *reply    = NULL;
    const ockam_secure_channel_options_t trusting = {.trust = OCKAM_TRUST_EVERYONE};

    assert_int_equal(ockam_node_create_identity(node, &self, NULL), OCKAM_OK);
    assert_int_equal(ockam_echo_start(node, "echo", NULL), OCKAM_OK);
    assert_int_equal(ockam_secure_channel_listen(node, self, "listener", &trusting, &listener, NULL), OCKAM_OK);
    assert_int_equal(ockam_flow_allow(node, listener.flow, "echo", NULL), OCKAM_OK);
    assert_int_equal(ockam_secure_channel_create(node, self, OCKAM_ROUTE("listener"), &trusting, &channel, NULL),
                     OCKAM_OK);
    assert_int_equal(ockam_send_later(node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echo"),
                                      ockam_slice("x", 1), 1, NULL, NULL),
                     OCKAM_OK);
    assert_int_equal(ockam_receive(node, 1000, &reply, NULL), OCKAM_OK);
    assert_int_equal(ockam_message_payload(reply).len, 1);
    ockam_message_free(reply);
    ockam_secure_channel_close(channel);
    ockam_identity_free(self);
}

/* The payload comes back as it is, so that it can be looked at. */
static ockam_message_t *echoed(ockam_node_t *node, ockam_slice_t payload)
{
    ockam_message_t *m = NULL;

    assert_int_equal(ockam_send(node, OCKAM_ROUTE("echo"), payload, NULL), OCKAM_OK);
    assert_int_equal(ockam_receive(node, 1000, &m, NULL), OCKAM_OK);
    assert_int_equal(ockam_message_payload(m).len, payload.len);
    return m;
}

static void a_text_is_a_length_and_utf_8_with_nothing_behind_it_needed(void **state)
{
    static const struct {
        const char *bytes;
        size_t      len;
        const char *text; /* NULL: it is none */
    } cases[] = {
        {"\x05hello", 6, "hello"}, {"\0", 1, ""},         {"\x02\xc3\xa9", 3, "\xc3\xa9"},   {"", 0, NULL},
        {"\x06hello", 6, NULL},    {"\x01\xff", 2, NULL}, {"\xff\xff\xff\xff\xff", 5, NULL},
    };
    ockam_node_t *node = (ockam_node_t *)*state;

    assert_int_equal(ockam_echo_start(node, "echo", NULL), OCKAM_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ockam_message_t *m = echoed(node, ockam_slice(cases[i].bytes, cases[i].len));
        assert_int_equal(ockam_message_is_text(m), cases[i].text != NULL);
        assert_string_equal(ockam_message_text(m), cases[i].text != NULL ? cases[i].text : "");
        ockam_message_free(m);
    }
}

static void a_drain_waits_for_all_that_was_sent(void **state)
{
    ockam_node_t    *node = (ockam_node_t *)*state;
    ockam_message_t *m    = NULL;
    ockam_metrics_t  metrics;

    assert_int_equal(ockam_hop_start(node, "hop", NULL), OCKAM_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(ockam_send(node, OCKAM_ROUTE("hop", "hop", "hop", "app"), ockam_slice("x", 1), NULL),
                         OCKAM_OK);
    assert_int_equal(ockam_node_drain(node, 1000, NULL), OCKAM_OK);
    ockam_node_metrics(node, &metrics);
    assert_int_equal(metrics.delivered, 400);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ockam_receive(node, 1, &m, NULL), OCKAM_OK);
        ockam_message_free(m);
    }
    assert_int_equal(ockam_node_drain(node, 0, NULL), OCKAM_OK);
}

static ockam_status_t never_rests(ockam_worker_t *worker, ockam_error_t *err)
{
    return ockam_worker_send(worker, OCKAM_ROUTE("sink"), ockam_slice("x", 1), err);
}
static ockam_status_t swallow(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    (void)worker;
    (void)message;
    (void)err;
    return OCKAM_OK;
}

static void a_drain_that_cannot_end_says_so_when_time_is_up(void **state)
{
    static const ockam_worker_ops_t busy = {.name = "busy", .process = never_rests};
    static const ockam_worker_ops_t sink = {.name = "sink", .handle = swallow};
    ockam_node_t                   *node = (ockam_node_t *)*state;
    ockam_worker_t                 *w    = NULL;

    assert_int_equal(ockam_worker_start(node, "sink", &sink, NULL, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_worker_start(node, NULL, &busy, NULL, &w, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_drain(node, 20, NULL), OCKAM_TIMEOUT);
    ockam_worker_stop(w);
    assert_int_equal(ockam_node_drain(node, 1000, NULL), OCKAM_OK);
}

static void stop_node(void *context)
{
    ockam_node_stop((ockam_node_t *)context);
}

static void a_stop_ends_what_waits_and_a_drain_makes_the_node_usable_again(void **state)
{
    ockam_node_t    *node = (ockam_node_t *)*state;
    ockam_message_t *m    = NULL;

    assert_int_equal(ockam_echo_start(node, "echo", NULL), OCKAM_OK);
    assert_int_equal(ockam_timer_start(node, 1, 0, stop_node, node, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_run(node, NULL), OCKAM_OK);
    assert_int_equal(ockam_receive(node, 1000, &m, NULL), OCKAM_CLOSED);
    assert_int_equal(ockam_node_drain(node, 1000, NULL), OCKAM_OK);
    m = echoed(node, ockam_slice("x", 1));
    ockam_message_free(m);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_was_sent_later_arrives_after_its_time_and_in_order),
        TEST(a_stopped_timer_sends_nothing),
        TEST(a_bad_route_is_told_at_once_and_an_unknown_address_when_it_is_time),
        TEST(an_answer_to_a_later_message_comes_back_through_a_channel),
        TEST(a_text_is_a_length_and_utf_8_with_nothing_behind_it_needed),
        TEST(a_drain_waits_for_all_that_was_sent),
        TEST(a_drain_that_cannot_end_says_so_when_time_is_up),
        TEST(a_stop_ends_what_waits_and_a_drain_makes_the_node_usable_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
