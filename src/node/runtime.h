/* SPDX-License-Identifier: Apache-2.0
 *
 * runtime.h - what transports and services need of a node beyond the public header: messages and their room, producers,
 * tasks of a turn, the loop, events. */
#ifndef OCKAM_NODE_RUNTIME_H
#define OCKAM_NODE_RUNTIME_H

#include <uv.h>

#include "node/directory.h"
#include "node/memory.h"

/**
 * A message in a node. The payload lies in a block, and the bytes from `room_start` to `room_end` around it are this
 * message's alone: heads, nonces and tags are written there, and the payload is encrypted and decrypted in place.
 */
struct ockam_message {
    ockam_message_t   *next;
    ockam_node_t      *node;
    ockam_box_t       *source;      /* a reference; NULL before it was sent */
    ockam_box_t       *destination; /* a reference; NULL before it was routed */
    ockam_account_t   *account;
    ockam_block_t     *block; /* a reference; NULL: no payload */
    uint8_t           *payload;
    size_t             payload_len;
    uint8_t           *room_start, *room_end;
    bool               from_network; /* it, or what it answers, came in through a producer */
    bool               has_peer;
    ockam_identifier_t peer;
    ockam_route_t      onward_route, return_route;
};

/** An empty message charged to `account`. NULL: no memory. */
ockam_message_t *ockam_message_new(ockam_node_t *node, ockam_account_t *account);
/** Give it a block of its own with room for `len` bytes of payload, OCKAM_HEADROOM before and OCKAM_TAILROOM after;
 *  the bytes are unset. @return OCKAM_OK; OCKAM_NO_MEMORY. */
OCKAM_NODISCARD ockam_status_t ockam_message_reserve(ockam_message_t *message, size_t len, ockam_error_t *err);
/** Make sure that `before` and `after` bytes of room are there, by moving the payload to a new block if need be (counted
 *  as a copy). @return OCKAM_OK; OCKAM_NO_MEMORY. */
OCKAM_NODISCARD ockam_status_t ockam_message_room(ockam_message_t *message, size_t before, size_t after,
                                                  ockam_error_t *err);

/**
 * Route a message from mailbox `source`: outgoing access control and flow control, then the queue of whoever the first
 * onward address names. Takes the message, also on failure, where it is counted and observed as dropped.
 * @return OCKAM_OK; OCKAM_INVALID (no onward address); OCKAM_NOT_FOUND; OCKAM_DENIED; OCKAM_NO_MEMORY.
 */
OCKAM_NODISCARD ockam_status_t ockam_node_route(ockam_node_t *node, ockam_box_t *source, ockam_message_t *message,
                                                ockam_error_t *err);
/** Inside a handler: take the message that is being handled, so that it is not freed when the handler returns. */
void ockam_node_take_message(ockam_node_t *node, ockam_message_t *message);
/** The account that a new message belongs to now: that of the message being handled, else `own`. */
ockam_account_t *ockam_node_account(ockam_node_t *node, ockam_account_t *own);

ockam_box_t     *ockam_worker_box(const ockam_worker_t *worker, size_t index);
ockam_account_t *ockam_worker_account(const ockam_worker_t *worker);

ockam_directory_t       *ockam_node_directory(ockam_node_t *node);
ockam_memory_t          *ockam_node_memory(ockam_node_t *node);
ockam_metrics_t         *ockam_node_counters(ockam_node_t *node);
const ockam_allocator_t *ockam_node_allocator(ockam_node_t *node);
uv_loop_t               *ockam_node_loop(ockam_node_t *node);
size_t                   ockam_node_channels_max(const ockam_node_t *node);

/** What a service keeps per node, freed with the node after its workers have stopped. */
typedef enum { OCKAM_STATE_CHANNELS, OCKAM_STATE_COUNT } ockam_state_t;
void *ockam_node_state(const ockam_node_t *node, ockam_state_t which); /* NULL: not set */
void  ockam_node_set_state(ockam_node_t *node, ockam_state_t which, void *state, void (*free)(void *state));

/** 32 lower-case hex digits of 16 random bytes, and a NUL. */
OCKAM_NODISCARD ockam_status_t ockam_node_random_address(ockam_node_t *node, char out[33], ockam_error_t *err);

/** Something to do once in this turn of the loop. The owner embeds it and keeps it until it has run or was cancelled. */
typedef struct ockam_task {
    struct ockam_task *next;
    void (*run)(void *owner);
    void *owner;
    bool  queued;
} ockam_task_t;

/** Run `task` later in this turn, between messages (`last` false), or when no message is left (`last` true: the place to
 *  write out what has gathered). Queued twice is queued once. */
void ockam_node_defer(ockam_node_t *node, ockam_task_t *task, bool last);
void ockam_node_cancel(ockam_node_t *node, ockam_task_t *task);

/**
 * Run the loop until `done(context)`. The way to make a blocking call of an asynchronous one.
 * @return OCKAM_OK; OCKAM_TIMEOUT; OCKAM_CLOSED (the node was told to stop); OCKAM_WRONG_STATE (inside a handler).
 */
OCKAM_NODISCARD ockam_status_t ockam_node_wait(ockam_node_t *node, bool (*done)(void *context), void *context,
                                               uint64_t timeout_ms, ockam_error_t *err);
/** From outside of handlers: handle what is queued and let output leave, without waiting. Does nothing inside one. */
void ockam_node_flush(ockam_node_t *node);
/** True inside a handler, a timer or any other callback of the loop. */
bool ockam_node_is_busy(const ockam_node_t *node);

/** Tell the owner; `err` NULL: nothing failed. What a peer sent is escaped by ockam_address_text() before it gets here.
 *  Events that peers can cause are limited per second; how many were left out is told with the next. */
OCKAM_COLD void ockam_node_event(ockam_node_t *node, ockam_level_t level, const char *name, const ockam_error_t *err,
                                 const char *format, ...) OCKAM_PRINTF(5, 6);
/** Show a message to the observer, if there is one. */
void ockam_node_observe(ockam_node_t *node, ockam_seen_t seen, const ockam_box_t *at, const ockam_message_t *message);

/** A transport: owns all addresses of one type other than local. */
typedef struct ockam_transport {
    uint8_t     type;
    const char *name;
    /** Take a message whose first onward address is of this type: connect if need be, put the connection's local
     *  address in its place, route on. Failures are events. `source` as in ockam_node_route(). */
    void (*deliver)(struct ockam_transport *transport, ockam_box_t *source, ockam_message_t *message);
    /** Blocking, for calls of the application: the local address of a connection to `address`, opened if there is none. */
    ockam_status_t (*connect)(struct ockam_transport *transport, ockam_address_t address, char out[33],
                              ockam_error_t *err);
    /** Asked by ockam_node_drain(): true when no output is waiting. */
    bool (*is_drained)(struct ockam_transport *transport);
    /** The node is going: close everything; the loop still runs until all handles have closed. */
    void (*close)(struct ockam_transport *transport);
    /** After the loop has ended. */
    void (*free)(struct ockam_transport *transport);
    bool connect_onward; /* also for messages that came from the network */
} ockam_transport_t;

/** @return OCKAM_OK; OCKAM_EXISTS. On success the node frees it. */
OCKAM_NODISCARD ockam_status_t ockam_node_add_transport(ockam_node_t *node, ockam_transport_t *transport,
                                                        ockam_error_t *err);
ockam_transport_t             *ockam_node_transport(const ockam_node_t *node, uint8_t type); /* NULL: not started */

/** For calls of the application: if `route` starts with an address of a transport, replace it by the local address of a
 *  connection, opened if need be. Blocking. @return OCKAM_OK; what the transport's connect returns. */
OCKAM_NODISCARD ockam_status_t ockam_node_connect_first(ockam_node_t *node, ockam_route_t *route, ockam_error_t *err);
/** Let who is reached through the first address of `route` answer to `address` (its flow may reach it). */
OCKAM_NODISCARD ockam_status_t ockam_node_allow_answers(ockam_node_t *node, const ockam_route_t *route,
                                                        ockam_address_t address, ockam_error_t *err);

#endif
