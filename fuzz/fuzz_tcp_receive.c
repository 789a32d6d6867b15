/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_tcp_receive.c - a peer that says anything, in writes of any size.
 * Must reach: parse(), make_room(), take_frame(), route_message(), check_hello(), ockam_wire_message_decode(), and through
 * the echo worker ockam_tcp_send() and encode().
 *
 * The input is a list of writes: one byte of length, then as many bytes. Length 0: the loop runs without a write. */
#include <assert.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/tcp/tcp_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ockam_node_t   *node;
static ockam_flow_id_t flow;

static void start(void)
{
    ockam_status_t s = ockam_node_new(NULL, &node, NULL);

    assert(s == OCKAM_OK);
    s = ockam_tcp_start(node, NULL, NULL);
    assert(s == OCKAM_OK);
    s = ockam_echo_start(node, "e", NULL);
    assert(s == OCKAM_OK);
    flow = ockam_directory_flow_new(ockam_node_directory(node));
    s    = ockam_flow_allow(node, flow, "e", NULL);
    assert(s == OCKAM_OK);
}

static void turn(int fd)
{
    char answers[4096];

    for (int i = 0; i < 2; i++)
        (void)uv_run(ockam_node_loop(node), UV_RUN_NOWAIT);
    while (recv(fd, answers, sizeof(answers), MSG_DONTWAIT) > 0)
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int            pair[2];
    ockam_status_t s;
    int            r;

    if (node == NULL)
        start();
    r = socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    assert(r == 0);
    s = ockam_tcp_adopt(ockam_tcp_of(node), pair[0], flow, NULL);
    assert(s == OCKAM_OK);
    while (size > 0) {
        size_t len = *data++;
        size--;
        if (len > size)
            len = size;
        if (len > 0)
            (void)send(pair[1], data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        data += len;
        size -= len;
        turn(pair[1]);
    }
    (void)close(pair[1]);
    while (ockam_tcp_of(node)->conns != NULL) /* all of it ends with the connection */
        (void)uv_run(ockam_node_loop(node), UV_RUN_NOWAIT);
    return 0;
}
