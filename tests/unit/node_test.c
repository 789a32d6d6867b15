/* SPDX-License-Identifier: Apache-2.0
 *
 * node_test.c - workers, delivery, access and flow control, timers, back-pressure: one node, no network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "node/runtime.h"
#include "ockam/ockam.h"

typedef struct {
    unsigned       initialized, handled, shut_down;
    ockam_status_t blocking; /* what a blocking call inside the handler answered */
    bool           stop_self;
} counts_t;

typedef struct {
    ockam_node_t  *node;
    char           event[64]; /* name of the last one */
    unsigned       events;
    ockam_status_t blocking; /* what a blocking call inside on_event() answered */
    counts_t       counts;   /* of a worker that may live until the node is freed */
} fixture_t;

static void on_event(void *context, const ockam_event_t *event)
{
    fixture_t       *f     = (fixture_t *)context;
    ockam_message_t *reply = NULL;

    if (f->node != NULL)
        f->blocking = ockam_receive(f->node, 1, &reply, NULL);

    (void)snprintf(f->event, sizeof(f->event), "%s", event->name);
    f->events++;
}

static int setup(void **state)
{
    fixture_t *f = (fixture_t *)calloc(1, sizeof(*f));

    assert_non_null(f);
    assert_int_equal(ockam_node_new(&(ockam_node_options_t){.on_event = on_event, .event_context = f}, &f->node, NULL),
                     OCKAM_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture_t *f = (fixture_t *)*state;

    ockam_node_free(f->node);
    free(f);
    return 0;
}

static ockam_metrics_t metrics(const fixture_t *f)
{
    ockam_metrics_t m;

    ockam_node_metrics(f->node, &m);
    return m;
}

static void echo_answers_with_the_same_text(void **state)
{
    fixture_t       *f     = (fixture_t *)*state;
    ockam_message_t *reply = NULL;

    assert_int_equal(ockam_echo_start(f->node, "echoer", NULL), OCKAM_OK);
    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("echoer"), "Hello Ockam!", NULL), OCKAM_OK);
    assert_int_equal(ockam_receive(f->node, 1000, &reply, NULL), OCKAM_OK);
    assert_string_equal(ockam_message_text(reply), "Hello Ockam!");
    assert_true(ockam_route_equal(ockam_message_return_route(reply), OCKAM_ROUTE("echoer")));
    ockam_message_free(reply);
}

static void uppercase_refuses_what_is_no_text(void **state)
{
    fixture_t       *f     = (fixture_t *)*state;
    ockam_message_t *reply = NULL;

    assert_int_equal(ockam_uppercase_start(f->node, "uppercase", NULL), OCKAM_OK);
    assert_int_equal(ockam_send(f->node, OCKAM_ROUTE("uppercase"), ockam_slice("\x05hi", 3), NULL), OCKAM_OK);
    assert_int_equal(ockam_receive(f->node, 20, &reply, NULL), OCKAM_TIMEOUT);
    assert_string_equal(f->event, "worker.failed");
    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("uppercase"), "hello", NULL), OCKAM_OK);
    assert_int_equal(ockam_receive(f->node, 1000, &reply, NULL), OCKAM_OK);
    assert_string_equal(ockam_message_text(reply), "HELLO");
    ockam_message_free(reply);
}

static void hops_are_visited_in_order_and_answers_come_back(void **state)
{
    fixture_t       *f     = (fixture_t *)*state;
    ockam_message_t *reply = NULL;

    assert_int_equal(ockam_hop_start(f->node, "h1", NULL), OCKAM_OK);
    assert_int_equal(ockam_hop_start(f->node, "h2", NULL), OCKAM_OK);
    assert_int_equal(ockam_echo_start(f->node, "echoer", NULL), OCKAM_OK);
    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("h1", "h2", "echoer"), "x", NULL), OCKAM_OK);
    assert_int_equal(ockam_receive(f->node, 1000, &reply, NULL), OCKAM_OK);
    assert_true(ockam_route_equal(ockam_message_return_route(reply), OCKAM_ROUTE("h1", "h2", "echoer")));
    ockam_message_free(reply);
}

static void a_send_names_what_is_wrong_with_its_route(void **state)
{
    fixture_t    *f   = (fixture_t *)*state;
    ockam_error_t err = {0};
    char          text[300];

    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("nobody"), "x", &err), OCKAM_NOT_FOUND);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_non_null(strstr(text, "0#nobody"));
    assert_int_equal(ockam_send_text(f->node, &(ockam_route_t){0}, "x", NULL), OCKAM_INVALID);
    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("a#b#c"), "x", NULL), OCKAM_MALFORMED);
    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("tcp#127.0.0.1:1", "x"), "x", NULL), OCKAM_NOT_FOUND);
    assert_int_equal(metrics(f).dropped_unknown, 1);
}

static void an_address_is_taken_once_and_free_after_a_stop(void **state)
{
    fixture_t *f = (fixture_t *)*state;

    assert_int_equal(ockam_echo_start(f->node, "echoer", NULL), OCKAM_OK);
    assert_int_equal(ockam_echo_start(f->node, "echoer", NULL), OCKAM_EXISTS);
    assert_int_equal(ockam_worker_stop_address(f->node, ockam_address_local("echoer"), NULL), OCKAM_OK);
    assert_int_equal(ockam_worker_stop_address(f->node, ockam_address_local("echoer"), NULL), OCKAM_NOT_FOUND);
    assert_int_equal(ockam_worker_stop_address(f->node, ockam_address_local("app"), NULL), OCKAM_NOT_FOUND);
    assert_int_equal(ockam_echo_start(f->node, "echoer", NULL), OCKAM_OK);
    assert_int_equal(ockam_echo_start(f->node, "", NULL), OCKAM_INVALID);
}

static ockam_status_t counting_initialize(ockam_worker_t *w, ockam_error_t *err)
{
    (void)err;
    ((counts_t *)ockam_worker_context(w))->initialized++;
    return OCKAM_OK;
}

static ockam_status_t counting_handle(ockam_worker_t *w, ockam_message_t *m, ockam_error_t *err)
{
    counts_t        *c     = (counts_t *)ockam_worker_context(w);
    ockam_message_t *reply = NULL;

    (void)m;
    c->handled++;
    c->blocking = ockam_receive(ockam_worker_node(w), 1000, &reply, err);
    if (c->stop_self)
        ockam_worker_stop(w);
    return OCKAM_OK;
}

static void counting_shutdown(ockam_worker_t *w)
{
    ((counts_t *)ockam_worker_context(w))->shut_down++;
}

static const ockam_worker_ops_t counting = {
    .name = "counting", .initialize = counting_initialize, .handle = counting_handle, .shutdown = counting_shutdown};

static void a_blocking_call_inside_a_handler_is_refused(void **state)
{
    fixture_t *f = (fixture_t *)*state;
    counts_t  *c = &f->counts;

    assert_int_equal(ockam_worker_start(f->node, "w", &counting, &(ockam_worker_options_t){.context = c}, NULL, NULL),
                     OCKAM_OK);
    assert_int_equal(ockam_node_run_for(f->node, 0, NULL), OCKAM_OK);
    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("w"), "x", NULL), OCKAM_OK);
    assert_int_equal(c->handled, 1);
    assert_int_equal(c->blocking, OCKAM_WRONG_STATE);
    assert_int_equal(ockam_worker_stop_address(f->node, ockam_address_local("w"), NULL), OCKAM_OK);
    assert_int_equal(c->initialized, 1);
    assert_int_equal(c->shut_down, 1);
}

static void a_worker_that_stops_itself_finishes_its_handler_and_loses_what_waits(void **state)
{
    fixture_t *f = (fixture_t *)*state;
    counts_t  *c = &f->counts;

    c->stop_self = true;
    assert_int_equal(ockam_worker_start(f->node, "w", &counting, &(ockam_worker_options_t){.context = c}, NULL, NULL),
                     OCKAM_OK);
    assert_int_equal(ockam_send_later(f->node, OCKAM_ROUTE("w"), ockam_slice(NULL, 0), 0, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_send_later(f->node, OCKAM_ROUTE("w"), ockam_slice(NULL, 0), 0, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_run_for(f->node, 5, NULL), OCKAM_OK);
    assert_int_equal(c->handled, 1);
    assert_int_equal(c->shut_down, 1);
    assert_int_equal(metrics(f).dropped_stopped, 1);
}

static void access_control_is_asked_on_both_sides(void **state)
{
    fixture_t                   *f       = (fixture_t *)*state;
    counts_t                    *c       = &f->counts;
    const ockam_address_t        someone = ockam_address_local("someone");
    const ockam_worker_options_t closed  = {.context = c, .incoming = {ockam_access_source, &someone}};

    assert_int_equal(ockam_worker_start(f->node, "w", &counting, &closed, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("w"), "x", NULL), OCKAM_OK);
    assert_int_equal(ockam_node_run_for(f->node, 0, NULL), OCKAM_OK);
    assert_int_equal(c->handled, 0);
    assert_int_equal(metrics(f).dropped_denied, 1);
    assert_string_equal(f->event, "access.incoming.denied");
    assert_int_equal(ockam_worker_stop_address(f->node, ockam_address_local("w"), NULL), OCKAM_OK); /* it counts in c */
}

/* A mailbox that injects what the network sent, as a transport's receiver does. */
static ockam_worker_t *producer(fixture_t *f, ockam_flow_id_t *flow)
{
    static counts_t ignored;
    ockam_worker_t *w = NULL;

    assert_int_equal(
        ockam_worker_start(f->node, NULL, &counting, &(ockam_worker_options_t){.context = &ignored}, &w, NULL),
        OCKAM_OK);
    *flow                            = ockam_directory_flow_new(ockam_node_directory(f->node));
    ockam_worker_box(w, 0)->producer = *flow;
    return w;
}

static ockam_status_t inject(fixture_t *f, ockam_worker_t *w, const ockam_route_t *route)
{
    ockam_message_t *m = ockam_message_new(f->node, ockam_worker_account(w));

    assert_non_null(m);
    m->from_network = true;
    ockam_route_copy(&m->onward_route, route);
    return ockam_node_route(f->node, ockam_worker_box(w, 0), m, NULL);
}

static void the_network_reaches_only_what_was_opened_to_it(void **state)
{
    fixture_t      *f    = (fixture_t *)*state;
    ockam_flow_id_t flow = 0, other = 0;
    ockam_worker_t *w = producer(f, &flow);
    ockam_worker_t *v = producer(f, &other);

    assert_int_equal(ockam_echo_start(f->node, "open", NULL), OCKAM_OK);
    assert_int_equal(ockam_echo_start(f->node, "shut", NULL), OCKAM_OK);
    assert_int_equal(ockam_flow_allow(f->node, flow, "open", NULL), OCKAM_OK);
    assert_int_equal(ockam_flow_allow(f->node, flow + 1000, "open", NULL), OCKAM_NOT_FOUND);
    assert_int_equal(inject(f, w, OCKAM_ROUTE("open")), OCKAM_OK);
    assert_int_equal(inject(f, w, OCKAM_ROUTE("shut")), OCKAM_DENIED);
    assert_int_equal(inject(f, w, OCKAM_ROUTE("app")), OCKAM_DENIED);
    assert_int_equal(inject(f, v, OCKAM_ROUTE("open")), OCKAM_DENIED);
    assert_int_equal(inject(f, w, OCKAM_ROUTE("nobody")), OCKAM_NOT_FOUND);
    assert_int_equal(inject(f, w, &(ockam_route_t){0}), OCKAM_INVALID);
    ockam_worker_box(v, 0)->spawner = flow; /* a connection of a listener whose flow may reach it */
    assert_int_equal(inject(f, v, OCKAM_ROUTE("open")), OCKAM_OK);
    ockam_directory_flow_end(ockam_node_directory(f->node), flow);
    assert_int_equal(inject(f, w, OCKAM_ROUTE("open")), OCKAM_DENIED);
}

static void what_may_be_reached_is_forgotten_with_its_address(void **state)
{
    fixture_t      *f    = (fixture_t *)*state;
    ockam_flow_id_t flow = 0;
    ockam_worker_t *w    = producer(f, &flow);

    assert_int_equal(ockam_echo_start(f->node, "open", NULL), OCKAM_OK);
    assert_int_equal(ockam_flow_allow(f->node, flow, "open", NULL), OCKAM_OK);
    assert_int_equal(ockam_worker_stop_address(f->node, ockam_address_local("open"), NULL), OCKAM_OK);
    assert_int_equal(ockam_echo_start(f->node, "open", NULL), OCKAM_OK); /* somebody else's now */
    assert_int_equal(inject(f, w, OCKAM_ROUTE("open")), OCKAM_DENIED);
}

static ockam_status_t flood_process(ockam_worker_t *w, ockam_error_t *err)
{
    static const uint8_t kilobyte[1024];

    return ockam_worker_send(w, OCKAM_ROUTE("app"), ockam_slice(kilobyte, sizeof(kilobyte)), err);
}

static void a_processor_waits_while_what_it_sent_is_held_up(void **state)
{
    static const ockam_worker_ops_t flood = {.name = "flood", .process = flood_process};
    fixture_t                      *f     = (fixture_t *)*state;
    ockam_worker_t                 *w     = NULL;
    ockam_message_t                *m     = NULL;
    uint64_t                        received;

    assert_int_equal(ockam_worker_start(f->node, NULL, &flood, NULL, &w, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_run_for(f->node, 20, NULL), OCKAM_OK); /* nobody receives: it must come to rest */
    received = metrics(f).delivered;
    assert_true(ockam_worker_account(w)->held_up);
    assert_true(ockam_worker_account(w)->bytes < OCKAM_ACCOUNT_HIGH_BYTES + 16384);
    assert_int_equal(ockam_node_run_for(f->node, 20, NULL), OCKAM_OK);
    assert_int_equal(metrics(f).delivered, received);
    for (uint64_t i = 0; i < 2 * received; i++) { /* and goes on when somebody does */
        assert_int_equal(ockam_receive(f->node, 1000, &m, NULL), OCKAM_OK);
        ockam_message_free(m);
    }
    assert_true(metrics(f).delivered > received);
}

static void a_blocking_call_is_refused_while_an_event_is_told(void **state)
{
    fixture_t *f = (fixture_t *)*state;

    ockam_node_event(f->node, OCKAM_LEVEL_WARN, "test.event", NULL, "from outside of handlers, as a transport would");
    assert_string_equal(f->event, "test.event");
    assert_int_equal(f->blocking, OCKAM_WRONG_STATE);
    assert_false(ockam_node_is_busy(f->node));
}

static void a_handler_may_send_up_to_the_hard_mark_of_an_account_and_no_further(void **state)
{
    fixture_t       *f = (fixture_t *)*state;
    ockam_worker_t  *w = NULL;
    ockam_account_t *account;
    size_t           filled;

    assert_int_equal(
        ockam_worker_start(f->node, "w", &counting, &(ockam_worker_options_t){.context = &f->counts}, &w, NULL),
        OCKAM_OK);
    account = ockam_worker_account(w);
    filled  = OCKAM_ACCOUNT_HARD_BYTES - account->bytes;
    ockam_account_charge(account, filled);
    assert_int_equal(ockam_worker_send(w, OCKAM_ROUTE("app"), ockam_slice("x", 1), NULL), OCKAM_OK);
    assert_true(account->bytes > OCKAM_ACCOUNT_HARD_BYTES);
    assert_int_equal(ockam_worker_send(w, OCKAM_ROUTE("app"), ockam_slice("x", 1), NULL), OCKAM_LIMIT);
    ockam_account_release(account, filled);
    filled = OCKAM_ACCOUNT_HARD_BYTES + 1 - account->bytes; /* exactly one past */
    ockam_account_charge(account, filled);
    assert_int_equal(ockam_worker_send(w, OCKAM_ROUTE("app"), ockam_slice("x", 1), NULL), OCKAM_LIMIT);
    ockam_account_release(account, filled);
}

static void nothing_is_allocated_per_message_in_the_steady_state(void **state)
{
    fixture_t       *f = (fixture_t *)*state;
    ockam_message_t *m = NULL;
    uint64_t         allocations;

    assert_int_equal(ockam_echo_start(f->node, "echoer", NULL), OCKAM_OK);
    for (int i = 0; i < 1010; i++) {
        if (i == 10)
            allocations = metrics(f).allocations;
        assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE("echoer"), "x", NULL), OCKAM_OK);
        assert_int_equal(ockam_receive(f->node, 1000, &m, NULL), OCKAM_OK);
        ockam_message_free(m);
    }
    assert_int_equal(metrics(f).allocations, allocations);
    assert_int_equal(metrics(f).payload_copies, 1010); /* the application's own sends, nothing else */
}

static void on_timer(void *context)
{
    (*(unsigned *)context)++;
}

static void timers_fire_repeat_and_stop(void **state)
{
    fixture_t     *f    = (fixture_t *)*state;
    unsigned       once = 0, often = 0, never = 0;
    ockam_timer_t *repeating = NULL, *cancelled = NULL;

    assert_int_equal(ockam_timer_start(f->node, 1, 0, on_timer, &once, NULL, NULL), OCKAM_OK);
    assert_int_equal(ockam_timer_start(f->node, 1, 1, on_timer, &often, &repeating, NULL), OCKAM_OK);
    assert_int_equal(ockam_timer_start(f->node, 1, 0, on_timer, &never, &cancelled, NULL), OCKAM_OK);
    ockam_timer_stop(cancelled);
    while (often < 3)
        assert_int_equal(ockam_node_run_for(f->node, 5, NULL), OCKAM_OK);
    ockam_timer_stop(repeating);
    assert_int_equal(once, 1);
    assert_int_equal(never, 0);
}

static void a_channel_inside_one_node_carries_messages_both_ways(void **state)
{
    fixture_t                           *f   = (fixture_t *)*state;
    ockam_identity_t                    *bob = NULL, *alice = NULL;
    ockam_secure_channel_t              *channel = NULL;
    ockam_message_t                     *reply   = NULL;
    ockam_secure_channel_listener_t      listener;
    const ockam_secure_channel_options_t trusting    = {.trust = OCKAM_TRUST_EVERYONE};
    uint64_t                             allocations = 0, copies = 0;

    assert_int_equal(ockam_node_create_identity(f->node, &bob, NULL), OCKAM_OK);
    assert_int_equal(ockam_node_create_identity(f->node, &alice, NULL), OCKAM_OK);
    assert_int_equal(ockam_secure_channel_listen(f->node, bob, "listener", &trusting, &listener, NULL), OCKAM_OK);
    assert_int_equal(ockam_echo_start(f->node, "echoer", NULL), OCKAM_OK);
    assert_int_equal(ockam_secure_channel_create(f->node, alice, OCKAM_ROUTE("listener"), &trusting, &channel, NULL),
                     OCKAM_OK);
    assert_memory_equal(ockam_secure_channel_peer(channel)->bytes, ockam_identity_identifier(bob)->bytes, 32);
    assert_int_equal(ockam_send_text(f->node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"), "x", NULL),
                     OCKAM_OK);
    assert_int_equal(ockam_receive(f->node, 20, &reply, NULL), OCKAM_TIMEOUT); /* the echoer is not open to channels */
    assert_int_equal(ockam_flow_allow(f->node, listener.flow, "echoer", NULL), OCKAM_OK);
    for (int i = 0; i < 300; i++) { /* several keys */
        if (i == 100) {
            allocations = metrics(f).allocations;
            copies      = metrics(f).payload_copies;
        }
        assert_int_equal(
            ockam_send_text(f->node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"), "hello", NULL),
            OCKAM_OK);
        assert_int_equal(ockam_receive(f->node, 1000, &reply, NULL), OCKAM_OK);
        assert_string_equal(ockam_message_text(reply), "hello");
        assert_memory_equal(ockam_message_peer(reply)->bytes, ockam_identity_identifier(bob)->bytes, 32);
        ockam_message_free(reply);
    }
    assert_int_equal(metrics(f).allocations, allocations);
    assert_int_equal(metrics(f).payload_copies, copies + 200);
    assert_int_equal(metrics(f).channels, 2);
    ockam_secure_channel_close(channel);
    assert_int_equal(ockam_node_run_for(f->node, 1, NULL), OCKAM_OK);
    assert_int_equal(metrics(f).channels, 0); /* the other end heard the goodbye */
    assert_int_equal(metrics(f).handshakes, 0);
    ockam_identity_free(alice);
    ockam_identity_free(bob);
}

static void a_handshake_that_nobody_answers_times_out(void **state)
{
    fixture_t              *f       = (fixture_t *)*state;
    ockam_identity_t       *alice   = NULL;
    ockam_secure_channel_t *channel = NULL;
    counts_t               *c       = &f->counts;

    assert_int_equal(
        ockam_worker_start(f->node, "silent", &counting, &(ockam_worker_options_t){.context = c}, NULL, NULL),
        OCKAM_OK);
    assert_int_equal(ockam_node_create_identity(f->node, &alice, NULL), OCKAM_OK);
    assert_int_equal(
        ockam_secure_channel_create(f->node, alice, OCKAM_ROUTE("silent"),
                                    &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE, .timeout_ms = 20},
                                    &channel, NULL),
        OCKAM_TIMEOUT);
    assert_int_equal(ockam_secure_channel_create(f->node, alice, OCKAM_ROUTE("silent"),
                                                 &(ockam_secure_channel_options_t){0}, &channel, NULL),
                     OCKAM_INVALID);
    assert_int_equal(metrics(f).handshakes, 0);
    assert_int_equal(ockam_worker_stop_address(f->node, ockam_address_local("silent"), NULL),
                     OCKAM_OK); /* it counts in c */
    ockam_identity_free(alice);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(echo_answers_with_the_same_text),
        TEST(uppercase_refuses_what_is_no_text),
        TEST(hops_are_visited_in_order_and_answers_come_back),
        TEST(a_send_names_what_is_wrong_with_its_route),
        TEST(an_address_is_taken_once_and_free_after_a_stop),
        TEST(a_blocking_call_inside_a_handler_is_refused),
        TEST(a_worker_that_stops_itself_finishes_its_handler_and_loses_what_waits),
        TEST(access_control_is_asked_on_both_sides),
        TEST(the_network_reaches_only_what_was_opened_to_it),
        TEST(what_may_be_reached_is_forgotten_with_its_address),
        TEST(a_processor_waits_while_what_it_sent_is_held_up),
        TEST(a_blocking_call_is_refused_while_an_event_is_told),
        TEST(a_handler_may_send_up_to_the_hard_mark_of_an_account_and_no_further),
        TEST(nothing_is_allocated_per_message_in_the_steady_state),
        TEST(timers_fire_repeat_and_stop),
        TEST(a_channel_inside_one_node_carries_messages_both_ways),
        TEST(a_handshake_that_nobody_answers_times_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
