/* SPDX-License-Identifier: Apache-2.0
 *
 * delivery_test.c - routes that peers make up: long, circular, to nobody, out of the node again. */
#include <stdio.h>

#include "link.h"
#include "test.h"

#include "node/runtime.h"
#include "ockam/tcp.h"

typedef struct {
    ockam_node_t *a, *b; /* the link's nodes: a sends, b is under test */
    link_t        link;
    char          event[64];
    char          text[512];
    unsigned      events;
} fixture_t;

static void on_event(void *context, const ockam_event_t *event)
{
    fixture_t *f = (fixture_t *)context;

    (void)snprintf(f->event, sizeof(f->event), "%s", event->name);
    (void)snprintf(f->text, sizeof(f->text), "%s", event->text);
    f->events++;
}

static void begin(fixture_t *f)
{
    memset(f, 0, sizeof(*f));
    assert_ok(ockam_node_new(NULL, &f->a, NULL));
    assert_ok(ockam_node_new(&(ockam_node_options_t){.on_event = on_event, .event_context = f}, &f->b, NULL));
    link_start(&f->link, f->a, "l", f->b, "l");
    assert_ok(ockam_hop_start(f->b, "h", NULL));
    assert_ok(ockam_hop_start(f->b, "g", NULL));
    assert_ok(ockam_echo_start(f->b, "echoer", NULL));
    for (int i = 0; i < 3; i++)
        assert_ok(ockam_flow_allow(f->b, f->link.end[1].flow, ((const char *[]){"h", "g", "echoer"})[i], NULL));
}

static void end(fixture_t *f)
{
    assert_int_equal(ockam_worker_account(f->link.end[1].worker)->bytes, 0); /* whatever came is gone */
    link_end(&f->link);
    ockam_node_free(f->a);
    ockam_node_free(f->b);
}

static ockam_metrics_t metrics(const fixture_t *f)
{
    ockam_metrics_t m;

    ockam_node_metrics(f->b, &m);
    return m;
}

static ockam_status_t put(fixture_t *f, const ockam_route_t *onward, const ockam_route_t *back)
{
    packet_t p = {0};

    ockam_route_copy(&p.onward_route, onward);
    ockam_route_copy(&p.return_route, back);
    return link_put(&f->link, 0, &p);
}

static void a_route_to_nobody_is_dropped_and_counted(void **state)
{
    const ockam_route_t nowhere = {0};
    fixture_t           f;

    (void)state;
    begin(&f);
    assert_status(put(&f, &nowhere, &nowhere), OCKAM_INVALID);
    assert_status(put(&f, OCKAM_ROUTE("nobody"), &nowhere), OCKAM_NOT_FOUND);
    assert_status(put(&f, OCKAM_ROUTE("ws#somewhere"), &nowhere), OCKAM_NOT_FOUND);
    assert_int_equal(metrics(&f).dropped_unknown, 3);
    assert_ok(put(&f, OCKAM_ROUTE("h", "nobody"), &nowhere)); /* found out by the hop */
    assert_int_equal(metrics(&f).dropped_unknown, 4);
    assert_int_equal(f.events, 1);
    assert_string_equal(f.event, "worker.failed");
    assert_non_null(strstr(f.text, "0#nobody"));
    assert_ok(put(&f, OCKAM_ROUTE("h"), &nowhere)); /* and nothing left behind it */
    assert_int_equal(metrics(&f).dropped_unknown, 5);
    assert_int_equal(f.events, 2);
    assert_ok(put(&f, OCKAM_ROUTE("h", "h", "h", "echoer"), &nowhere));
    assert_int_equal(f.link.end[1].count, 1);
    end(&f);
}

/* As many addresses of 4 bytes as fit, hop to hop: each step takes one off in front and adds one behind. */
static void a_loop_of_hops_ends_with_the_return_route_full_and_one_event(void **state)
{
    const unsigned steps = (OCKAM_ROUTE_BYTES_MAX - 4u) / 4u; /* "l" is in the return route from the start */
    fixture_t      f;
    ockam_route_t  circle = {0};
    unsigned       count;

    (void)state;
    begin(&f);
    for (count = 0; ockam_route_append(&circle, ockam_address_local(count % 2 == 0 ? "h" : "g"), NULL) == OCKAM_OK;)
        count++;
    assert_int_equal(count, OCKAM_ROUTE_BYTES_MAX / 4u);
    assert_int_equal(count, steps + 1);
    assert_ok(put(&f, &circle, &(ockam_route_t){0}));
    assert_int_equal(metrics(&f).delivered, steps + 1);
    assert_int_equal(metrics(&f).dropped_limit, 1);
    assert_int_equal(f.events, 1);
    assert_string_equal(f.event, "worker.failed");
    end(&f);
}

/* Three addresses of 325 bytes and one of `rest`, as encoded. */
static ockam_route_t route_of(size_t rest)
{
    static const uint8_t value[OCKAM_ADDRESS_BYTES_MAX];
    ockam_route_t        route = {0};

    for (unsigned i = 0; i < 3; i++)
        assert_ok(ockam_route_append(&route, (ockam_address_t){0, ockam_slice(value, sizeof(value))}, NULL));
    assert_ok(ockam_route_append(&route, (ockam_address_t){0, ockam_slice(value, rest - 4)}, NULL));
    assert_int_equal(route.end - route.start, 975 + rest);
    return route;
}

static void a_return_route_may_be_full_after_a_hop_and_not_one_byte_longer(void **state)
{
    /* "l" and "h" come in front, 4 bytes each. */
    const ockam_route_t fits = route_of(OCKAM_ROUTE_BYTES_MAX - 975 - 8);
    const ockam_route_t past = route_of(OCKAM_ROUTE_BYTES_MAX - 975 - 7);
    fixture_t           f;
    packet_t            answer;

    (void)state;
    begin(&f);
    assert_ok(put(&f, OCKAM_ROUTE("h", "l"), &fits));
    answer = link_take(&f.link, 1, 0);
    assert_int_equal(answer.return_route.end - answer.return_route.start, OCKAM_ROUTE_BYTES_MAX);
    assert_int_equal(f.events, 0);
    packet_free(&answer);
    assert_ok(put(&f, OCKAM_ROUTE("h", "l"), &past));
    assert_int_equal(f.link.end[1].count, 0);
    assert_int_equal(metrics(&f).dropped_limit, 1);
    assert_int_equal(f.events, 1);
    end(&f);
}

static void an_onward_route_may_be_full(void **state)
{
    fixture_t     f;
    ockam_route_t full = {0}, rest = route_of(OCKAM_ROUTE_BYTES_MAX - 975 - 8);
    packet_t      sent;

    (void)state;
    begin(&f);
    assert_ok(ockam_route_append_route(&full, OCKAM_ROUTE("h", "l"), NULL));
    assert_ok(ockam_route_append_route(&full, &rest, NULL));
    assert_int_equal(full.end - full.start, OCKAM_ROUTE_BYTES_MAX);
    assert_status(ockam_route_append(&full, ockam_address_local(""), NULL), OCKAM_LIMIT);
    assert_ok(put(&f, &full, &(ockam_route_t){0}));
    sent = link_take(&f.link, 1, 0);
    assert_true(ockam_route_equal(&sent.onward_route, &rest));
    packet_free(&sent);
    end(&f);
}

static void the_network_makes_a_node_connect_only_where_that_was_switched_on(void **state)
{
    const char *const onward = "tcp#127.0.0.1:1"; /* nobody listens there */

    (void)state;
    for (int on = 0; on < 2; on++) {
        fixture_t f;
        begin(&f);
        assert_ok(ockam_tcp_start(f.b, &(ockam_tcp_options_t){.connect_onward = on}, NULL));
        assert_status(put(&f, OCKAM_ROUTE(onward, "x"), &(ockam_route_t){0}), on ? OCKAM_OK : OCKAM_DENIED);
        assert_ok(put(&f, OCKAM_ROUTE("h", onward, "x"), &(ockam_route_t){0}));
        assert_ok(put(&f, OCKAM_ROUTE("echoer"), &(ockam_route_t){0}));
        assert_int_equal(metrics(&f).dropped_denied, on ? 0 : 2);
        if (!on)
            assert_string_equal(f.event, "worker.failed"); /* the hop's */
        for (int i = 0; on && i < 1000 && metrics(&f).dropped_stopped + metrics(&f).dropped_unknown < 2; i++)
            assert_ok(ockam_node_run_for(f.b, 10, NULL)); /* until connecting has failed */
        assert_int_equal(f.link.end[1].count, 1);
        end(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_to_nobody_is_dropped_and_counted),
        cmocka_unit_test(a_loop_of_hops_ends_with_the_return_route_full_and_one_event),
        cmocka_unit_test(a_return_route_may_be_full_after_a_hop_and_not_one_byte_longer),
        cmocka_unit_test(an_onward_route_may_be_full),
        cmocka_unit_test(the_network_makes_a_node_connect_only_where_that_was_switched_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
