/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp_peer.c - nodes side by side, and a plain socket as peer. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#include "node/runtime.h"
#include "tcp_peer.h"

#define PUMP_SECONDS 20

static void on_event(void *context, const ockam_event_t *event)
{
    pump_t      *pump = (pump_t *)context;
    const size_t used = strlen(pump->events);

    (void)snprintf(pump->events + used, sizeof(pump->events) - used, "%s: %s\n", event->name, event->text);
}

ockam_node_t *pump_node(pump_t *pump, const ockam_tcp_options_t *options)
{
    const ockam_node_options_t node_options = {.on_event = on_event, .event_context = pump};
    ockam_node_t              *node         = NULL;
    ockam_error_t              err          = {0};

    assert_true(pump->count < PUMP_NODES_MAX);
    assert_ok_err(ockam_node_new(&node_options, &node, &err), &err);
    assert_ok_err(ockam_tcp_start(node, options, &err), &err);
    pump->nodes[pump->count++] = node;
    return node;
}

void pump_end(pump_t *pump)
{
    for (size_t i = 0; i < pump->count; i++)
        ockam_node_free(pump->nodes[i]);
    pump->count = 0;
}

void pump_once(pump_t *pump)
{
    for (size_t i = 0; i < pump->count; i++)
        (void)uv_run(ockam_node_loop(pump->nodes[i]), UV_RUN_NOWAIT);
}

static int64_t now_s(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec;
}

void pump_until(pump_t *pump, bool (*done)(void *context), void *context)
{
    const int64_t end = now_s() + PUMP_SECONDS;

    while (!done(context)) {
        if (now_s() > end)
            fail_msg("nothing came in %d s; events:\n%s", PUMP_SECONDS, pump->events);
        pump_once(pump);
    }
}

typedef struct {
    const pump_t *pump;
    char          start[80];
} event_wait_t;

static bool was_told(void *context)
{
    const event_wait_t *wait = (const event_wait_t *)context;

    return strstr(wait->pump->events, wait->start) != NULL;
}

void pump_until_event(pump_t *pump, const char *name)
{
    event_wait_t wait = {.pump = pump};

    (void)snprintf(wait.start, sizeof(wait.start), "%s: ", name);
    pump_until(pump, was_told, &wait);
    pump->events[0] = '\0';
}

ockam_message_t *pump_receive(pump_t *pump, ockam_node_t *node)
{
    ockam_message_t *message = NULL;

    for (const int64_t end = now_s() + PUMP_SECONDS; now_s() <= end;) {
        pump_once(pump);
        if (ockam_receive(node, 1, &message, NULL) == OCKAM_OK)
            return message;
    }
    fail_msg("no message in %d s; events:\n%s", PUMP_SECONDS, pump->events);
    return NULL;
}

/* ---- sockets ---------------------------------------------------------------------------------------------------- */

static void set_nonblocking(int fd)
{
    assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK), 0);
}

int peer_connect(const char *address)
{
    const char         *colon = strrchr(address, ':');
    const uint16_t      port  = (uint16_t)strtoul(colon + 1, NULL, 10);
    struct sockaddr_in  in    = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6   = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
    const bool          is_6  = address[0] == '[';
    const int           fd    = socket(is_6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    if (is_6)
        assert_int_equal(connect(fd, (const struct sockaddr *)&in6, sizeof(in6)), 0);
    else
        assert_int_equal(connect(fd, (const struct sockaddr *)&in, sizeof(in)), 0);
    set_nonblocking(fd);
    return fd;
}

int peer_listen(char address[64])
{
    struct sockaddr_in in  = {.sin_family = AF_INET};
    socklen_t          len = sizeof(in);
    const int          fd  = socket(AF_INET, SOCK_STREAM, 0);

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&in, sizeof(in)), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
    (void)snprintf(address, 64, "127.0.0.1:%u", (unsigned)ntohs(in.sin_port));
    return fd;
}

typedef struct {
    int      fd;
    uint8_t *bytes;
    size_t   len;
    bool     closed;
} transfer_t;

static bool all_sent(void *context)
{
    transfer_t *t = (transfer_t *)context;

    while (t->len > 0) {
        const ssize_t n = send(t->fd, t->bytes, t->len, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        t->bytes += n;
        t->len -= (size_t)n;
    }
    return t->len == 0;
}

static bool all_received(void *context)
{
    transfer_t *t = (transfer_t *)context;

    while (t->len > 0) {
        const ssize_t n = recv(t->fd, t->bytes, t->len, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            t->closed = true;
        if (n <= 0)
            break;
        t->bytes += n;
        t->len -= (size_t)n;
    }
    return t->len == 0 || t->closed;
}

void peer_send(pump_t *pump, int fd, const void *bytes, size_t len)
{
    transfer_t t = {.fd = fd, .bytes = (uint8_t *)(uintptr_t)bytes, .len = len};

    pump_until(pump, all_sent, &t);
}

void peer_receive(pump_t *pump, int fd, void *bytes, size_t len)
{
    transfer_t t = {.fd = fd, .bytes = (uint8_t *)bytes, .len = len};

    pump_until(pump, all_received, &t);
    if (t.len > 0)
        fail_msg("closed with %zu of %zu bytes missing; events:\n%s", t.len, len, pump->events);
}

void peer_expect_close(pump_t *pump, int fd)
{
    uint8_t    byte = 0;
    transfer_t t    = {.fd = fd, .bytes = &byte, .len = 1};

    pump_until(pump, all_received, &t);
    assert_true(t.closed);
    assert_int_equal(t.len, 1);
}
