/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_nodes.c - Alice and Bob, one node each. */
#include "channel_nodes.h"

#include <stdio.h>

#include "channel_vault.h"
#include "test.h"

#include "node/runtime.h"

#define NOW_S 1700000100u

static void on_event(void *context, const ockam_event_t *event)
{
    channel_nodes_t *n = (channel_nodes_t *)context;

    (void)snprintf(n->event, sizeof(n->event), "%s", event->name);
    n->events++;
}

static uint64_t fixed_clock(void *context)
{
    (void)context;
    return NOW_S;
}

static ockam_status_t sink_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    sink_t             *sink    = (sink_t *)ockam_worker_context(worker);
    const ockam_slice_t payload = ockam_message_payload(message);

    (void)err;
    sink->count++;
    ockam_route_copy(&sink->back, ockam_message_return_route(message));
    if (payload.len != sizeof(sink->last)) {
        sink->strange++;
        return OCKAM_OK;
    }
    memcpy(&sink->last, payload.ptr, sizeof(sink->last));
    if (sink->last < sizeof(sink->seen))
        sink->seen[sink->last]++;
    else
        sink->strange++;
    return OCKAM_OK;
}

static void start_one(channel_nodes_t *n, unsigned i, uint64_t seed, const ockam_node_options_t *options)
{
    static const ockam_worker_ops_t ops  = {.name = "sink", .handle = sink_handle};
    ockam_node_options_t            used = options != NULL ? *options : (ockam_node_options_t){0};

    fixed_random_seed(&n->random[i], seed * 2 + i);
    n->vault[i]        = channel_vault(ockam_allocator_malloc(), fixed_random_fill, &n->random[i]);
    used.vault         = n->vault[i];
    used.on_event      = on_event;
    used.event_context = n;
    used.clock_s       = fixed_clock;
    assert_ok(ockam_node_new(&used, &n->node[i], NULL));
    assert_ok(ockam_identity_create(n->vault[i], NOW_S - 100, &(ockam_identity_options_t){.lifetime = OCKAM_EPHEMERAL},
                                    &n->identity[i], NULL));
    assert_ok(
        ockam_worker_start(n->node[i], "sink", &ops, &(ockam_worker_options_t){.context = &n->sink[i]}, NULL, NULL));
}

void channel_nodes_start(channel_nodes_t *n, uint64_t seed, const ockam_node_options_t options[2],
                         const ockam_secure_channel_options_t *listening)
{
    memset(n, 0, sizeof(*n));
    n->trusting = (ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE};
    start_one(n, ALICE, seed, options != NULL ? &options[ALICE] : NULL);
    start_one(n, BOB, seed, options != NULL ? &options[BOB] : NULL);
    link_start(&n->link, n->node[ALICE], "to_bob", n->node[BOB], "to_alice");
    assert_ok(ockam_secure_channel_listen(n->node[BOB], n->identity[BOB], "listener",
                                          listening != NULL ? listening : &n->trusting, &n->listener, NULL));
    assert_ok(ockam_flow_allow(n->node[BOB], n->link.end[BOB].flow, "listener", NULL));
    assert_ok(ockam_flow_allow(n->node[BOB], n->listener.flow, "sink", NULL));
}

void channel_nodes_end(channel_nodes_t *n)
{
    for (unsigned i = 0; i < 2; i++)
        ockam_node_free(n->node[i]);
    link_end(&n->link);
    for (unsigned i = 0; i < 2; i++) {
        ockam_identity_free(n->identity[i]);
        ockam_vault_free(n->vault[i]);
    }
}

ockam_metrics_t channel_nodes_metrics(const channel_nodes_t *n, unsigned node)
{
    ockam_metrics_t m;

    ockam_node_metrics(n->node[node], &m);
    return m;
}

void channel_nodes_on_outcome(void *context, ockam_status_t status, ockam_secure_channel_t *channel,
                              const ockam_error_t *err)
{
    outcome_t *outcome = (outcome_t *)context;

    (void)err;
    outcome->ended++;
    outcome->status  = status;
    outcome->channel = channel;
}

void channel_nodes_begin(channel_nodes_t *n, const ockam_secure_channel_options_t *options, outcome_t *outcome)
{
    *outcome = (outcome_t){0};
    assert_ok(ockam_secure_channel_start(n->node[ALICE], n->identity[ALICE], OCKAM_ROUTE("to_bob", "listener"),
                                         options != NULL ? options : &n->trusting, channel_nodes_on_outcome, outcome,
                                         NULL));
    link_settle(&n->link);
}

ockam_secure_channel_t *channel_nodes_open(channel_nodes_t *n)
{
    outcome_t outcome;

    channel_nodes_begin(n, NULL, &outcome);
    link_run(&n->link);
    assert_int_equal(outcome.ended, 1);
    assert_ok(outcome.status);
    assert_ok(ockam_flow_allow(n->node[ALICE], ockam_secure_channel_flow(outcome.channel), "sink", NULL));
    return outcome.channel;
}

ockam_status_t channel_nodes_send(channel_nodes_t *n, unsigned from, const ockam_route_t *route, uint32_t number)
{
    return ockam_send(n->node[from], route, ockam_slice((const uint8_t *)&number, sizeof(number)), NULL);
}

void channel_nodes_say(channel_nodes_t *n, const ockam_secure_channel_t *channel, uint32_t number)
{
    assert_ok(channel_nodes_send(n, ALICE, OCKAM_ROUTE(ockam_secure_channel_address(channel), "sink"), number));
}

ockam_status_t channel_nodes_answer(channel_nodes_t *n, uint32_t number)
{
    ockam_route_t   route = {0};
    ockam_address_t channel;

    assert_ok(ockam_route_first(&n->sink[BOB].back, &channel, NULL));
    assert_ok(ockam_route_append(&route, channel, NULL));
    assert_ok(ockam_route_append(&route, ockam_address_local("sink"), NULL));
    return channel_nodes_send(n, BOB, &route, number);
}

static bool no_handshake_left(void *context)
{
    return ockam_node_counters((ockam_node_t *)context)->handshakes == 0;
}

void channel_nodes_wait_for_timeouts(channel_nodes_t *n, unsigned node)
{
    assert_ok(ockam_node_wait(n->node[node], no_handshake_left, n->node[node], 20000, NULL));
}
