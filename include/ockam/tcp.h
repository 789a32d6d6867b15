/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp.h - nodes reach each other over TCP.
 *
 * Once the transport is started, an address "tcp#host:port" at the front of a route connects on demand and reuses the
 * connection. Connections have TCP keepalive and no-delay on; frames, versions and limits are the transport's business
 * and what breaks them ends the connection with an event (docs/events.md, "TCP"). Source: docs/protocol/transports.md,
 * "TCP". */
#ifndef OCKAM_TCP_H
#define OCKAM_TCP_H

#include "ockam/node.h"

OCKAM_BEGIN_DECLS

typedef struct {
    /** Also connect for messages that came from the network: a "tcp#..." in the middle of a route. Off: the node
     *  never opens a connection because a peer said so. On: it is an open relay for whoever reaches one of its hops. */
    bool     connect_onward;
    uint64_t connect_timeout_ms; /* 0: OCKAM_TCP_CONNECT_TIMEOUT_MS; name resolution included */
    size_t   connections_max;    /* 0: OCKAM_TCP_CONNECTIONS_MAX, both directions together */
} ockam_tcp_options_t;

/** Switch TCP on for this node; nothing is opened yet. Ends with the node. Also ignores SIGPIPE, if nobody has said
 *  what to do with it: a peer that goes away must not end the process.
 *  @param options NULL for the defaults. @return OCKAM_OK; OCKAM_EXISTS (started before); OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_tcp_start(ockam_node_t *node, const ockam_tcp_options_t *options,
                                                         ockam_error_t *err);

typedef struct {
    char            address[64]; /* "127.0.0.1:4000", "[::1]:4000": as bound; port 0 was replaced by the real one */
    ockam_flow_id_t flow;        /* of all connections it accepts: see ockam_flow_allow() */
} ockam_tcp_listener_t;

/** Listen on "host:port": a literal IPv4, a bracketed IPv6 or a name, whose first address that can be bound is taken.
 *  Port 0: any free one. What comes in reaches nothing before ockam_flow_allow(). Ends with the node.
 * @param out filled on success; may be NULL
 * @return OCKAM_OK; OCKAM_INVALID (not host:port); OCKAM_IO (resolve, bind: see os_errno); OCKAM_NO_MEMORY;
 *         OCKAM_WRONG_STATE (TCP not started). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_tcp_listen(ockam_node_t *node, const char *address,
                                                          ockam_tcp_listener_t *out, ockam_error_t *err);

typedef struct {
    char            address[33]; /* the local worker to route through */
    char            peer[64];    /* "127.0.0.1:4000" */
    ockam_flow_id_t flow;        /* of what comes in through it */
} ockam_tcp_connection_t;

/** Open a new connection, trying each address of the name in turn. Blocking, for connect_timeout_ms at most; without
 *  waiting, name "tcp#host:port" in a route of ockam_worker_send() instead.
 * @param address "host:port", as for ockam_tcp_listen()
 * @param out     filled on success; may be NULL. The connection ends with the peer, ockam_tcp_disconnect(), or the node
 * @return OCKAM_OK; OCKAM_INVALID (not host:port); OCKAM_IO (name unknown, refused, unreachable: see os_errno);
 *         OCKAM_TIMEOUT; OCKAM_LIMIT (connections_max); OCKAM_NO_MEMORY; OCKAM_WRONG_STATE (TCP not started; inside a
 *         handler); OCKAM_CLOSED (node stopped). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_tcp_connect(ockam_node_t *node, const char *address,
                                                           ockam_tcp_connection_t *out, ockam_error_t *err);
/** Close after what is queued has left; what arrives meanwhile is dropped. Does not wait: ockam_node_drain() does.
 * @param address the connection's local worker @return OCKAM_OK; OCKAM_NOT_FOUND (no open connection has it). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_tcp_disconnect(ockam_node_t *node, const char *address,
                                                              ockam_error_t *err);

OCKAM_END_DECLS

#endif
