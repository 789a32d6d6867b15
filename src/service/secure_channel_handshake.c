/* SPDX-License-Identifier: Apache-2.0
 *
 * secure_channel_handshake.c - carry a handshake's messages until there are keys, or time is up. How many messages there
 * are is the key exchange's business. Protocol: docs/protocol/secure-channels.md, "Handshake messages". */
#include "service/secure_channel_internal.h"

void ockam_channel_attempt_free(ockam_secure_channel_t *channel)
{
    attempt_t *attempt = channel->attempt;

    if (attempt == NULL)
        return;
    channel->attempt = NULL;
    ockam_node_counters(channel->node)->handshakes--;
    if (attempt->listener != NULL) {
        attempt->listener->pending--;
        ockam_channel_listener_unref(attempt->listener);
    }
    ockam_timer_stop(attempt->timer);
    ockam_handshake_free(attempt->handshake);
    ockam_buf_deinit(&attempt->out);
    while (attempt->early != NULL) {
        ockam_message_t *m = attempt->early;
        attempt->early     = m->next;
        ockam_message_free(m);
    }
    ockam_release(ockam_node_allocator(channel->node), attempt, sizeof(*attempt));
    ockam_identity_free(channel->identity);
    channel->identity = NULL;
}

void ockam_channel_fail(ockam_secure_channel_t *channel, ockam_status_t status, const ockam_error_t *err)
{
    const ockam_secure_channel_fn done    = channel->attempt->done;
    void *const                   context = channel->attempt->context;
    ockam_error_t                 why     = {0};

    if (err != NULL)
        why = *err;
    channel->attempt->done = NULL;
    ockam_node_event(channel->node, OCKAM_LEVEL_WARN, "channel.handshake.failed", &why, "%s",
                     channel->role == OCKAM_INITIATOR ? "as initiator" : "as responder");
    channel->held = false;
    ockam_worker_stop(channel->worker);
    if (done != NULL)
        done(context, status, NULL, &why);
}

ockam_status_t ockam_channel_send_handshake(ockam_secure_channel_t *channel, const ockam_route_t *route,
                                            ockam_error_t *err)
{
    ockam_node_t    *node = channel->node;
    ockam_buf_t     *out  = &channel->attempt->out;
    ockam_message_t *m    = ockam_message_new(node, ockam_worker_account(channel->worker));
    ockam_status_t   s;

    if (m == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "handshake message");
    if ((s = ockam_message_reserve(m, out->len, err)) != OCKAM_OK ||
        (s = ockam_route_prepend(&m->return_route, ockam_worker_address(channel->worker, BOX_REMOTE), err)) !=
            OCKAM_OK) {
        ockam_message_free(m);
        return s;
    }
    memcpy(m->payload, out->ptr, out->len);
    ockam_buf_truncate(out, 0);
    ockam_route_copy(&m->onward_route, route);
    return ockam_node_route(node, ockam_worker_box(channel->worker, BOX_REMOTE), m, err);
}

/* Keep what came before the decision; most likely it is sealed with the keys that are ready. */
static void keep_early(ockam_secure_channel_t *channel, ockam_message_t *m)
{
    attempt_t *attempt = channel->attempt;

    if (attempt->early_count == OCKAM_CHANNEL_EARLY_MAX) {
        ockam_node_counters(channel->node)->dropped_limit++;
        return;
    }
    ockam_node_take_message(channel->node, m);
    m->next = NULL;
    if (attempt->early == NULL)
        attempt->early = m;
    else
        *attempt->early_tail = m;
    attempt->early_tail = &m->next;
    attempt->early_count++;
}

/* The channel is open: it takes up what was kept, each message in a turn of its own. */
static void deliver_early(ockam_secure_channel_t *channel)
{
    attempt_t *attempt = channel->attempt;

    while (attempt->early != NULL) {
        ockam_message_t *m      = attempt->early;
        ockam_box_t     *source = m->source;
        attempt->early          = m->next;
        if (source != NULL)
            source->refs++; /* routing drops the message's own reference first */
        ockam_ignore(ockam_node_route(channel->node, source, m, NULL));
        ockam_box_unref(ockam_node_directory(channel->node), source);
    }
}

ockam_status_t ockam_channel_advance(ockam_secure_channel_t *channel, ockam_error_t *err)
{
    attempt_t              *attempt = channel->attempt;
    ockam_secure_channel_fn done    = attempt->done;
    void                   *context = attempt->context;
    ockam_box_t            *box     = ockam_worker_box(channel->worker, BOX_CHANNEL);
    ockam_route_t           remote;

    if (attempt->out.len > 0) {
        ockam_channel_get_remote(channel, &remote);
        OCKAM_TRY(err, ockam_channel_send_handshake(channel, &remote, err), "answer");
    }
    if (!ockam_handshake_is_ready(attempt->handshake))
        return OCKAM_OK;
    channel->peer = *ockam_handshake_peer(attempt->handshake);
    OCKAM_TRY(err, ockam_handshake_take_keys(attempt->handshake, &channel->sealer, &channel->opener, err), "keys");
    channel->open = true;
    box->has_peer = true;
    box->peer     = channel->peer;
    ockam_node_counters(channel->node)->channels++;
    deliver_early(channel);
    ockam_channel_attempt_free(channel);
    if (done != NULL)
        done(context, OCKAM_OK, channel, NULL);
    return OCKAM_OK;
}

ockam_status_t ockam_channel_handshake(ockam_secure_channel_t *channel, ockam_message_t *m, ockam_error_t *err)
{
    attempt_t     *attempt = channel->attempt;
    ockam_error_t  why     = {0};
    ockam_status_t s;

    if (ockam_handshake_state(attempt->handshake) == OCKAM_HANDSHAKE_UNDECIDED) {
        keep_early(channel, m);
        return OCKAM_OK;
    }
    s = ockam_handshake_receive(attempt->handshake, ockam_message_payload(m), ockam_node_now_s(channel->node),
                                &attempt->out, &why);
    if (s != OCKAM_OK && s != OCKAM_PENDING) {
        const bool began = channel->role == OCKAM_INITIATOR || channel->remote != NULL;
        const bool waits = ockam_handshake_state(attempt->handshake) == OCKAM_HANDSHAKE_WAITING;
        if (waits)
            ockam_node_counters(channel->node)->dropped_malformed++;
        /* Forged, cut or out of order: the genuine message may still come. Not if it is the one that a responder was made
           for: nobody else knows its address, so junk must not keep it until time is up. */
        if (waits && began) {
            ockam_node_event(channel->node, OCKAM_LEVEL_WARN, "channel.handshake.ignored", &why, "handshake message");
            return OCKAM_OK;
        }
        ockam_channel_fail(channel, s, &why);
        return OCKAM_OK;
    }
    /* A responder answers where the first message came from, an initiator where the second did; later ones move nothing. */
    if (channel->remote == NULL && (s = ockam_channel_set_remote(channel, &m->return_route, err)) != OCKAM_OK) {
        ockam_channel_fail(channel, s, err);
        return OCKAM_OK;
    }
    if (ockam_handshake_state(attempt->handshake) == OCKAM_HANDSHAKE_UNDECIDED)
        return OCKAM_OK; /* ockam_secure_channel_decide() goes on */
    if ((s = ockam_channel_advance(channel, &why)) != OCKAM_OK && channel->attempt != NULL)
        ockam_channel_fail(channel, s, &why);
    return OCKAM_OK;
}

size_t ockam_secure_channel_decide(ockam_node_t *node, const ockam_identifier_t *peer, bool trusted)
{
    ockam_channels_t *channels = ockam_channels_of(node);
    size_t            resumed  = 0;

    for (ockam_secure_channel_t *c = channels != NULL ? channels->first : NULL; c != NULL;) {
        ockam_error_t  err = {0};
        ockam_status_t s;
        if (c->attempt == NULL || ockam_handshake_state(c->attempt->handshake) != OCKAM_HANDSHAKE_UNDECIDED ||
            memcmp(ockam_handshake_peer(c->attempt->handshake)->bytes, peer->bytes, sizeof(peer->bytes)) != 0) {
            c = c->next;
            continue;
        }
        resumed++;
        s = ockam_handshake_resume(c->attempt->handshake, trusted, ockam_node_now_s(node), &c->attempt->out, &err);
        if (s == OCKAM_OK)
            s = ockam_channel_advance(c, &err);
        if (s != OCKAM_OK && c->attempt != NULL)
            ockam_channel_fail(c, s, &err);
        c = channels->first; /* the owner was told, and may have closed any channel */
    }
    return resumed;
}
