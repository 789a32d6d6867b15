/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_nodes.h - two nodes on a link, with identities, randomness and time that are the same in every run; Bob, the
 * second, listens. Each has a worker "sink" that counts what it gets. */
#ifndef OCKAM_TEST_CHANNEL_NODES_H
#define OCKAM_TEST_CHANNEL_NODES_H

#include "fixed_random.h"
#include "link.h"
#include "ockam/secure_channel.h"

enum { ALICE, BOB };

/** What came to a sink: messages that are a number of 4 bytes. */
typedef struct {
    size_t        count;
    uint32_t      last;
    uint8_t       seen[65536]; /* how often each number came */
    size_t        strange;     /* of another form */
    ockam_route_t back;        /* return route of the last one */
} sink_t;

/** How the attempts of ockam_secure_channel_start() ended. */
typedef struct {
    unsigned                ended;
    ockam_status_t          status;
    ockam_secure_channel_t *channel;
} outcome_t;

typedef struct {
    fixed_random_t                  random[2];
    ockam_vault_t                  *vault[2];
    ockam_identity_t               *identity[2];
    ockam_node_t                   *node[2];
    sink_t                          sink[2];
    link_t                          link; /* alice: "to_bob", bob: "to_alice" */
    ockam_secure_channel_options_t  trusting;
    ockam_secure_channel_listener_t listener; /* "listener" */
    char                            event[64];
    unsigned                        events;
} channel_nodes_t;

/** @param options  what to set apart from events, clock and vault; NULL: nothing
 *  @param listening  of Bob's listener; NULL: everyone trusted */
void channel_nodes_start(channel_nodes_t *n, uint64_t seed, const ockam_node_options_t options[2],
                         const ockam_secure_channel_options_t *listening);
void channel_nodes_end(channel_nodes_t *n);

ockam_metrics_t channel_nodes_metrics(const channel_nodes_t *n, unsigned node);
/** An ockam_secure_channel_fn; `context` is an outcome_t. */
void channel_nodes_on_outcome(void *context, ockam_status_t status, ockam_secure_channel_t *channel,
                              const ockam_error_t *err);
/** Alice opens a channel over the link, which is run. Fails the test if that fails. Her sink is open to it. */
ockam_secure_channel_t *channel_nodes_open(channel_nodes_t *n);
/** Alice sends message 1 only. */
void channel_nodes_begin(channel_nodes_t *n, const ockam_secure_channel_options_t *options, outcome_t *outcome);
/** Send a number along a route from one node's application. */
ockam_status_t channel_nodes_send(channel_nodes_t *n, unsigned from, const ockam_route_t *route, uint32_t number);
/** Through a channel of Alice to Bob's sink. The message waits on the link. */
void channel_nodes_say(channel_nodes_t *n, const ockam_secure_channel_t *channel, uint32_t number);
/** Answer to the last message that came to Bob's sink, to Alice's sink. The message waits on the link. */
ockam_status_t channel_nodes_answer(channel_nodes_t *n, uint32_t number);
/** Run a node's loop, with its timers, until no handshake is in progress there. */
void channel_nodes_wait_for_timeouts(channel_nodes_t *n, unsigned node);

#endif
