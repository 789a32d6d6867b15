/* SPDX-License-Identifier: Apache-2.0
 *
 * secure_channel_internal.h - one end of a channel: a worker with three mailboxes. */
#ifndef OCKAM_SERVICE_SECURE_CHANNEL_INTERNAL_H
#define OCKAM_SERVICE_SECURE_CHANNEL_INTERNAL_H

#include "node/runtime.h"
#include "ockam/secure_channel.h"

/* The mailboxes of a channel's worker. Only the first is known to the peer. */
enum {
    BOX_REMOTE   = 0, /* handshake and sealed messages from the peer */
    BOX_INTERNAL = 1, /* source of what was opened: a producer */
    BOX_CHANNEL  = 2  /* what is to be sealed: the address of the channel */
};

typedef struct ockam_channels ockam_channels_t; /* all channels of a node */

/* A listener; its worker holds one reference, each handshake that it began another. */
typedef struct {
    ockam_node_t                  *node;
    ockam_identity_t              *identity;
    ockam_secure_channel_options_t options;
    ockam_flow_id_t                flow;
    size_t                         refs, pending; /* handshakes in progress */
} channel_listener_t;

void ockam_channel_listener_unref(channel_listener_t *listener);

/* Of one handshake; gone once the channel is open. */
typedef struct {
    ockam_handshake_t      *handshake;
    channel_listener_t     *listener; /* a reference; NULL: initiator */
    ockam_timer_t          *timer;
    ockam_secure_channel_fn done; /* initiator; NULL once called */
    void                   *context;
    ockam_buf_t             out;                 /* the message to send next */
    ockam_message_t        *early, **early_tail; /* what the peer sent while the trust policy thinks */
    size_t                  early_count;
} attempt_t;

/* A route at its own length: a channel keeps one for all its life. */
typedef struct {
    uint16_t len, count;
    uint8_t  bytes[];
} short_route_t;

struct ockam_secure_channel {
    struct ockam_secure_channel  *prev, *next;
    ockam_channels_t             *channels;
    ockam_node_t                 *node;
    ockam_worker_t               *worker;  /* NULL once stopped */
    attempt_t                    *attempt; /* NULL once open */
    ockam_sealer_t               *sealer;
    ockam_opener_t               *opener;
    short_route_t                *remote; /* to the peer's BOX_REMOTE */
    const ockam_change_history_t *authority;
    ockam_identity_t             *identity; /* a reference, until open */
    ockam_identifier_t            peer;
    ockam_flow_id_t               flow;
    uint64_t                      route_nonce; /* of the message that last moved the route */
    ockam_role_t                  role;
    bool                          open, held, peer_closed, fixed_route;
    char                          address[33]; /* of BOX_CHANNEL */
};

struct ockam_channels {
    ockam_node_t           *node;
    ockam_secure_channel_t *first;
    ockam_verified_cache_t *cache;
};

/** The channels of a node, made when first asked for. NULL: no memory. */
ockam_channels_t *ockam_channels_of(ockam_node_t *node);

typedef struct {
    ockam_role_t                          role;
    ockam_identity_t                     *identity;
    const ockam_secure_channel_options_t *options;
    channel_listener_t                   *listener; /* NULL: initiator */
    ockam_secure_channel_fn               done;
    void                                 *context;
} channel_setup_t;

/** A worker with its mailboxes and a handshake that has been started; `attempt->out` holds what to send first. */
ockam_status_t ockam_channel_new(ockam_node_t *node, const channel_setup_t *setup, ockam_secure_channel_t **out,
                                 ockam_error_t *err);
/** Send what the handshake has put into `attempt->out`, along `route`. */
ockam_status_t ockam_channel_send_handshake(ockam_secure_channel_t *channel, const ockam_route_t *route,
                                            ockam_error_t *err);
/** One message to BOX_REMOTE before the channel is open. */
ockam_status_t ockam_channel_handshake(ockam_secure_channel_t *channel, ockam_message_t *message, ockam_error_t *err);
/** The handshake has ended without a channel: tell who waits, and stop. */
void ockam_channel_fail(ockam_secure_channel_t *channel, ockam_status_t status, const ockam_error_t *err);
/** Open the channel if its handshake is ready. */
ockam_status_t ockam_channel_advance(ockam_secure_channel_t *channel, ockam_error_t *err);
void           ockam_channel_attempt_free(ockam_secure_channel_t *channel);

/** Data phase. Both take the message. */
ockam_status_t ockam_channel_seal(ockam_secure_channel_t *channel, ockam_message_t *message, ockam_error_t *err);
ockam_status_t ockam_channel_open(ockam_secure_channel_t *channel, ockam_message_t *message, ockam_error_t *err);
/** Tell the peer that the channel ends; failures are of no interest. */
void ockam_channel_send_close(ockam_secure_channel_t *channel);
/** Remember the way to the peer. @return OCKAM_OK; OCKAM_NO_MEMORY. */
ockam_status_t ockam_channel_set_remote(ockam_secure_channel_t *channel, const ockam_route_t *route,
                                        ockam_error_t *err);
void           ockam_channel_get_remote(const ockam_secure_channel_t *channel, ockam_route_t *out);

#endif
