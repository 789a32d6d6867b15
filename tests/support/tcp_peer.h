/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp_peer.h - nodes whose loops run side by side on the test's thread, and the other end of a TCP connection as a plain
 * socket. Nothing sleeps: loops run without waiting until a condition holds, for 20 seconds at most. */
#ifndef OCKAM_TEST_TCP_PEER_H
#define OCKAM_TEST_TCP_PEER_H

#include <stdbool.h>

#include "ockam/node.h"
#include "ockam/tcp.h"

#define PUMP_NODES_MAX 3u

/** The loops that run, and what their nodes told. */
typedef struct {
    ockam_node_t *nodes[PUMP_NODES_MAX];
    size_t        count;
    char          events[8192]; /* "name: text\n" each; later ones that do not fit are lost */
} pump_t;

/** Add a node with TCP started. */
ockam_node_t *pump_node(pump_t *pump, const ockam_tcp_options_t *options);
/** Free all nodes. */
void pump_end(pump_t *pump);
/** Run each loop once, without waiting. */
void pump_once(pump_t *pump);
/** Run until `done(context)`; fails the test after 20 seconds. */
void pump_until(pump_t *pump, bool (*done)(void *context), void *context);
/** Run until an event of this name was told, then forget all events. */
void pump_until_event(pump_t *pump, const char *name);
/** The next message to the application of `node`. */
ockam_message_t *pump_receive(pump_t *pump, ockam_node_t *node);

/** A socket connected to "127.0.0.1:port" or "[::1]:port". */
int peer_connect(const char *address);
/** A socket that listens on 127.0.0.1; writes its "host:port". */
int peer_listen(char address[64]);
/** Write all bytes while the loops run. */
void peer_send(pump_t *pump, int fd, const void *bytes, size_t len);
/** Read exactly `len` bytes while the loops run. */
void peer_receive(pump_t *pump, int fd, void *bytes, size_t len);
/** Run until the node has closed, and nothing came before. A reset is a close. */
void peer_expect_close(pump_t *pump, int fd);

#endif
