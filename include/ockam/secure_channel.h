/* SPDX-License-Identifier: Apache-2.0
 *
 * secure_channel.h - talk so that nothing in between can read or change a byte, over any route.
 *
 * A channel looks like one hop of a route: what is sent through its address comes out at the other node, and answers find
 * their way back. Source: docs/protocol/secure-channels.md. */
#ifndef OCKAM_SECURE_CHANNEL_H
#define OCKAM_SECURE_CHANNEL_H

#include "ockam/handshake.h"
#include "ockam/node.h"

OCKAM_BEGIN_DECLS

typedef struct ockam_secure_channel ockam_secure_channel_t;

/** What is pointed to is borrowed for the life of the channel or listener; the credential is copied. */
typedef struct {
    ockam_trust_policy_t            trust;        /* required */
    const ockam_key_exchange_ops_t *key_exchange; /* NULL: Noise XX. Both ends must have the same */
    const ockam_change_history_t   *authority;    /* whose credentials count; NULL: none do */
    ockam_slice_t                   credential;   /* ours to present; empty: none */
    uint64_t                        timeout_ms;   /* of the handshake; 0: OCKAM_HANDSHAKE_TIMEOUT_MS */
    bool                            fixed_route;  /* a responder does not follow its peer to another route */
} ockam_secure_channel_options_t;

/**
 * Open a channel over `route`, whose last address is a secure channel listener. Blocking.
 *
 * The other side may still refuse us after this returns: then nothing that is sent through the channel arrives, and nobody
 * tells us (so that strangers learn nothing). Wait for an answer where that matters.
 *
 * @param out  yours until ockam_secure_channel_close()
 * @return OCKAM_OK; OCKAM_TIMEOUT (no answer: nobody there, or the route does not lead to a listener); OCKAM_DENIED (trust
 *         policy: we refuse the peer); OCKAM_NOT_AUTHENTIC, OCKAM_MALFORMED, OCKAM_EXPIRED, OCKAM_CONFLICT (the peer
 *         cannot prove its identity); OCKAM_INVALID; OCKAM_NOT_FOUND and OCKAM_IO (first address); OCKAM_LIMIT;
 *         OCKAM_NO_MEMORY; OCKAM_WRONG_STATE (inside a handler); OCKAM_CLOSED (node stopped).
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_secure_channel_create(ockam_node_t *node, ockam_identity_t *identity,
                                                                     const ockam_route_t                  *route,
                                                                     const ockam_secure_channel_options_t *options,
                                                                     ockam_secure_channel_t **out, ockam_error_t *err);

/** How an attempt ended: `status` OCKAM_OK and a channel, yours to close; or a failure and NULL. */
typedef void (*ockam_secure_channel_fn)(void *context, ockam_status_t status, ockam_secure_channel_t *channel,
                                        const ockam_error_t *err);
/** The same without waiting, also from a handler; `done` is called exactly once unless this call itself fails or the node is
 *  freed before. A first address "tcp#..." is connected on demand. @return as ockam_secure_channel_create(), as far as it
 *  is known at once; the rest comes with `done`. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_secure_channel_start(ockam_node_t *node, ockam_identity_t *identity,
                                                                    const ockam_route_t                  *route,
                                                                    const ockam_secure_channel_options_t *options,
                                                                    ockam_secure_channel_fn done, void *context,
                                                                    ockam_error_t *err);
/** The local address that leads into the channel. Lent with the channel. */
OCKAM_API const char *ockam_secure_channel_address(const ockam_secure_channel_t *channel);
/** Whom it leads to. Lent with the channel. */
OCKAM_API const ockam_identifier_t *ockam_secure_channel_peer(const ockam_secure_channel_t *channel);
/** The flow of what comes out of it: see ockam_flow_allow(). */
OCKAM_API ockam_flow_id_t ockam_secure_channel_flow(const ockam_secure_channel_t *channel);
/** False once the peer has closed it. */
OCKAM_API bool ockam_secure_channel_is_open(const ockam_secure_channel_t *channel);
/** Tell the peer, wipe the keys, free the handle. NULL is fine. Before ockam_node_free(), which frees what was not closed
 *  without telling the peer. */
OCKAM_API void ockam_secure_channel_close(ockam_secure_channel_t *channel);

typedef struct {
    ockam_flow_id_t flow; /* of all channels it makes: ockam_flow_allow(node, flow, "echoer") opens a worker to them */
} ockam_secure_channel_listener_t;

/**
 * Accept channels at `address`. To be reached from the network the listener must be allowed to:
 * ockam_flow_allow(node, tcp_listener.flow, address); its channels then are, too. It ends with
 * ockam_worker_stop_address() or its node; channels it has made go on.
 * @param identity  a reference is kept
 * @param out       may be NULL
 * @return OCKAM_OK; OCKAM_EXISTS (a worker has the address); OCKAM_INVALID (no identity, no trust policy, an empty
 *         address); OCKAM_LIMIT (address longer than OCKAM_ADDRESS_BYTES_MAX); OCKAM_NO_MEMORY. After a failure nothing
 *         is left of it.
 * Source: docs/protocol/secure-channels.md, "Routes of a channel".
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_secure_channel_listen(ockam_node_t *node, ockam_identity_t *identity,
                                                                     const char                           *address,
                                                                     const ockam_secure_channel_options_t *options,
                                                                     ockam_secure_channel_listener_t      *out,
                                                                     ockam_error_t                        *err);

/** The late answer of a trust policy that said OCKAM_PENDING: resumes every handshake of the node that waits for a decision on
 *  `peer`. What the peer has sent meanwhile, 32 messages at most, is opened then. @return how many. */
OCKAM_API size_t ockam_secure_channel_decide(ockam_node_t *node, const ockam_identifier_t *peer, bool trusted);

OCKAM_END_DECLS

#endif
