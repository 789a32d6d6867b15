/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp_internal.h - what the files of the TCP transport share.
 *
 *     tcp.c         the transport and its public calls       connect.c   outgoing: names and attempts
 *     connection.c  the life of one connection, time limits  target.c    "tcp#host:port" in routes, blocking calls
 *     receive.c     bytes to messages                        listener.c  incoming
 *     send.c        messages to bytes
 *
 * A connection is one worker with two mailboxes: the *sender*, to which messages are routed, and the *receiver*, from
 * which messages of the peer are routed on. Source: docs/protocol/transports.md, "TCP". */
#ifndef OCKAM_TCP_INTERNAL_H
#define OCKAM_TCP_INTERNAL_H

#include "node/runtime.h"
#include "ockam/tcp.h"
#include "wire/hostport.h"

/** Bytes asked for in one read, normally and while whole reads are filled. */
#define OCKAM_TCP_READ_BYTES     65536u
#define OCKAM_TCP_READ_BYTES_BIG 262144u
/** A rest of a block that is smaller is not worth a read. */
#define OCKAM_TCP_READ_BYTES_MIN 8192u
/** Frames parsed before the messages they brought are handled, while these are still in the cache. */
#define OCKAM_TCP_FRAMES_AT_ONCE 64u
/** Pieces of one write: what Linux takes at most. */
#define OCKAM_TCP_WRITE_PARTS 1024u
/** Addresses of one name that are tried. */
#define OCKAM_TCP_ATTEMPTS_MAX 16u
#define OCKAM_TCP_BACKLOG      512
#define OCKAM_TCP_KEEPALIVE_S  300u

typedef struct ockam_tcp           ockam_tcp_t;
typedef struct ockam_tcp_conn      ockam_tcp_conn_t;
typedef struct ockam_tcp_connector ockam_tcp_connector_t;
typedef struct ockam_tcp_target    ockam_tcp_target_t;
typedef struct ockam_tcp_acceptor  ockam_tcp_acceptor_t;

/** A message on its way out, in up to three pieces: head, payload, tail; or one that waits for a connection. */
typedef struct ockam_tcp_item {
    struct ockam_tcp_item *next;
    ockam_message_t       *message; /* NULL: the version byte */
    ockam_block_t         *extra;   /* a reference: head and tail, when there was no room around the payload */
    ockam_box_t           *source;  /* a reference, while it waits for a connection */
    unsigned               first, count;
    uv_buf_t               parts[3];
} ockam_tcp_item_t;

typedef struct {
    ockam_tcp_item_t *first, *last;
} ockam_tcp_queue_t;

struct ockam_tcp {
    ockam_transport_t      transport; /* the first member: the node knows only this */
    ockam_node_t          *node;
    size_t                 refs; /* the node, and every connection, connector, listener and handle */
    bool                   closed;
    uint64_t               connect_timeout_ms, hello_timeout_ms, frame_timeout_ms, finish_timeout_ms, sweep_ms;
    size_t                 connections_max, connection_count;
    ockam_tcp_conn_t      *conns;
    ockam_tcp_connector_t *connectors;
    ockam_tcp_acceptor_t  *acceptors;
    ockam_tcp_target_t    *targets[256];
    uv_timer_t             sweep;     /* runs only while a connection waits for something */
    uint64_t               waited_ms; /* moves on with each sweep: see ockam_tcp_deadline() */
    ockam_tcp_item_t      *items;     /* free ones */
    size_t                 item_count;
    uv_buf_t               scratch[OCKAM_TCP_WRITE_PARTS];
};

typedef enum {
    OCKAM_TCP_NEW,       /* being connected or accepted */
    OCKAM_TCP_OPEN,      /* both directions */
    OCKAM_TCP_FINISHING, /* takes no new messages; closes when its output has left */
    OCKAM_TCP_CLOSED     /* waits for the loop to let go of it */
} ockam_tcp_state_t;

struct ockam_tcp_conn {
    ockam_tcp_conn_t   *prev, *next;
    ockam_tcp_t        *tcp;
    size_t              refs; /* its handle and its worker */
    ockam_tcp_state_t   state;
    uv_tcp_t            handle;
    ockam_tcp_target_t *target;  /* reused for messages to its "host:port"; NULL: not */
    ockam_worker_t     *worker;  /* NULL once stopped */
    ockam_account_t    *account; /* of everything that it brings in */
    ockam_flow_id_t     flow;
    char                address[33]; /* of the sender */
    char                peer[64];

    /* receiving */
    ockam_block_t *block;        /* being filled; NULL while nothing is */
    size_t         parsed, fill; /* bytes of it that were parsed, that were read */
    bool           hello, eof, reading, big;
    uint64_t       hello_deadline_ms;
    uint64_t       frame_deadline_ms; /* 0: no frame has begun */
    size_t         frame_mark;        /* bytes of that frame that were there when the deadline was set */
    ockam_task_t   parse_task;

    /* sending */
    ockam_tcp_queue_t out;
    bool              writing; /* the front of `out` belongs to `write_request` */
    bool              shut;    /* our direction is closed */
    size_t            writing_bytes;
    uint64_t          finish_deadline_ms;
    uv_write_t        write_request;
    uv_shutdown_t     shutdown_request;
    ockam_task_t      flush_task;
};

/* ---- tcp.c ------------------------------------------------------------------------------------------------------ */

/** The transport of a node. NULL: not started. */
ockam_tcp_t *ockam_tcp_of(const ockam_node_t *node);
void         ockam_tcp_unref(ockam_tcp_t *tcp);
/** OCKAM_IO with the error number of a libuv status; its text where that is no error number. */
OCKAM_COLD ockam_status_t ockam_tcp_fail(ockam_error_t *err, int uv_status, const char *what);
/** "127.0.0.1:4000" or "[::1]:4000"; "?" if it is neither. */
void ockam_tcp_address_text(const struct sockaddr_storage *address, char *text, size_t size);
/** Drop a message that nobody will take: counted, observed, freed. */
void ockam_tcp_drop(ockam_tcp_t *tcp, ockam_message_t *message, const ockam_box_t *at, uint64_t *counter);

/** NULL: no memory. */
ockam_tcp_item_t *ockam_tcp_item_new(ockam_tcp_t *tcp, ockam_message_t *message);
/** Frees its message, block and source with it. */
void              ockam_tcp_item_free(ockam_tcp_t *tcp, ockam_tcp_item_t *item);
void              ockam_tcp_queue_push(ockam_tcp_queue_t *queue, ockam_tcp_item_t *item);
ockam_tcp_item_t *ockam_tcp_queue_pop(ockam_tcp_queue_t *queue); /* NULL: empty */

/* ---- connection.c ----------------------------------------------------------------------------------------------- */

/** A connection without a socket. @return OCKAM_OK; OCKAM_LIMIT (connections_max); OCKAM_NO_MEMORY; OCKAM_IO. */
OCKAM_NODISCARD ockam_status_t ockam_tcp_conn_new(ockam_tcp_t *tcp, ockam_tcp_conn_t **out, ockam_error_t *err);
/** Its handle is connected: start its worker, greet, read. `spawner`: the listener's flow, or 0 for an outgoing one.
 *  On failure close it. @return OCKAM_OK; OCKAM_NO_MEMORY; OCKAM_IO. */
OCKAM_NODISCARD ockam_status_t ockam_tcp_conn_open(ockam_tcp_conn_t *conn, ockam_flow_id_t spawner, ockam_error_t *err);
/** Let what is queued leave, then close. Safe twice. */
void ockam_tcp_conn_finish(ockam_tcp_conn_t *conn);
/** Close at once. Safe twice, and from any callback of the connection. */
void ockam_tcp_conn_close(ockam_tcp_conn_t *conn);
/** Say why, then close at once. */
OCKAM_COLD void ockam_tcp_conn_fail(ockam_tcp_conn_t *conn, const char *event, const ockam_error_t *err);
/** When `timeout_ms` from now are over, in terms of tcp->waited_ms. That clock stands still while the loop does not run,
 *  so a program that lets its node rest for a while does not find all peers late afterwards. */
uint64_t ockam_tcp_deadline(const ockam_tcp_t *tcp, uint64_t timeout_ms);
/** Something waits for time now. */
void ockam_tcp_sweep_start(ockam_tcp_t *tcp);
void ockam_tcp_sweep_init(ockam_tcp_t *tcp);

/* ---- receive.c -------------------------------------------------------------------------------------------------- */

/** @return OCKAM_OK; OCKAM_IO. */
OCKAM_NODISCARD ockam_status_t ockam_tcp_receive_start(ockam_tcp_conn_t *conn, ockam_error_t *err);
/** Parse what is there, then read on if the account allows. Also the task of the connection. */
void ockam_tcp_receive_continue(void *conn);

/* ---- send.c ----------------------------------------------------------------------------------------------------- */

/** Queue a message as a frame. Takes the message. Above OCKAM_TCP_MESSAGE_BYTES_MAX it is dropped with an event, and
 *  the connection stays, since nothing of it was written. */
void ockam_tcp_send(ockam_tcp_conn_t *conn, ockam_message_t *message);
/** Queue the version byte. @return OCKAM_OK; OCKAM_NO_MEMORY. */
OCKAM_NODISCARD ockam_status_t ockam_tcp_send_hello(ockam_tcp_conn_t *conn, ockam_error_t *err);
/** Write what is queued, as far as the socket takes it. Also the task of the connection. */
void ockam_tcp_flush(void *conn);

/* ---- connect.c -------------------------------------------------------------------------------------------------- */

/** Called once: with an open connection, or with NULL and the reason. */
typedef void (*ockam_tcp_connected_fn)(void *context, ockam_tcp_conn_t *conn, const ockam_error_t *err);

/** Start connecting. `done` may be called before this returns. @return OCKAM_OK; OCKAM_NO_MEMORY; OCKAM_IO; OCKAM_WRONG_STATE. */
OCKAM_NODISCARD ockam_status_t ockam_tcp_connector_start(ockam_tcp_t *tcp, const ockam_hostport_t *to,
                                                         ockam_tcp_connected_fn done, void *context,
                                                         ockam_error_t *err);
/** Give up every attempt of `context` without calling `done`. */
void ockam_tcp_connector_cancel(ockam_tcp_t *tcp, const void *context);
/** Give up all attempts; `done` of each is called. */
void ockam_tcp_connectors_close(ockam_tcp_t *tcp);
/** Fill `out` with the socket addresses of a host. Blocking if it is a name. @return how many; 0: see `err`. */
size_t ockam_tcp_resolve(ockam_tcp_t *tcp, const ockam_hostport_t *to, struct sockaddr_storage *out, size_t max,
                         ockam_error_t *err);

/* ---- target.c --------------------------------------------------------------------------------------------------- */

/* Operations of the transport; the connection leaves its target when it no longer takes messages. */
void           ockam_tcp_deliver(ockam_transport_t *transport, ockam_box_t *source, ockam_message_t *message);
ockam_status_t ockam_tcp_connect_for(ockam_transport_t *transport, ockam_address_t address, char out[33],
                                     ockam_error_t *err);
void           ockam_tcp_target_leave(ockam_tcp_conn_t *conn);

/* ---- listener.c ------------------------------------------------------------------------------------------------- */

void ockam_tcp_acceptors_close(ockam_tcp_t *tcp);
/** Take over a connected socket as if a listener with `flow` had accepted it. @return OCKAM_OK; OCKAM_LIMIT;
 *  OCKAM_NO_MEMORY; OCKAM_IO. On failure `fd` is still the caller's. */
OCKAM_NODISCARD ockam_status_t ockam_tcp_adopt(ockam_tcp_t *tcp, int fd, ockam_flow_id_t flow, ockam_error_t *err);

#endif
