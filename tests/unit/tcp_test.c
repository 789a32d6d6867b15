/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp_test.c - the TCP transport against a plain socket that sends and expects exact bytes. The reference frames are
 * those of docs/protocol/transports.md, "TCP". */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#include "tcp_peer.h"
#include "transport/tcp/tcp_internal.h"
#include "wire/frame.h"
#include "wire/message.h"

/* [echoer] [app] "Hello Ockam!" {}; the same with three elements, and with null; and what an echo worker answers */
static const char request_hex[]   = "0000002384818200466563686f6572818200436170704d0c48656c6c6f204f636b616d21627b7d";
static const char request_3_hex[] = "0000002083818200466563686f6572818200436170704d0c48656c6c6f204f636b616d21";
static const char request_n_hex[] = "0000002184818200466563686f6572818200436170704d0c48656c6c6f204f636b616d21f6";
static const char answer_hex[]    = "000000238481820043617070818200466563686f65724d0c48656c6c6f204f636b616d21627b7d";
static const char heartbeat_hex[] = "0000000584808040f6";

#define FRAME_BYTES 39u

typedef struct {
    pump_t               pump;
    ockam_node_t        *node;
    ockam_tcp_listener_t listener;
    int                  fd; /* a peer that has said hello and got it */
} fixture_t;

static size_t unhex(const char *hex, uint8_t *out)
{
    const size_t len = strlen(hex) / 2;

    assert_ok(ockam_hex_decode(ockam_slice_text(hex), out, len, NULL));
    return len;
}

static void send_hex(fixture_t *f, int fd, const char *hex)
{
    uint8_t bytes[256];

    peer_send(&f->pump, fd, bytes, unhex(hex, bytes));
}

static void expect_hex(fixture_t *f, int fd, const char *hex)
{
    uint8_t      expected[256], got[256];
    const size_t len = unhex(hex, expected);

    peer_receive(&f->pump, fd, got, len);
    assert_slice_equal(ockam_slice(got, len), ockam_slice(expected, len));
}

static void expect_echo(fixture_t *f, int fd)
{
    send_hex(f, fd, request_hex);
    expect_hex(f, fd, answer_hex);
}

static int greet(fixture_t *f)
{
    const int fd = peer_connect(f->listener.address);

    send_hex(f, fd, "01");
    expect_hex(f, fd, "01");
    return fd;
}

static ockam_tcp_t *transport(const fixture_t *f)
{
    return ockam_tcp_of(f->node);
}

static ockam_metrics_t metrics(const fixture_t *f)
{
    ockam_metrics_t m;

    ockam_node_metrics(f->node, &m);
    return m;
}

static void begin(fixture_t *f, const ockam_tcp_options_t *options)
{
    ockam_error_t err = {0};

    *f      = (fixture_t){.fd = -1}; /* lent to the node from here on: it stays where it is */
    f->node = pump_node(&f->pump, options);
    assert_ok_err(ockam_tcp_listen(f->node, "127.0.0.1:0", &f->listener, &err), &err);
    assert_ok_err(ockam_echo_start(f->node, "echoer", &err), &err);
    assert_ok_err(ockam_flow_allow(f->node, f->listener.flow, "echoer", &err), &err);
    f->fd = greet(f);
}

static void end(fixture_t *f)
{
    (void)close(f->fd);
    pump_end(&f->pump);
}

/* ---- frames ----------------------------------------------------------------------------------------------------- */

static void an_echo_has_the_bytes_of_the_reference_frames(void **state)
{
    fixture_t f;

    (void)state;
    begin(&f, NULL);
    expect_echo(&f, f.fd);
    send_hex(&f, f.fd, request_3_hex);
    expect_hex(&f, f.fd, answer_hex);
    send_hex(&f, f.fd, request_n_hex);
    expect_hex(&f, f.fd, answer_hex);
    assert_int_equal(metrics(&f).payload_copies, 0);
    assert_int_equal(metrics(&f).delivered, 6); /* each at the echoer and at the sender */
    end(&f);
}

static void a_frame_may_be_cut_at_any_byte(void **state)
{
    fixture_t f;
    uint8_t   bytes[FRAME_BYTES];

    (void)state;
    begin(&f, NULL);
    assert_int_equal(unhex(request_hex, bytes), FRAME_BYTES);
    for (size_t n = 1; n < FRAME_BYTES; n++) {
        peer_send(&f.pump, f.fd, bytes, n);
        for (int i = 0; i < 3; i++)
            pump_once(&f.pump);
        assert_int_equal(transport(&f)->conns->fill - transport(&f)->conns->parsed, n);
        peer_send(&f.pump, f.fd, bytes + n, FRAME_BYTES - n);
        expect_hex(&f, f.fd, answer_hex);
    }
    end(&f);
}

static void each_byte_may_come_alone(void **state)
{
    fixture_t f;
    uint8_t   bytes[FRAME_BYTES];
    int       fd;

    (void)state;
    begin(&f, NULL);
    fd = peer_connect(f.listener.address);
    send_hex(&f, fd, "01");
    (void)unhex(request_hex, bytes);
    for (size_t n = 0; n < FRAME_BYTES; n++) {
        pump_once(&f.pump);
        peer_send(&f.pump, fd, bytes + n, 1);
    }
    expect_hex(&f, fd, "01");
    expect_hex(&f, fd, answer_hex);
    (void)close(fd);
    end(&f);
}

static void many_frames_in_one_write_are_answered_in_order(void **state)
{
    enum { COUNT = 20000 };
    fixture_t f;
    uint8_t  *all = malloc(COUNT * FRAME_BYTES), *got = malloc(COUNT * FRAME_BYTES);

    (void)state;
    assert_non_null(all);
    assert_non_null(got);
    begin(&f, NULL);
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t *frame = all + i * FRAME_BYTES;
        (void)unhex(request_hex, frame);
        (void)snprintf((char *)frame + 24, 9, "%08zu", i);
        frame[32] = ' '; /* over the NUL */
    }
    /* In pieces, so that answers are taken meanwhile: 780 kB each way are more than the sockets hold. */
    for (size_t i = 0; i < COUNT; i += 1000) {
        peer_send(&f.pump, f.fd, all + i * FRAME_BYTES, 1000 * FRAME_BYTES);
        peer_receive(&f.pump, f.fd, got + i * FRAME_BYTES, 1000 * FRAME_BYTES);
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_memory_equal(all + i * FRAME_BYTES + 22, got + i * FRAME_BYTES + 22, FRAME_BYTES - 22);
    assert_int_equal(metrics(&f).payload_copies, 0);
    free(all);
    free(got);
    end(&f);
}

static void a_heartbeat_is_ignored(void **state)
{
    fixture_t f;

    (void)state;
    begin(&f, NULL);
    send_hex(&f, f.fd, heartbeat_hex);
    expect_echo(&f, f.fd);
    end(&f);
}

/* A frame of exactly `len` bytes to the echoer, with return route [app] and three or four elements. */
static uint8_t *big_frame(size_t len, bool has_tail)
{
    uint8_t *frame = malloc(OCKAM_FRAME_HEAD_BYTES + len);
    size_t   n     = OCKAM_FRAME_HEAD_BYTES;
    size_t   payload;

    assert_non_null(frame);
    memset(frame, 'x', OCKAM_FRAME_HEAD_BYTES + len);
    ockam_frame_put_head(frame, len);
    n += unhex(has_tail ? "84818200466563686f657281820043617070" : "83818200466563686f657281820043617070", frame + n);
    payload    = len - 18 - 5 - (has_tail ? 3 : 0);
    frame[n++] = 0x5a;
    ockam_frame_put_head(frame + n, payload);
    if (has_tail)
        (void)ockam_wire_message_put_tail(frame + OCKAM_FRAME_HEAD_BYTES + len - 3);
    return frame;
}

static void a_message_of_16_mebibytes_passes_and_one_above_closes(void **state)
{
    const size_t max   = OCKAM_TCP_MESSAGE_BYTES_MAX;
    uint8_t     *frame = big_frame(max, true), *got = malloc(4 + max);
    fixture_t    f;

    (void)state;
    begin(&f, NULL);
    peer_send(&f.pump, f.fd, frame, 4 + max);
    peer_receive(&f.pump, f.fd, got, 4 + max);
    assert_memory_equal(got, frame, 4);
    assert_memory_equal(got + 4 + 18, frame + 4 + 18, max - 18);
    assert_int_equal(metrics(&f).payload_copies, 0);
    expect_echo(&f, f.fd); /* and reading goes on */
    send_hex(&f, f.fd, "01000001");
    pump_until_event(&f.pump, "tcp.frame.malformed");
    peer_expect_close(&f.pump, f.fd);
    free(frame);
    free(got);
    end(&f);
}

static void an_answer_above_the_limit_is_dropped_and_the_connection_stays(void **state)
{
    const size_t len   = OCKAM_TCP_MESSAGE_BYTES_MAX - 2; /* its answer has 3 bytes more */
    uint8_t     *frame = big_frame(len, false);
    fixture_t    f;

    (void)state;
    begin(&f, NULL);
    peer_send(&f.pump, f.fd, frame, 4 + len);
    pump_until_event(&f.pump, "tcp.message.dropped");
    assert_int_equal(metrics(&f).dropped_limit, 1);
    expect_echo(&f, f.fd);
    free(frame);
    end(&f);
}

static void a_frame_of_length_0_closes(void **state)
{
    fixture_t f;

    (void)state;
    begin(&f, NULL);
    send_hex(&f, f.fd, "00000000");
    pump_until_event(&f.pump, "tcp.frame.malformed");
    peer_expect_close(&f.pump, f.fd);
    end(&f);
}

static void bytes_that_are_no_message_close(void **state)
{
    static const char *const junk[] = {"00000001ff", "0000000480808080", "0000000284ff", "000000058480f640f6"};
    fixture_t                f;

    (void)state;
    begin(&f, NULL);
    for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
        const int fd = greet(&f);
        send_hex(&f, fd, junk[i]);
        pump_until_event(&f.pump, "tcp.frame.malformed");
        peer_expect_close(&f.pump, fd);
        (void)close(fd);
    }
    assert_int_equal(metrics(&f).dropped_malformed, 4);
    expect_echo(&f, f.fd);
    end(&f);
}

static void a_wrong_version_byte_closes_after_our_own(void **state)
{
    fixture_t f;
    int       fd;

    (void)state;
    begin(&f, NULL);
    fd = peer_connect(f.listener.address);
    send_hex(&f, fd, "00");
    expect_hex(&f, fd, "01");
    pump_until_event(&f.pump, "tcp.hello.version");
    peer_expect_close(&f.pump, fd);
    expect_echo(&f, f.fd);
    (void)close(fd);
    end(&f);
}

static void a_route_of_10000_addresses_is_dropped_and_the_connection_stays(void **state)
{
    enum { COUNT = 10000 };
    fixture_t f;
    uint8_t  *frame = malloc(16 + COUNT * 4);
    size_t    n     = 4;

    (void)state;
    assert_non_null(frame);
    begin(&f, NULL);
    n += unhex("84992710", frame + n); /* array(4), array(10000) */
    for (size_t i = 0; i < COUNT; i++)
        n += unhex("82004161", frame + n);
    n += unhex("8040f6", frame + n);
    ockam_frame_put_head(frame, n - 4);
    peer_send(&f.pump, f.fd, frame, n);
    pump_until_event(&f.pump, "tcp.message.dropped");
    assert_int_equal(metrics(&f).dropped_limit, 1);
    expect_echo(&f, f.fd);
    free(frame);
    end(&f);
}

/* ---- who is reached --------------------------------------------------------------------------------------------- */

static void an_unknown_worker_or_a_foreign_type_is_an_event(void **state)
{
    fixture_t f;

    (void)state;
    begin(&f, NULL);
    send_hex(&f, f.fd, "0000000c84818200436e6f74804101f6"); /* [not] */
    pump_until_event(&f.pump, "tcp.message.dropped");
    send_hex(&f, f.fd,
             "0000000c848182024361616180"
             "4101f6"); /* type 2 */
    pump_until_event(&f.pump, "tcp.message.dropped");
    assert_int_equal(metrics(&f).dropped_unknown, 2);
    expect_echo(&f, f.fd);
    end(&f);
}

static void a_worker_that_the_flow_may_not_reach_is_not_reached(void **state)
{
    fixture_t f;

    (void)state;
    begin(&f, NULL);
    assert_ok(ockam_echo_start(f.node, "not", NULL));
    send_hex(&f, f.fd, "0000000c84818200436e6f74804101f6");
    pump_until_event(&f.pump, "tcp.message.dropped");
    send_hex(&f, f.fd, "0000000c8481820043617070804101f6"); /* [app] */
    pump_until_event(&f.pump, "tcp.message.dropped");
    assert_int_equal(metrics(&f).dropped_denied, 2);
    assert_int_equal(metrics(&f).delivered, 0);
    expect_echo(&f, f.fd);
    end(&f);
}

static void nobody_connects_because_a_peer_said_so(void **state)
{
    fixture_t f;
    char      address[64];
    uint8_t   frame[128];
    size_t    n  = 4;
    const int fd = peer_listen(address);

    (void)state;
    begin(&f, NULL);
    n += unhex("84818201", frame + n);
    frame[n++] = (uint8_t)(0x40 + strlen(address));
    memcpy(frame + n, address, strlen(address));
    n += strlen(address);
    n += unhex("804101f6", frame + n);
    ockam_frame_put_head(frame, n - 4);
    peer_send(&f.pump, f.fd, frame, n);
    pump_until_event(&f.pump, "tcp.message.dropped");
    assert_int_equal(metrics(&f).dropped_denied, 1);
    assert_null(transport(&f)->connectors);
    expect_echo(&f, f.fd);
    (void)close(fd);
    end(&f);
}

/* ---- limits of time and number ---------------------------------------------------------------------------------- */

static void who_says_nothing_is_closed(void **state)
{
    fixture_t f;
    int       fd;

    (void)state;
    begin(&f, NULL);
    transport(&f)->sweep_ms         = 5;
    transport(&f)->hello_timeout_ms = 20;
    fd                              = peer_connect(f.listener.address);
    expect_hex(&f, fd, "01");
    pump_until_event(&f.pump, "tcp.hello.timeout");
    peer_expect_close(&f.pump, fd);
    expect_echo(&f, f.fd); /* the other is none of its business */
    (void)close(fd);
    end(&f);
}

typedef struct {
    fixture_t *f;
    uint8_t    frame[4096];
    size_t     sent;
} trickle_t;

static bool timed_out(void *context)
{
    trickle_t *t = (trickle_t *)context;

    if (strstr(t->f->pump.events, "tcp.frame.timeout: ") != NULL)
        return true;
    assert_true(t->sent < sizeof(t->frame));
    if (t->f->pump.nodes[0] != NULL && transport(t->f)->waited_ms / 5 > t->sent) /* one byte each 5 ms */
        (void)send(t->f->fd, t->frame + t->sent++, 1, MSG_NOSIGNAL);
    return false;
}

static void a_frame_that_comes_too_slowly_is_closed(void **state)
{
    fixture_t f;
    trickle_t t = {.f = &f};

    (void)state;
    begin(&f, NULL);
    transport(&f)->sweep_ms         = 5;
    transport(&f)->frame_timeout_ms = 50;
    (void)uv_timer_stop(&transport(&f)->sweep);
    ockam_frame_put_head(t.frame, 100000);
    (void)send(f.fd, t.frame, 1, MSG_NOSIGNAL);
    t.sent = 1;
    pump_until(&f.pump, timed_out, &t);
    assert_true(t.sent > 4); /* some came, and did not help */
    end(&f);
}

static void refused_connections_say_where_and_why(void **state)
{
    fixture_t              f;
    ockam_tcp_connection_t connection;
    ockam_error_t          err = {0};
    char                   address[64], text[256], other[80];
    const int              fd = peer_listen(address);

    (void)state;
    (void)close(fd); /* nobody is there now */
    begin(&f, NULL);
    assert_status(ockam_tcp_connect(f.node, address, &connection, &err), OCKAM_IO);
    assert_int_equal(err.os_errno, ECONNREFUSED);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_non_null(strstr(text, address));
    assert_non_null(strstr(text, "refused"));
    (void)snprintf(other, sizeof(other), "tcp#%s", address);
    assert_status(ockam_send(f.node, OCKAM_ROUTE(other, "echoer"), ockam_slice("x", 1), &err), OCKAM_IO);
    assert_int_equal(transport(&f)->connection_count, 1);
    end(&f);
}

static void connections_end_at_the_limit(void **state)
{
    fixture_t f;
    int       second, third, fourth;

    (void)state;
    begin(&f, &(ockam_tcp_options_t){.connections_max = 2});
    second = greet(&f);
    expect_echo(&f, second);
    third = peer_connect(f.listener.address);
    pump_until_event(&f.pump, "tcp.accept.refused");
    peer_expect_close(&f.pump, third);
    assert_status(ockam_tcp_connect(f.node, f.listener.address, NULL, NULL), OCKAM_LIMIT);
    (void)close(second);
    while (metrics(&f).connections > 1)
        pump_once(&f.pump);
    fourth = greet(&f);
    expect_echo(&f, fourth);
    (void)close(third);
    (void)close(fourth);
    end(&f);
}

/* ---- back-pressure ---------------------------------------------------------------------------------------------- */

static void a_peer_that_does_not_read_is_not_read_and_others_go_on(void **state)
{
    enum { LEN = 70000 };
    fixture_t f;
    uint8_t  *frame = big_frame(LEN, true), *got = malloc(LEN + 4);
    size_t    sent = 0, idle = 0;
    int       slow;

    (void)state;
    begin(&f, NULL);
    slow = greet(&f);
    while (idle < 50) { /* until nothing moves any more */
        const size_t  at = sent % (LEN + 4);
        const ssize_t n  = send(slow, frame + at, LEN + 4 - at, MSG_NOSIGNAL);
        if (n > 0)
            sent += (size_t)n;
        idle = n > 0 ? 0 : idle + 1;
        pump_once(&f.pump);
        assert_true(sent < 256u * 1048576u);
        assert_true(transport(&f)->conns->account->bytes <
                    OCKAM_ACCOUNT_HIGH_BYTES + 2 * OCKAM_TCP_READ_BYTES_BIG + 65536);
    }
    assert_false(transport(&f)->conns->reading);
    expect_echo(&f, f.fd);
    /* Now it reads: everything that was sent comes back. */
    for (size_t i = 0; i < sent / (LEN + 4); i++) {
        peer_receive(&f.pump, slow, got, LEN + 4);
        assert_memory_equal(got + 22, frame + 22, LEN - 18);
    }
    if (sent % (LEN + 4) != 0)
        peer_send(&f.pump, slow, frame + sent % (LEN + 4), LEN + 4 - sent % (LEN + 4));
    if (sent % (LEN + 4) != 0)
        peer_receive(&f.pump, slow, got, LEN + 4);
    expect_echo(&f, slow);
    assert_int_equal(metrics(&f).payload_copies, 0);
    assert_int_equal(metrics(&f).dropped_limit, 0);
    (void)close(slow);
    free(frame);
    free(got);
    end(&f);
}

static void a_connection_that_waits_holds_no_block(void **state)
{
    fixture_t f;

    (void)state;
    begin(&f, NULL);
    expect_echo(&f, f.fd);
    transport(&f)->sweep_ms = 1;
    (void)uv_timer_stop(&transport(&f)->sweep);
    ockam_tcp_sweep_start(transport(&f));
    while (transport(&f)->conns->block != NULL || uv_is_active((uv_handle_t *)&transport(&f)->sweep))
        pump_once(&f.pump);
    assert_int_equal(transport(&f)->conns->account->bytes, 0);
    end(&f);
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static void a_peer_that_has_closed_its_side_still_gets_its_answer(void **state)
{
    fixture_t f;

    (void)state;
    begin(&f, NULL);
    send_hex(&f, f.fd, request_hex);
    assert_int_equal(shutdown(f.fd, SHUT_WR), 0);
    expect_hex(&f, f.fd, answer_hex);
    peer_expect_close(&f.pump, f.fd);
    assert_int_equal(metrics(&f).connections, 0);
    end(&f);
}

static void a_peer_that_resets_takes_nobody_with_it(void **state)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    fixture_t           f;
    int                 fd;

    (void)state;
    begin(&f, NULL);
    fd = greet(&f);
    send_hex(&f, fd, request_hex);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
    (void)close(fd);
    while (metrics(&f).connections > 1)
        pump_once(&f.pump);
    expect_echo(&f, f.fd);
    end(&f);
}

static void disconnecting_lets_what_is_queued_leave(void **state)
{
    enum { LEN = 3000000 };
    fixture_t              f;
    ockam_tcp_connection_t connection;
    ockam_error_t          err     = {0};
    uint8_t               *payload = calloc(1, LEN), *got = malloc(LEN + 64);
    char                   address[64];
    const int              listener = peer_listen(address);
    int                    fd;

    (void)state;
    begin(&f, NULL);
    assert_ok_err(ockam_tcp_connect(f.node, address, &connection, &err), &err);
    assert_string_equal(connection.peer, address);
    assert_true((fd = accept(listener, NULL, NULL)) >= 0);
    assert_ok_err(ockam_send(f.node, OCKAM_ROUTE(connection.address, "x"), ockam_slice(payload, LEN), &err), &err);
    assert_ok(ockam_tcp_disconnect(f.node, connection.address, NULL));
    assert_status(ockam_tcp_disconnect(f.node, connection.address, NULL), OCKAM_NOT_FOUND);
    while (transport(&f)->conns->worker != NULL) /* until this turn's answers have come */
        pump_once(&f.pump);
    assert_status(ockam_send(f.node, OCKAM_ROUTE(connection.address, "x"), ockam_slice(payload, 1), &err),
                  OCKAM_NOT_FOUND);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    /* version byte, length, 84 81 82 00 41 x, 81 82 00 43 app, 5a and length, payload, tail */
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    peer_receive(&f.pump, fd, got, 1 + 4 + 6 + 7 + 5 + LEN + 3);
    assert_memory_equal(got + 1 + 4 + 6 + 7 + 5 + LEN, "\x62{}", 3);
    peer_expect_close(&f.pump, fd);
    (void)close(fd);
    (void)close(listener);
    free(payload);
    free(got);
    end(&f);
}

static void a_stopped_sender_closes_its_connection(void **state)
{
    fixture_t       f;
    ockam_address_t address;

    (void)state;
    begin(&f, NULL);
    address = ockam_address_local(transport(&f)->conns->address);
    assert_ok(ockam_worker_stop_address(f.node, address, NULL));
    peer_expect_close(&f.pump, f.fd);
    end(&f);
}

/* ---- addresses -------------------------------------------------------------------------------------------------- */

static void listening_takes_names_and_ipv6(void **state)
{
    fixture_t            f;
    ockam_tcp_listener_t listener;
    int                  fd;

    (void)state;
    begin(&f, NULL);
    assert_ok(ockam_tcp_listen(f.node, "localhost:0", &listener, NULL));
    fd = peer_connect(listener.address);
    expect_hex(&f, fd, "01");
    (void)close(fd);
    if (ockam_tcp_listen(f.node, "[::1]:0", &listener, NULL) == OCKAM_OK) { /* not on every machine */
        assert_int_equal(strncmp(listener.address, "[::1]:", 6), 0);
        fd = peer_connect(listener.address);
        expect_hex(&f, fd, "01");
        (void)close(fd);
        assert_ok(ockam_tcp_connect(f.node, listener.address, NULL, NULL));
    }
    end(&f);
}

static void listening_on_nonsense_fails(void **state)
{
    fixture_t            f;
    ockam_tcp_listener_t listener;
    ockam_error_t        err = {0};

    (void)state;
    begin(&f, NULL);
    assert_status(ockam_tcp_listen(f.node, "no port", &listener, &err), OCKAM_INVALID);
    assert_status(ockam_tcp_connect(f.node, "a:b:c", NULL, &err), OCKAM_INVALID);
    assert_status(ockam_tcp_listen(f.node, f.listener.address, &listener, &err), OCKAM_IO);
    assert_int_equal(err.os_errno, EADDRINUSE);
    assert_status(ockam_tcp_start(f.node, NULL, &err), OCKAM_EXISTS);
    assert_status(ockam_tcp_connect(f.node, "name.invalid:1", NULL, &err), OCKAM_IO);
    end(&f);
}

static void without_tcp_nothing_is_opened(void **state)
{
    ockam_node_t *node = NULL;

    (void)state;
    assert_ok(ockam_node_new(NULL, &node, NULL));
    assert_status(ockam_tcp_listen(node, "127.0.0.1:0", NULL, NULL), OCKAM_WRONG_STATE);
    assert_status(ockam_tcp_connect(node, "127.0.0.1:1", NULL, NULL), OCKAM_WRONG_STATE);
    ockam_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_echo_has_the_bytes_of_the_reference_frames),
        cmocka_unit_test(a_frame_may_be_cut_at_any_byte),
        cmocka_unit_test(each_byte_may_come_alone),
        cmocka_unit_test(many_frames_in_one_write_are_answered_in_order),
        cmocka_unit_test(a_heartbeat_is_ignored),
        cmocka_unit_test(a_message_of_16_mebibytes_passes_and_one_above_closes),
        cmocka_unit_test(an_answer_above_the_limit_is_dropped_and_the_connection_stays),
        cmocka_unit_test(a_frame_of_length_0_closes),
        cmocka_unit_test(bytes_that_are_no_message_close),
        cmocka_unit_test(a_wrong_version_byte_closes_after_our_own),
        cmocka_unit_test(a_route_of_10000_addresses_is_dropped_and_the_connection_stays),
        cmocka_unit_test(an_unknown_worker_or_a_foreign_type_is_an_event),
        cmocka_unit_test(a_worker_that_the_flow_may_not_reach_is_not_reached),
        cmocka_unit_test(nobody_connects_because_a_peer_said_so),
        cmocka_unit_test(who_says_nothing_is_closed),
        cmocka_unit_test(a_frame_that_comes_too_slowly_is_closed),
        cmocka_unit_test(refused_connections_say_where_and_why),
        cmocka_unit_test(connections_end_at_the_limit),
        cmocka_unit_test(a_peer_that_does_not_read_is_not_read_and_others_go_on),
        cmocka_unit_test(a_connection_that_waits_holds_no_block),
        cmocka_unit_test(a_peer_that_has_closed_its_side_still_gets_its_answer),
        cmocka_unit_test(a_peer_that_resets_takes_nobody_with_it),
        cmocka_unit_test(disconnecting_lets_what_is_queued_leave),
        cmocka_unit_test(a_stopped_sender_closes_its_connection),
        cmocka_unit_test(listening_takes_names_and_ipv6),
        cmocka_unit_test(listening_on_nonsense_fails),
        cmocka_unit_test(without_tcp_nothing_is_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
