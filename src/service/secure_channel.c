/* SPDX-License-Identifier: Apache-2.0
 *
 * secure_channel.c - the life of a channel's two ends and of listeners.
 * Protocol: docs/protocol/secure-channels.md, "Routes of a channel"; docs/protocol/nodes.md, "Flow control". */
#include "service/secure_channel_internal.h"

static void channel_release(ockam_secure_channel_t *channel);

static void channels_free(void *state)
{
    ockam_channels_t        *channels  = (ockam_channels_t *)state;
    const ockam_allocator_t *allocator = ockam_node_allocator(channels->node);

    while (channels->first != NULL) /* handles that their owner did not close */
        channel_release(channels->first);
    ockam_verified_cache_free(channels->cache);
    ockam_release(allocator, channels, sizeof(*channels));
}

ockam_channels_t *ockam_channels_of(ockam_node_t *node)
{
    ockam_channels_t *channels = (ockam_channels_t *)ockam_node_state(node, OCKAM_STATE_CHANNELS);

    if (channels != NULL)
        return channels;
    if ((channels = (ockam_channels_t *)ockam_alloc(ockam_node_allocator(node), sizeof(*channels))) == NULL)
        return NULL;
    channels->node = node;
    if (ockam_verified_cache_new(ockam_node_allocator(node), OCKAM_VERIFIED_CACHE_ENTRIES, &channels->cache, NULL) !=
        OCKAM_OK)
        channels->cache = NULL; /* slower, not wrong */
    ockam_node_set_state(node, OCKAM_STATE_CHANNELS, channels, channels_free);
    return channels;
}

static ockam_status_t channel_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    ockam_secure_channel_t *channel = (ockam_secure_channel_t *)ockam_worker_context(worker);
    const uint8_t           box     = message->destination->index;

    if (!channel->open) {
        if (box == BOX_REMOTE)
            return ockam_channel_handshake(channel, message, err);
        return ockam_fail(err, OCKAM_WRONG_STATE, "the channel is not open yet");
    }
    ockam_node_take_message(channel->node, message);
    return box == BOX_CHANNEL ? ockam_channel_seal(channel, message, err) : ockam_channel_open(channel, message, err);
}

static void channel_release(ockam_secure_channel_t *channel)
{
    const ockam_allocator_t *allocator = ockam_node_allocator(channel->node);

    if (channel->prev != NULL)
        channel->prev->next = channel->next;
    else
        channel->channels->first = channel->next;
    if (channel->next != NULL)
        channel->next->prev = channel->prev;
    if (channel->remote != NULL)
        ockam_release(allocator, channel->remote, sizeof(*channel->remote) + channel->remote->len);
    ockam_release(allocator, channel, sizeof(*channel));
}

static void channel_shutdown(ockam_worker_t *worker)
{
    ockam_secure_channel_t *channel = (ockam_secure_channel_t *)ockam_worker_context(worker);

    ockam_channel_attempt_free(channel);
    ockam_directory_flow_end(ockam_node_directory(channel->node), channel->flow);
    ockam_sealer_free(channel->sealer);
    ockam_opener_free(channel->opener);
    channel->sealer = NULL;
    channel->opener = NULL;
    channel->worker = NULL;
    if (channel->open)
        ockam_node_counters(channel->node)->channels--;
    channel->open = false;
    if (!channel->held)
        channel_release(channel);
}

static const ockam_worker_ops_t channel_ops = {
    .name = "secure channel", .handle = channel_handle, .shutdown = channel_shutdown};

static void on_timeout(void *context)
{
    ockam_secure_channel_t *channel = (ockam_secure_channel_t *)context;
    ockam_error_t           err     = {0};

    (void)ockam_fail(&err, OCKAM_TIMEOUT, "waiting for a handshake message of the peer");
    ockam_channel_fail(channel, OCKAM_TIMEOUT, &err);
}

static ockam_status_t start_worker(ockam_secure_channel_t *channel, const channel_setup_t *setup, ockam_error_t *err)
{
    const ockam_mailbox_t        more[2] = {{.incoming = OCKAM_DENY_ALL}, {.outgoing = {0}}};
    const ockam_worker_options_t options = {.context = channel, .more = more, .more_count = 2};
    ockam_box_t                 *internal;
    ockam_address_t              address;

    OCKAM_TRY(err, ockam_worker_start(channel->node, NULL, &channel_ops, &options, &channel->worker, err), "worker");
    if ((channel->flow = ockam_directory_flow_new(ockam_node_directory(channel->node))) == 0)
        return ockam_fail(err, OCKAM_NO_MEMORY, "flow");
    internal                                                = ockam_worker_box(channel->worker, BOX_INTERNAL);
    internal->producer                                      = channel->flow;
    internal->spawner                                       = setup->listener != NULL ? setup->listener->flow : 0;
    ockam_worker_box(channel->worker, BOX_CHANNEL)->reaches = channel->flow;
    address                                                 = ockam_worker_address(channel->worker, BOX_CHANNEL);
    memcpy(channel->address, address.value.ptr, 32);
    return OCKAM_OK;
}

static ockam_status_t start_attempt(ockam_secure_channel_t *channel, const channel_setup_t *setup, ockam_error_t *err)
{
    const ockam_secure_channel_options_t *o         = setup->options;
    const ockam_handshake_options_t       options   = {.role         = setup->role,
                                                       .key_exchange = o->key_exchange,
                                                       .vault        = ockam_node_vault(channel->node),
                                                       .identity     = setup->identity,
                                                       .trust        = o->trust,
                                                       .store        = ockam_node_store(channel->node),
                                                       .authority    = o->authority,
                                                       .credential   = o->credential,
                                                       .cache        = channel->channels->cache};
    const ockam_allocator_t              *allocator = ockam_node_allocator(channel->node);
    attempt_t                            *attempt   = (attempt_t *)ockam_alloc(allocator, sizeof(*attempt));

    if (attempt == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "handshake");
    channel->attempt  = attempt;
    channel->identity = ockam_identity_ref(setup->identity);
    attempt->done     = setup->done;
    attempt->context  = setup->context;
    if (setup->listener != NULL) {
        attempt->listener = setup->listener;
        attempt->listener->refs++;
        attempt->listener->pending++;
    }
    ockam_node_counters(channel->node)->handshakes++;
    ockam_buf_init(&attempt->out, allocator, OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    OCKAM_TRY(err, ockam_handshake_new(&options, &attempt->handshake, err), "handshake");
    OCKAM_TRY(err, ockam_handshake_start(attempt->handshake, ockam_node_now_s(channel->node), &attempt->out, err),
              "handshake");
    return ockam_timer_start(channel->node, o->timeout_ms != 0 ? o->timeout_ms : OCKAM_HANDSHAKE_TIMEOUT_MS, 0,
                             on_timeout, channel, &attempt->timer, err);
}

ockam_status_t ockam_channel_new(ockam_node_t *node, const channel_setup_t *setup, ockam_secure_channel_t **out,
                                 ockam_error_t *err)
{
    ockam_channels_t       *channels = ockam_channels_of(node);
    ockam_metrics_t        *counters = ockam_node_counters(node);
    ockam_secure_channel_t *channel;
    ockam_status_t          s;

    if (counters->channels + counters->handshakes >= ockam_node_channels_max(node))
        return ockam_fail(err, OCKAM_LIMIT, "%zu channels of this node", ockam_node_channels_max(node));
    if (channels == NULL ||
        (channel = (ockam_secure_channel_t *)ockam_alloc(ockam_node_allocator(node), sizeof(*channel))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "channel");
    channel->channels    = channels;
    channel->node        = node;
    channel->role        = setup->role;
    channel->authority   = setup->options->authority;
    channel->fixed_route = setup->options->fixed_route;
    channel->next        = channels->first;
    if (channels->first != NULL)
        channels->first->prev = channel;
    channels->first = channel;
    if ((s = start_worker(channel, setup, err)) == OCKAM_OK)
        s = start_attempt(channel, setup, err);
    if (s != OCKAM_OK) {
        if (channel->worker != NULL)
            ockam_worker_stop(channel->worker); /* frees it */
        else
            channel_release(channel);
        return s;
    }
    *out = channel;
    return OCKAM_OK;
}

/* ---- initiator --------------------------------------------------------------------------------------------------- */

static ockam_status_t start(ockam_node_t *node, ockam_identity_t *identity, const ockam_route_t *route,
                            const ockam_secure_channel_options_t *options, ockam_secure_channel_fn done, void *context,
                            ockam_secure_channel_t **out, ockam_error_t *err)
{
    const channel_setup_t setup = {
        .role = OCKAM_INITIATOR, .identity = identity, .options = options, .done = done, .context = context};
    ockam_secure_channel_t *channel = NULL;
    ockam_status_t          s;

    OCKAM_TRY(err, ockam_route_check(route, err), "route");
    if (ockam_route_is_empty(route))
        return ockam_fail(err, OCKAM_INVALID, "the route is empty: it ends with the address of a listener");
    if (identity == NULL || options == NULL)
        return ockam_fail(err, OCKAM_INVALID, "an identity and a trust policy are required");
    OCKAM_TRY(err, ockam_channel_new(node, &setup, &channel, err), "channel");
    channel->held = true;
    if ((s = ockam_node_allow_answers(node, route, ockam_worker_address(channel->worker, BOX_REMOTE), err)) == OCKAM_OK)
        s = ockam_channel_send_handshake(channel, route, err);
    if (s != OCKAM_OK) {
        channel->held = false;
        ockam_worker_stop(channel->worker);
        return s;
    }
    *out = channel;
    return OCKAM_OK;
}

ockam_status_t ockam_secure_channel_start(ockam_node_t *node, ockam_identity_t *identity, const ockam_route_t *route,
                                          const ockam_secure_channel_options_t *options, ockam_secure_channel_fn done,
                                          void *context, ockam_error_t *err)
{
    ockam_secure_channel_t *channel = NULL;

    return start(node, identity, route, options, done, context, &channel, err);
}

typedef struct {
    bool                    ended;
    ockam_status_t          status;
    ockam_secure_channel_t *channel;
    ockam_error_t           err;
} outcome_t;

static void on_outcome(void *context, ockam_status_t status, ockam_secure_channel_t *channel, const ockam_error_t *err)
{
    outcome_t *outcome = (outcome_t *)context;

    outcome->ended   = true;
    outcome->status  = status;
    outcome->channel = channel;
    if (err != NULL)
        outcome->err = *err;
}

static bool has_ended(void *context)
{
    return ((const outcome_t *)context)->ended;
}

ockam_status_t ockam_secure_channel_create(ockam_node_t *node, ockam_identity_t *identity, const ockam_route_t *route,
                                           const ockam_secure_channel_options_t *options, ockam_secure_channel_t **out,
                                           ockam_error_t *err)
{
    outcome_t               outcome = {0};
    ockam_secure_channel_t *channel = NULL;
    ockam_route_t           local;
    ockam_status_t          s;

    if (ockam_node_is_busy(node))
        return ockam_fail(err, OCKAM_WRONG_STATE, "a blocking call inside a handler");
    OCKAM_TRY(err, ockam_route_check(route, err), "route");
    ockam_route_copy(&local, route);
    if (!ockam_route_is_empty(&local))
        OCKAM_TRY(err, ockam_node_connect_first(node, &local, err), "connect");
    OCKAM_TRY(err, start(node, identity, &local, options, on_outcome, &outcome, &channel, err), "start");
    s = ockam_node_wait(node, has_ended, &outcome, UINT32_MAX, err); /* the handshake's own timer ends it */
    if (s != OCKAM_OK && !outcome.ended) {                           /* the node was told to stop */
        channel->attempt->done = NULL;
        channel->held          = false;
        ockam_worker_stop(channel->worker);
        return s;
    }
    if (outcome.status != OCKAM_OK) {
        if (err != NULL)
            *err = outcome.err;
        return ockam_error_wrap(err, outcome.status, __func__, "secure channel");
    }
    *out = outcome.channel;
    return OCKAM_OK;
}

const char *ockam_secure_channel_address(const ockam_secure_channel_t *channel)
{
    return channel->address;
}

const ockam_identifier_t *ockam_secure_channel_peer(const ockam_secure_channel_t *channel)
{
    return &channel->peer;
}

ockam_flow_id_t ockam_secure_channel_flow(const ockam_secure_channel_t *channel)
{
    return channel->flow;
}

bool ockam_secure_channel_is_open(const ockam_secure_channel_t *channel)
{
    return channel->open;
}

void ockam_secure_channel_close(ockam_secure_channel_t *channel)
{
    ockam_node_t *node;

    if (channel == NULL)
        return;
    node = channel->node;
    if (channel->worker == NULL) { /* the peer was first */
        channel_release(channel);
        return;
    }
    if (channel->open && !channel->peer_closed)
        ockam_channel_send_close(channel);
    channel->held = false;
    ockam_worker_stop(channel->worker);
    ockam_node_flush(node); /* the node may be freed next */
}

/* ---- listener ---------------------------------------------------------------------------------------------------- */

void ockam_channel_listener_unref(channel_listener_t *listener)
{
    if (--listener->refs > 0)
        return;
    ockam_identity_free(listener->identity);
    ockam_release(ockam_node_allocator(listener->node), listener, sizeof(*listener));
}

static ockam_status_t listener_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    channel_listener_t   *listener = (channel_listener_t *)ockam_worker_context(worker);
    ockam_node_t         *node     = listener->node;
    const channel_setup_t setup    = {
           .role = OCKAM_RESPONDER, .identity = listener->identity, .options = &listener->options, .listener = listener};
    ockam_secure_channel_t *channel = NULL;
    ockam_address_t         remote;
    ockam_status_t          s;

    s = listener->pending >= OCKAM_HANDSHAKES_PENDING_MAX
            ? ockam_fail(err, OCKAM_LIMIT, "%u handshakes in progress", OCKAM_HANDSHAKES_PENDING_MAX)
            : ockam_channel_new(node, &setup, &channel, err);
    if (s == OCKAM_LIMIT)
        ockam_node_counters(node)->dropped_limit++;
    if (s != OCKAM_OK)
        return ockam_error_wrap(err, s, __func__, "responder");
    remote = ockam_worker_address(channel->worker, BOX_REMOTE);
    if ((s = ockam_directory_allow_same(ockam_node_directory(node), ockam_worker_address(worker, 0), remote, err)) !=
        OCKAM_OK) {
        ockam_worker_stop(channel->worker);
        return s;
    }
    ockam_node_take_message(node, message);
    ockam_route_drop_first(&message->onward_route);
    if ((s = ockam_route_prepend(&message->onward_route, remote, err)) != OCKAM_OK) {
        ockam_message_free(message);
        ockam_worker_stop(channel->worker);
        return s;
    }
    return ockam_node_route(node, ockam_worker_box(worker, 0), message, err);
}

static void listener_shutdown(ockam_worker_t *worker)
{
    channel_listener_t *listener = (channel_listener_t *)ockam_worker_context(worker);

    ockam_directory_flow_end(ockam_node_directory(listener->node), listener->flow);
    ockam_channel_listener_unref(listener);
}

ockam_status_t ockam_secure_channel_listen(ockam_node_t *node, ockam_identity_t *identity, const char *address,
                                           const ockam_secure_channel_options_t *options,
                                           ockam_secure_channel_listener_t *out, ockam_error_t *err)
{
    static const ockam_worker_ops_t ops = {
        .name = "secure channel listener", .handle = listener_handle, .shutdown = listener_shutdown};
    const ockam_allocator_t *allocator = ockam_node_allocator(node);
    channel_listener_t      *listener;
    ockam_status_t           s;

    if (identity == NULL || options == NULL || options->trust.kind == OCKAM_TRUST_UNSET)
        return ockam_fail(err, OCKAM_INVALID, "an identity and a trust policy are required");
    if ((listener = (channel_listener_t *)ockam_alloc(allocator, sizeof(*listener))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "listener");
    listener->node    = node;
    listener->refs    = 1;
    listener->options = *options;
    listener->flow    = ockam_directory_flow_new(ockam_node_directory(node));
    s                 = listener->flow == 0
                            ? ockam_fail(err, OCKAM_NO_MEMORY, "flow")
                            : ockam_worker_start(node, address, &ops, &(ockam_worker_options_t){.context = listener}, NULL, err);
    if (s != OCKAM_OK) {
        ockam_directory_flow_end(ockam_node_directory(node), listener->flow);
        ockam_release(allocator, listener, sizeof(*listener));
        return s;
    }
    listener->identity = ockam_identity_ref(identity);
    if (out != NULL)
        out->flow = listener->flow;
    return OCKAM_OK;
}
