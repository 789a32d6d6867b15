/* SPDX-License-Identifier: Apache-2.0
 *
 * transport_test.c - what every transport does: one suite of two or three nodes, run for each row of `transports`. */
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#include "node/runtime.h"
#include "tcp_peer.h"

/** How a transport is used by its name; nodes of a pump_t have it started. */
typedef struct {
    const char *name;
    uint8_t     type;
    void (*listen)(ockam_node_t *node, char address[80], ockam_flow_id_t *flow);
    void (*connect)(ockam_node_t *node, const char *address, char local[33]);
    void (*disconnect)(ockam_node_t *node, const char *local);
} transport_t;

static void tcp_listen(ockam_node_t *node, char address[80], ockam_flow_id_t *flow)
{
    ockam_tcp_listener_t listener;
    ockam_error_t        err = {0};

    assert_ok_err(ockam_tcp_listen(node, "127.0.0.1:0", &listener, &err), &err);
    (void)snprintf(address, 80, "%s", listener.address);
    *flow = listener.flow;
}

static void tcp_connect(ockam_node_t *node, const char *address, char local[33])
{
    ockam_tcp_connection_t connection;
    ockam_error_t          err = {0};

    assert_ok_err(ockam_tcp_connect(node, address, &connection, &err), &err);
    memcpy(local, connection.address, sizeof(connection.address));
}

static void tcp_disconnect(ockam_node_t *node, const char *local)
{
    assert_ok(ockam_tcp_disconnect(node, local, NULL));
}

static const transport_t transports[] = {{"tcp", OCKAM_TCP, tcp_listen, tcp_connect, tcp_disconnect}};

/* ---- two nodes: "near" connects, "far" listens and has an echo worker --------------------------------------------- */

typedef struct {
    const transport_t *transport;
    pump_t             pump;
    ockam_node_t      *near, *far;
    char               address[80]; /* of the listener */
    char               hop[96];     /* "tcp#..." */
    char               local[33];   /* of the connection at the near node */
    ockam_flow_id_t    flow;
} pair_t;

static void begin(pair_t *p, void **state)
{
    *p      = (pair_t){.transport = (const transport_t *)*state};
    p->near = pump_node(&p->pump, NULL);
    p->far  = pump_node(&p->pump, NULL);
    p->transport->listen(p->far, p->address, &p->flow);
    (void)snprintf(p->hop, sizeof(p->hop), "%s#%s", p->transport->name, p->address);
    assert_ok(ockam_echo_start(p->far, "echoer", NULL));
    assert_ok(ockam_flow_allow(p->far, p->flow, "echoer", NULL));
    p->transport->connect(p->near, p->address, p->local);
}

static void end(pair_t *p)
{
    pump_end(&p->pump);
}

static ockam_metrics_t metrics(const ockam_node_t *node)
{
    ockam_metrics_t m;

    ockam_node_metrics(node, &m);
    return m;
}

static void expect_answer(pair_t *p, const void *bytes, size_t len)
{
    ockam_message_t *m = pump_receive(&p->pump, p->near);

    assert_slice_equal(ockam_message_payload(m), ockam_slice(bytes, len));
    ockam_message_free(m);
}

static void echo(pair_t *p, const char *first, const void *bytes, size_t len)
{
    ockam_error_t err = {0};

    assert_ok_err(ockam_send(p->near, OCKAM_ROUTE(first, "echoer"), ockam_slice(bytes, len), &err), &err);
    expect_answer(p, bytes, len);
}

static void messages_of_all_sizes_come_back_unchanged(void **state)
{
    static const size_t sizes[] = {0, 1, 23, 24, 255, 256, 65535, 65536, 1048576, 5000000};
    pair_t              p;
    uint8_t            *bytes = malloc(5000000);

    assert_non_null(bytes);
    for (size_t i = 0; i < 5000000; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 251);
    begin(&p, state);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        echo(&p, p.local, bytes, sizes[i]);
    assert_int_equal(metrics(p.far).payload_copies, 0);
    free(bytes);
    end(&p);
}

static void messages_keep_their_order(void **state)
{
    enum { COUNT = 10000 };
    pair_t        p;
    ockam_error_t err = {0};
    uint32_t      got = 0;

    begin(&p, state);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_ok_err(ockam_send(p.near, OCKAM_ROUTE(p.local, "echoer"), ockam_slice(&i, sizeof(i)), &err), &err);
        if (i % 100 != 99)
            continue;
        for (; got <= i; got++)
            expect_answer(&p, &got, sizeof(got));
    }
    assert_int_equal(got, COUNT);
    end(&p);
}

static void an_answer_names_the_way_back(void **state)
{
    pair_t           p;
    ockam_error_t    err = {0};
    ockam_message_t *m;
    ockam_address_t  first, last;

    begin(&p, state);
    assert_ok_err(ockam_send(p.near, OCKAM_ROUTE(p.local, "echoer"), ockam_slice("x", 1), &err), &err);
    m = pump_receive(&p.pump, p.near);
    assert_int_equal(ockam_message_return_route(m)->count, 2);
    assert_ok(ockam_route_first(ockam_message_return_route(m), &first, NULL));
    assert_ok(ockam_route_last(ockam_message_return_route(m), &last, NULL));
    assert_true(ockam_address_equal(first, ockam_address_local(p.local)));
    assert_true(ockam_address_equal(last, ockam_address_local("echoer")));
    ockam_message_free(m);
    end(&p);
}

static void an_address_in_a_route_connects_once(void **state)
{
    pair_t p;

    begin(&p, state);
    echo(&p, p.hop, "one", 3);
    echo(&p, p.hop, "two", 3);
    assert_int_equal(metrics(p.near).connections, 2); /* the one of begin(), and this */
    assert_int_equal(metrics(p.far).connections, 2);
    end(&p);
}

static bool far_has_no_connection(void *context)
{
    return metrics(((pair_t *)context)->far).connections == 0;
}
static bool near_has_no_connection(void *context)
{
    return metrics(((pair_t *)context)->near).connections == 0;
}

static void disconnecting_is_seen_by_the_other_side(void **state)
{
    pair_t        p;
    ockam_error_t err = {0};

    begin(&p, state);
    echo(&p, p.local, "x", 1);
    p.transport->disconnect(p.near, p.local);
    pump_until(&p.pump, far_has_no_connection, &p);
    pump_until(&p.pump, near_has_no_connection, &p);
    assert_status(ockam_send(p.near, OCKAM_ROUTE(p.local, "echoer"), ockam_slice("x", 1), &err), OCKAM_NOT_FOUND);
    end(&p);
}

static void a_node_that_ends_is_seen_by_the_other_side(void **state)
{
    pair_t p;

    begin(&p, state);
    echo(&p, p.hop, "x", 1);
    ockam_node_free(p.far);
    p.pump.count = 1;
    pump_until(&p.pump, near_has_no_connection, &p);
    end(&p);
}

static void what_was_sent_before_an_orderly_stop_arrives(void **state)
{
    enum { LEN = 1000000 };
    pair_t           p;
    ockam_error_t    err   = {0};
    uint8_t         *bytes = calloc(1, LEN);
    ockam_message_t *m;

    begin(&p, state);
    assert_ok(ockam_flow_allow(p.far, p.flow, "app", NULL));
    echo(&p, p.local, "x", 1);
    assert_ok_err(ockam_send(p.near, OCKAM_ROUTE(p.local, "app"), ockam_slice(bytes, LEN), &err), &err);
    for (int i = 0; i < 1000 && ockam_node_drain(p.near, 1, NULL) != OCKAM_OK; i++)
        pump_once(&p.pump);
    assert_ok(ockam_node_drain(p.near, 1, NULL));
    ockam_node_free(p.near);
    p.pump.nodes[0] = p.far;
    p.pump.count    = 1;
    m               = pump_receive(&p.pump, p.far);
    assert_int_equal(ockam_message_payload(m).len, LEN);
    ockam_message_free(m);
    free(bytes);
    end(&p);
}

/* ---- a node in the middle ----------------------------------------------------------------------------------------- */

static void add_middle(pair_t *p, const ockam_tcp_options_t *options, char hop[96])
{
    ockam_node_t   *middle = pump_node(&p->pump, options);
    char            address[80];
    ockam_flow_id_t flow = 0;

    p->transport->listen(middle, address, &flow);
    assert_ok(ockam_hop_start(middle, "hop", NULL));
    assert_ok(ockam_flow_allow(middle, flow, "hop", NULL));
    (void)snprintf(hop, 96, "%s#%s", p->transport->name, address);
}

static void a_node_in_the_middle_connects_if_it_may(void **state)
{
    pair_t        p;
    char          hop[96];
    ockam_error_t err = {0};

    begin(&p, state);
    add_middle(&p, &(ockam_tcp_options_t){.connect_onward = true}, hop);
    for (int i = 0; i < 3; i++) {
        assert_ok_err(ockam_send(p.near, OCKAM_ROUTE(hop, "hop", p.hop, "echoer"), ockam_slice("over", 4), &err), &err);
        expect_answer(&p, "over", 4);
    }
    assert_int_equal(metrics(p.pump.nodes[2]).connections, 2);
    assert_int_equal(metrics(p.pump.nodes[2]).payload_copies, 0);
    end(&p);
}

static bool middle_has_denied(void *context)
{
    return metrics(((pair_t *)context)->pump.nodes[2]).dropped_denied == 1;
}

static void a_node_in_the_middle_does_not_connect_unless_told(void **state)
{
    pair_t        p;
    char          hop[96];
    ockam_error_t err = {0};

    begin(&p, state);
    add_middle(&p, NULL, hop);
    assert_ok_err(ockam_send(p.near, OCKAM_ROUTE(hop, "hop", p.hop, "echoer"), ockam_slice("x", 1), &err), &err);
    pump_until(&p.pump, middle_has_denied, &p);
    assert_int_equal(metrics(p.pump.nodes[2]).connections, 1);
    end(&p);
}

static void a_node_in_the_middle_drops_what_it_cannot_connect_for(void **state)
{
    pair_t               p;
    char                 hop[96], gone[96];
    ockam_error_t        err  = {0};
    ockam_node_t        *dead = NULL;
    ockam_tcp_listener_t listener;

    begin(&p, state);
    add_middle(&p, &(ockam_tcp_options_t){.connect_onward = true}, hop);
    assert_ok(ockam_node_new(NULL, &dead, NULL));
    assert_ok(ockam_tcp_start(dead, NULL, NULL));
    assert_ok(ockam_tcp_listen(dead, "127.0.0.1:0", &listener, NULL));
    ockam_node_free(dead);
    (void)snprintf(gone, sizeof(gone), "%s#%s", p.transport->name, listener.address);
    assert_ok_err(ockam_send(p.near, OCKAM_ROUTE(hop, "hop", gone, "echoer"), ockam_slice("x", 1), &err), &err);
    pump_until_event(&p.pump, "tcp.connect.failed");
    assert_int_equal(metrics(p.pump.nodes[2]).dropped_unknown, 1);
    end(&p);
}

static int each(const transport_t *transport)
{
    void *const             state   = (void *)(uintptr_t)transport;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(messages_of_all_sizes_come_back_unchanged, state),
        cmocka_unit_test_prestate(messages_keep_their_order, state),
        cmocka_unit_test_prestate(an_answer_names_the_way_back, state),
        cmocka_unit_test_prestate(an_address_in_a_route_connects_once, state),
        cmocka_unit_test_prestate(disconnecting_is_seen_by_the_other_side, state),
        cmocka_unit_test_prestate(a_node_that_ends_is_seen_by_the_other_side, state),
        cmocka_unit_test_prestate(what_was_sent_before_an_orderly_stop_arrives, state),
        cmocka_unit_test_prestate(a_node_in_the_middle_connects_if_it_may, state),
        cmocka_unit_test_prestate(a_node_in_the_middle_does_not_connect_unless_told, state),
        cmocka_unit_test_prestate(a_node_in_the_middle_drops_what_it_cannot_connect_for, state),
    };

    return cmocka_run_group_tests_name(transport->name, tests, NULL, NULL);
}

int main(void)
{
    int failed = 0;

    for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
        failed += each(&transports[i]);
    return failed;
}
