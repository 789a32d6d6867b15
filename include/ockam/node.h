/* SPDX-License-Identifier: Apache-2.0
 *
 * node.h - a node, its workers, and the messages between them.
 *
 * A node is one event loop on one thread. Blocking calls are for the thread that owns the node: they run its loop until
 * the answer is there or time is up. Inside a handler they are refused (OCKAM_WRONG_STATE); use the worker's calls
 * there. No call but ockam_node_stop() may be made by two threads at once.
 *
 * Sizes are bytes, times milliseconds (`_ms`) or seconds since the Unix epoch (`_s`). What a call is given is lent for
 * the call unless it says otherwise; what it answers with is written only on success, and a call that fails has changed
 * nothing unless it says otherwise. `err` may be NULL, as may `out` of the calls that start something.
 *
 * Source: docs/protocol/nodes.md; the events are in docs/events.md. */
#ifndef OCKAM_NODE_H
#define OCKAM_NODE_H

#include "ockam/address.h"
#include "ockam/identity.h"
#include "ockam/store.h"
#include "ockam/vault.h"

OCKAM_BEGIN_DECLS

typedef struct ockam_node    ockam_node_t;
typedef struct ockam_worker  ockam_worker_t;
typedef struct ockam_message ockam_message_t;
typedef struct ockam_timer   ockam_timer_t;

/* ---- what a node tells its owner -------------------------------------------------------------------------------- */

typedef enum { OCKAM_LEVEL_ERROR, OCKAM_LEVEL_WARN, OCKAM_LEVEL_INFO, OCKAM_LEVEL_DEBUG } ockam_level_t;

/** Something happened: a stable name ("tcp.frame.malformed") and one line of at most 511 characters for people. Both
 *  are lent for the call. All names, with levels and meaning, and how many are told: docs/events.md. */
typedef struct {
    ockam_level_t  level;
    ockam_status_t status; /* why, or OCKAM_OK */
    const char    *name;
    const char    *text; /* printable ASCII: what a peer sent is escaped */
} ockam_event_t;

/** Runs on the node's thread, inside its loop: blocking calls are refused there. */
typedef void (*ockam_event_fn)(void *context, const ockam_event_t *event);

/** Where a node saw a message. */
typedef enum {
    OCKAM_SEEN_RECEIVED,  /* from a transport, before anything is decrypted */
    OCKAM_SEEN_SENT,      /* given to a transport */
    OCKAM_SEEN_DELIVERED, /* handed to a worker of this node */
    OCKAM_SEEN_DROPPED    /* and freed: the counters of ockam_metrics_t say why */
} ockam_seen_t;

/** One message at one place. Everything is lent for the call. */
typedef struct {
    ockam_seen_t         seen;
    ockam_address_t      at; /* the mailbox or connection concerned */
    const ockam_route_t *onward_route;
    const ockam_route_t *return_route;
    ockam_slice_t        payload;
} ockam_observation_t;

/** As ockam_event_fn. It sees what is inside secure channels at their ends: mind where it writes. */
typedef void (*ockam_observer_fn)(void *context, const ockam_observation_t *observation);

/** Counters since the node was made. */
typedef struct {
    uint64_t delivered;         /* messages handed to workers */
    uint64_t dropped_unknown;   /* no such address */
    uint64_t dropped_denied;    /* refused by access or flow control */
    uint64_t dropped_limit;     /* past a documented limit */
    uint64_t dropped_malformed; /* could not be read or authenticated */
    uint64_t dropped_stopped;   /* the worker stopped with messages waiting, or the connection closed */
    uint64_t payload_copies;    /* payloads that had to be moved, the application's own sends included */
    uint64_t allocations;       /* blocks and messages that the pools did not have */
    uint64_t pool_hits;
    uint64_t connections; /* open now */
    uint64_t channels;    /* open now */
    uint64_t handshakes;  /* in progress now */
} ockam_metrics_t;

/* ---- the node --------------------------------------------------------------------------------------------------- */

typedef struct {
    ockam_store_t    *store; /* what must survive; NULL: in memory. Outlives the node */
    ockam_vault_t    *vault; /* NULL: a vault on all providers of this build, over `store`. Outlives the node */
    ockam_event_fn    on_event;
    void             *event_context;
    ockam_observer_fn observer; /* sees every message; NULL costs nothing */
    void             *observer_context;
    size_t            channels_max;     /* 0: OCKAM_CHANNELS_MAX */
    uint64_t (*clock_s)(void *context); /* seconds since the Unix epoch; NULL: the system's */
    void *clock_context;
} ockam_node_options_t;

/** Make a node with nothing on it but the application's own address, "app".
 * @param options NULL for the defaults; copied, what it points to is lent for the node's life
 * @param out     yours until ockam_node_free()
 * @return OCKAM_OK; OCKAM_NO_MEMORY; OCKAM_IO (event loop: see os_errno); OCKAM_UNSUPPORTED (this build has no provider
 *         for an algorithm that a vault must have). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_node_new(const ockam_node_options_t *options, ockam_node_t **out,
                                                        ockam_error_t *err);
/** Stops at once, closes everything and frees what the node made. NULL is fine. Not from a handler. Peers of secure
 *  channels are not told: close those channels first (ockam_secure_channel_close()). */
OCKAM_API void ockam_node_free(ockam_node_t *node);
/** Run until ockam_node_stop(). @return OCKAM_OK; OCKAM_WRONG_STATE (inside a handler). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_node_run(ockam_node_t *node, ockam_error_t *err);
/** Run for `timeout_ms`, or until stopped; 0: what can be done at once. @return as ockam_node_run(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_node_run_for(ockam_node_t *node, uint64_t timeout_ms,
                                                            ockam_error_t *err);
/** Make ockam_node_run() return, and every blocking call of the node end with OCKAM_CLOSED, now and later, until
 *  ockam_node_drain(). The only call that other threads and signal handlers may make. */
OCKAM_API void ockam_node_stop(ockam_node_t *node);
/** Stop orderly: let queued messages and output leave, for `timeout_ms` at most. @return OCKAM_OK; OCKAM_TIMEOUT
 *  (something was left); OCKAM_WRONG_STATE (inside a handler); OCKAM_CLOSED (stopped meanwhile). The node can still be
 *  used, also after ockam_node_stop(), and must be freed. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_node_drain(ockam_node_t *node, uint64_t timeout_ms, ockam_error_t *err);

/** The vault and the store that were given with the options, or that the node made. Lent with the node. */
OCKAM_API ockam_vault_t *ockam_node_vault(ockam_node_t *node);
OCKAM_API ockam_store_t *ockam_node_store(ockam_node_t *node);
/** Seconds since the Unix epoch, by the clock of the options. */
OCKAM_API uint64_t ockam_node_now_s(ockam_node_t *node);
OCKAM_API void     ockam_node_metrics(const ockam_node_t *node, ockam_metrics_t *out);

/** A new identity with an Ed25519 key, kept in the node's store. Free it with ockam_identity_free(), which forgets
 *  nothing in the store. @return as ockam_identity_create(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_node_create_identity(ockam_node_t *node, ockam_identity_t **out,
                                                                    ockam_error_t *err);

/* ---- messages --------------------------------------------------------------------------------------------------- */

/** Send bytes as they are, from the application's own address, where answers arrive; who is reached through a
 *  connection or channel may answer to it. The payload is copied. Blocks while OCKAM_ACCOUNT_HIGH_BYTES of earlier
 *  messages have not left, and while a first address "tcp#..." is connected.
 * @param payload at most OCKAM_TCP_MESSAGE_BYTES_MAX bytes; over a connection, its route takes part of that
 * @return OCKAM_OK (on its way: delivery is not confirmed); OCKAM_NOT_FOUND (the first address, or its transport, is
 *         unknown here); OCKAM_INVALID (empty route); OCKAM_MALFORMED (bad literal); OCKAM_DENIED (outgoing access
 *         control); OCKAM_LIMIT (payload, route, connections); OCKAM_NO_MEMORY; OCKAM_IO (connecting: see os_errno);
 *         OCKAM_TIMEOUT (connecting, or earlier messages do not leave); OCKAM_WRONG_STATE (inside a handler);
 *         OCKAM_CLOSED (node stopped). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_send(ockam_node_t *node, const ockam_route_t *route,
                                                    ockam_slice_t payload, ockam_error_t *err);
/** Send a text, as the protocol writes texts: its length, then UTF-8, which is not checked. @return as ockam_send(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_send_text(ockam_node_t *node, const ockam_route_t *route,
                                                         const char *text, ockam_error_t *err);
/** The next message to the application's address; free it with ockam_message_free(), before the node. `timeout_ms` 0:
 *  the default of OCKAM_TIMEOUT_DEFAULT_MS. Messages that wait are charged to who sent them, who is held up in time.
 *  @return OCKAM_OK; OCKAM_TIMEOUT; OCKAM_WRONG_STATE (inside a handler); OCKAM_CLOSED (node stopped). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_receive(ockam_node_t *node, uint64_t timeout_ms, ockam_message_t **out,
                                                       ockam_error_t *err);
#define OCKAM_TIMEOUT_DEFAULT ((uint64_t)0)

/** NULL is fine. */
OCKAM_API void ockam_message_free(ockam_message_t *message);
/** Payload and routes are lent with the message. */
OCKAM_API ockam_slice_t ockam_message_payload(const ockam_message_t *message);
/** The payload as text: NUL-terminated, lent with the message; "" if it is not one (see ockam_message_is_text()), or if
 *  there is no memory for the NUL. A text may hold a NUL itself. */
OCKAM_API const char *ockam_message_text(ockam_message_t *message);
/** Whether it begins with a length and that many bytes of UTF-8, as ockam_send_text() sends. */
OCKAM_API bool                 ockam_message_is_text(const ockam_message_t *message);
OCKAM_API const ockam_route_t *ockam_message_onward_route(const ockam_message_t *message);
OCKAM_API const ockam_route_t *ockam_message_return_route(const ockam_message_t *message);
/** Who sealed it, if it came out of a secure channel of this node; NULL otherwise. */
OCKAM_API const ockam_identifier_t *ockam_message_peer(const ockam_message_t *message);

/* ---- access control --------------------------------------------------------------------------------------------- */

/** What an access control decides on. Everything is lent for the call. */
typedef struct {
    ockam_address_t           source; /* the mailbox that sent it, on this node */
    ockam_address_t           destination;
    const ockam_route_t      *onward_route;
    const ockam_route_t      *return_route;
    const ockam_identifier_t *peer; /* NULL: not out of a secure channel */
} ockam_delivery_t;

/** Judges each message of a mailbox. {0} allows all. */
typedef struct {
    bool (*allows)(const void *context, const ockam_delivery_t *delivery);
    const void *context; /* lent; outlives the mailbox */
} ockam_access_t;

/** Nobody. For a mailbox that only sends, or only receives: OCKAM_DENY_ALL. */
OCKAM_API bool ockam_access_deny_all(const void *context, const ockam_delivery_t *delivery);
/** Anybody who comes through a secure channel. */
OCKAM_API bool ockam_access_any_identity(const void *context, const ockam_delivery_t *delivery);
/** `context`: const ockam_identifier_t *: exactly that identity, through a secure channel. */
OCKAM_API bool ockam_access_identity(const void *context, const ockam_delivery_t *delivery);
/** `context`: const ockam_address_t *; the source address, or the first onward address, equals it. */
OCKAM_API bool ockam_access_source(const void *context, const ockam_delivery_t *delivery);
OCKAM_API bool ockam_access_onward(const void *context, const ockam_delivery_t *delivery);

#ifdef __cplusplus
#define OCKAM_DENY_ALL (ockam_access_t{ockam_access_deny_all, NULL})
#else
#define OCKAM_DENY_ALL ((ockam_access_t){ockam_access_deny_all, NULL})
#endif

/* ---- flow control: who may be reached from the network ---------------------------------------------------------- */

/** Names a producer or a spawner of producers on its node; 0 is none. A connection, a listener, a channel has one. */
typedef uint64_t ockam_flow_id_t;

/** Let what comes in through `flow` (a connection, a listener's connections, a channel, a channel listener's channels)
 *  reach the worker at `address`. Without this nothing from the network reaches it. The address need not exist yet.
 * @return OCKAM_OK; OCKAM_NOT_FOUND (no such flow); OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_flow_allow(ockam_node_t *node, ockam_flow_id_t flow, const char *address,
                                                          ockam_error_t *err);
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_flow_allow_address(ockam_node_t *node, ockam_flow_id_t flow,
                                                                  ockam_address_t address, ockam_error_t *err);

/* ---- workers ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name; /* for events */
    /** Optional; a failure ends the worker before its first message. */
    ockam_status_t (*initialize)(ockam_worker_t *worker, ockam_error_t *err);
    /** One message at a time, run to completion. `message` is lent, unless forwarded or returned. A failure is an
     * event. */
    ockam_status_t (*handle)(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err);
    /** Optional; makes a processor: called again and again while what it sent is not held up. OCKAM_OK: call again;
     *  OCKAM_PENDING: not before ockam_worker_wake(); anything else ends it. */
    ockam_status_t (*process)(ockam_worker_t *worker, ockam_error_t *err);
    /** Optional; the last call, on every way to the end. Frees the context. */
    void (*shutdown)(ockam_worker_t *worker);
} ockam_worker_ops_t;

typedef struct {
    ockam_address_t address; /* empty value: 32 random hex digits */
    ockam_access_t  incoming, outgoing;
} ockam_mailbox_t;

typedef struct {
    void                  *context;
    ockam_access_t         incoming, outgoing; /* of the main mailbox */
    const ockam_mailbox_t *more;               /* further mailboxes; copied */
    size_t                 more_count;         /* at most OCKAM_MAILBOXES_MAX - 1 */
} ockam_worker_options_t;
#define OCKAM_MAILBOXES_MAX 4u

/** Start a worker at `address` (NULL: 32 random hex digits). It starts handling in the next turn of the loop.
 *  `ops` outlives it, options are copied. `*out` is lent until the worker stops: its shutdown() says when.
 *  @return OCKAM_OK; OCKAM_EXISTS (an address is taken); OCKAM_INVALID (empty, not local, too many mailboxes);
 *  OCKAM_LIMIT (address longer than OCKAM_ADDRESS_BYTES_MAX); OCKAM_NO_MEMORY. On failure `context` is still the
 *  caller's. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_worker_start(ockam_node_t *node, const char *address,
                                                            const ockam_worker_ops_t     *ops,
                                                            const ockam_worker_options_t *options, ockam_worker_t **out,
                                                            ockam_error_t *err);
/** Its addresses are free at once, waiting messages are dropped, a running handler finishes. @return OCKAM_OK;
 *  OCKAM_NOT_FOUND. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_worker_stop_address(ockam_node_t *node, ockam_address_t address,
                                                                   ockam_error_t *err);
/** The same; also from its own handler, after which the worker may not be used. */
OCKAM_API void          ockam_worker_stop(ockam_worker_t *worker);
OCKAM_API ockam_node_t *ockam_worker_node(const ockam_worker_t *worker);
OCKAM_API void         *ockam_worker_context(const ockam_worker_t *worker);
/** Address of mailbox `index`; 0 is the main one. Lent with the worker. */
OCKAM_API ockam_address_t ockam_worker_address(const ockam_worker_t *worker, size_t index);
/** A processor that answered OCKAM_PENDING is called again. */
OCKAM_API void ockam_worker_wake(ockam_worker_t *worker);

/** From a handler: send from the main mailbox. Never waits, also not for a connection; a worker that shall hear answers
 *  from the network is opened to them with ockam_flow_allow() (through a first address "tcp#..." it is at once).
 *  @return as ockam_send(), and OCKAM_LIMIT when more is held up than a source may ever have: 16 times
 *  OCKAM_ACCOUNT_HIGH_BYTES and two of the largest messages; OCKAM_WRONG_STATE (it has stopped). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_worker_send(ockam_worker_t *worker, const ockam_route_t *route,
                                                           ockam_slice_t payload, ockam_error_t *err);
/** From a handler: answer along the message's return route, from the main mailbox. @return as ockam_worker_send(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_worker_reply(ockam_worker_t *worker, const ockam_message_t *message,
                                                            ockam_slice_t payload, ockam_error_t *err);
/** From a handler: send the message itself on, without a copy: it is consumed, also on failure. The own
 *  address is taken off the onward route and put in front of the return route, as a hop does. @return as
 *  ockam_worker_send(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_worker_forward(ockam_worker_t *worker, ockam_message_t *message,
                                                              ockam_error_t *err);
/** From a handler: send the message itself back along its return route, without a copy; consumed, also on failure.
 *  @return as ockam_worker_send(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_worker_return(ockam_worker_t *worker, ockam_message_t *message,
                                                             ockam_error_t *err);

/* ---- time ------------------------------------------------------------------------------------------------------- */

typedef void (*ockam_timer_fn)(void *context);

/** Call `fire` on the loop after `delay_ms`, then every `repeat_ms` if that is not 0. The timer ends, and is freed,
 *  with its last call, with ockam_timer_stop(), or with the node. @return OCKAM_OK; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_timer_start(ockam_node_t *node, uint64_t delay_ms, uint64_t repeat_ms,
                                                           ockam_timer_fn fire, void *context, ockam_timer_t **out,
                                                           ockam_error_t *err);
/** NULL is fine. Not after a one-shot timer has fired. */
OCKAM_API void ockam_timer_stop(ockam_timer_t *timer);
/** Send after `delay_ms`, from the application's address, as ockam_send() does; stopping the timer cancels it. The
 *  payload is copied at once. Also from a handler. @return as ockam_timer_start(); OCKAM_INVALID (empty route);
 *  OCKAM_MALFORMED (bad literal); OCKAM_LIMIT (payload). A failure to send then is the event "send.later.failed". */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_send_later(ockam_node_t *node, const ockam_route_t *route,
                                                          ockam_slice_t payload, uint64_t delay_ms, ockam_timer_t **out,
                                                          ockam_error_t *err);

/* ---- workers that come with the library ------------------------------------------------------------------------- */

/* Each starts a worker that stays until ockam_worker_stop_address() or the end of the node, at a given address (NULL:
 * not useful here, a random one). @return as ockam_worker_start(). Source: docs/protocol/nodes.md, "Services". */

/** Sends each message back as it came. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_echo_start(ockam_node_t *node, const char *address, ockam_error_t *err);
/** Answers a text with the same text in upper case (ASCII letters; other characters unchanged). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_uppercase_start(ockam_node_t *node, const char *address,
                                                               ockam_error_t *err);
/** Sends each message on to the next address of its route. What may reach a hop reaches everything behind it: open it
 *  to the connections it is for, and to no other (docs/security.md, "What a stranger can reach"). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_hop_start(ockam_node_t *node, const char *address, ockam_error_t *err);

OCKAM_END_DECLS

#endif
