/* SPDX-License-Identifier: Apache-2.0
 *
 * secure_channel_data.c - messages into a channel and out of it, sealed and opened where they lie.
 * Protocol: docs/protocol/secure-channels.md, "Data messages", "Routes of a channel", "Close and refresh". */
#include "service/secure_channel_internal.h"
#include "wire/padded.h"

ockam_status_t ockam_channel_set_remote(ockam_secure_channel_t *channel, const ockam_route_t *route, ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_node_allocator(channel->node);
    const size_t             len       = (size_t)(route->end - route->start);
    short_route_t           *remote    = (short_route_t *)ockam_alloc(allocator, sizeof(*remote) + len);

    if (remote == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "route");
    remote->len   = (uint16_t)len;
    remote->count = route->count;
    memcpy(remote->bytes, route->bytes + route->start, len);
    if (channel->remote != NULL)
        ockam_release(allocator, channel->remote, sizeof(*remote) + channel->remote->len);
    channel->remote = remote;
    return OCKAM_OK;
}

void ockam_channel_get_remote(const ockam_secure_channel_t *channel, ockam_route_t *out)
{
    const short_route_t *remote = channel->remote;

    out->start  = (uint16_t)((OCKAM_ROUTE_BYTES_MAX - remote->len) / 2);
    out->end    = (uint16_t)(out->start + remote->len);
    out->count  = remote->count;
    out->failed = 0;
    memcpy(out->bytes + out->start, remote->bytes, remote->len);
}

/* Seal the plaintext of `len` bytes at `text`, inside the message's own room, and send it to the peer. */
static ockam_status_t seal_and_send(ockam_secure_channel_t *channel, ockam_message_t *m, uint8_t *text, size_t len,
                                    ockam_error_t *err)
{
    ockam_node_t        *node = channel->node;
    const ockam_status_t s    = ockam_sealer_seal(channel->sealer, text, len, err);

    if (s != OCKAM_OK) {
        ockam_message_free(m);
        ockam_worker_stop(channel->worker);
        return ockam_error_wrap(err, s, __func__, "seal");
    }
    m->payload     = text - OCKAM_SEAL_HEAD_BYTES;
    m->payload_len = OCKAM_SEAL_HEAD_BYTES + len + OCKAM_SEAL_TAIL_BYTES;
    m->has_peer    = false;
    ockam_channel_get_remote(channel, &m->onward_route);
    m->return_route.start = m->return_route.end = m->return_route.count = 0; /* data travels without one */
    return ockam_node_route(node, ockam_worker_box(channel->worker, BOX_CHANNEL), m, err);
}

ockam_status_t ockam_channel_seal(ockam_secure_channel_t *channel, ockam_message_t *m, ockam_error_t *err)
{
    size_t         head;
    uint8_t       *text;
    ockam_status_t s;

    ockam_route_drop_first(&m->onward_route);
    head = ockam_wire_padded_head_size(&m->onward_route, &m->return_route, m->payload_len);
    s = ockam_message_room(m, head + OCKAM_SEAL_HEAD_BYTES, OCKAM_WIRE_PADDED_TAIL_BYTES + OCKAM_SEAL_TAIL_BYTES, err);
    if (s != OCKAM_OK) {
        ockam_message_free(m);
        return ockam_error_wrap(err, s, __func__, "seal");
    }
    text = ockam_wire_padded_put_head_before(m->payload, &m->onward_route, &m->return_route, m->payload_len);
    (void)ockam_wire_padded_put_tail(m->payload + m->payload_len);
    return seal_and_send(channel, m, text, head + m->payload_len + OCKAM_WIRE_PADDED_TAIL_BYTES, err);
}

void ockam_channel_send_close(ockam_secure_channel_t *channel)
{
    ockam_node_t    *node = channel->node;
    ockam_message_t *m    = ockam_message_new(node, ockam_worker_account(channel->worker));

    if (m == NULL)
        return;
    if (ockam_message_reserve(m, OCKAM_WIRE_PADDED_CLOSE_BYTES, NULL) != OCKAM_OK) {
        ockam_message_free(m);
        return;
    }
    memcpy(m->payload, ockam_wire_padded_close, OCKAM_WIRE_PADDED_CLOSE_BYTES);
    if (ockam_sealer_seal(channel->sealer, m->payload, OCKAM_WIRE_PADDED_CLOSE_BYTES, NULL) != OCKAM_OK) {
        ockam_message_free(m);
        return;
    }
    m->payload -= OCKAM_SEAL_HEAD_BYTES;
    m->payload_len = OCKAM_SEAL_HEAD_BYTES + OCKAM_WIRE_PADDED_CLOSE_BYTES + OCKAM_SEAL_TAIL_BYTES;
    ockam_channel_get_remote(channel, &m->onward_route);
    if (ockam_route_prepend(&m->return_route, ockam_address_local(channel->address), NULL) != OCKAM_OK) {
        ockam_message_free(m);
        return;
    }
    ockam_ignore(ockam_node_route(node, ockam_worker_box(channel->worker, BOX_CHANNEL), m, NULL));
}

/* The peer may come by another way: a newer message moves the route, except the address at its end, which is the peer's. */
static ockam_status_t follow(ockam_secure_channel_t *channel, const ockam_route_t *came_by, uint64_t nonce,
                             ockam_error_t *err)
{
    ockam_route_t   now, moved;
    ockam_address_t last;

    if (channel->role != OCKAM_RESPONDER || channel->fixed_route || nonce <= channel->route_nonce)
        return OCKAM_OK;
    channel->route_nonce = nonce;
    ockam_channel_get_remote(channel, &now);
    OCKAM_TRY(err, ockam_route_last(&now, &last, err), "route");
    ockam_route_copy(&moved, came_by);
    OCKAM_TRY(err, ockam_route_append(&moved, last, err), "route");
    return ockam_route_equal(&now, &moved) ? OCKAM_OK : ockam_channel_set_remote(channel, &moved, err);
}

static ockam_status_t refresh(ockam_secure_channel_t *channel, const ockam_wire_padded_t *padded, ockam_error_t *err)
{
    const ockam_refresh_options_t options = {.vault     = ockam_node_vault(channel->node),
                                             .store     = ockam_node_store(channel->node),
                                             .peer      = &channel->peer,
                                             .authority = channel->authority};

    return ockam_refresh_verify(&options, padded->change_history, padded->credentials, padded->credential_count,
                                ockam_node_now_s(channel->node), NULL, err);
}

ockam_status_t ockam_channel_open(ockam_secure_channel_t *channel, ockam_message_t *m, ockam_error_t *err)
{
    ockam_node_t       *node = channel->node;
    ockam_route_t       came_by;
    ockam_wire_padded_t padded;
    uint8_t            *text = NULL;
    size_t              len  = 0;
    uint64_t            nonce;
    ockam_status_t      s;

    if ((s = ockam_opener_open(channel->opener, m->payload, m->payload_len, &text, &len, err)) != OCKAM_OK)
        goto refused;
    nonce = ockam_sealed_nonce(m->payload);
    ockam_route_copy(&came_by, &m->return_route);
    s = ockam_wire_padded_decode(ockam_slice(text, len), &padded, &m->onward_route, &m->return_route, err);
    if (s != OCKAM_OK)
        goto refused;
    if (padded.kind == OCKAM_PADDED_CLOSE) {
        channel->peer_closed = true;
        ockam_message_free(m);
        ockam_node_event(node, OCKAM_LEVEL_INFO, "channel.closed", NULL, "the peer closed %s", channel->address);
        ockam_worker_stop(channel->worker);
        return OCKAM_OK;
    }
    if (padded.kind == OCKAM_PADDED_REFRESH_CREDENTIALS) {
        s = refresh(channel, &padded, err);
        ockam_message_free(m);
        return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "new credentials");
    }
    if ((s = follow(channel, &came_by, nonce, err)) != OCKAM_OK ||
        (s = ockam_route_prepend(&m->return_route, ockam_address_local(channel->address), err)) != OCKAM_OK)
        goto refused;
    m->payload      = text + (padded.payload.ptr - text);
    m->payload_len  = padded.payload.len;
    m->from_network = true;
    m->has_peer     = true;
    m->peer         = channel->peer;
    s               = ockam_node_route(node, ockam_worker_box(channel->worker, BOX_INTERNAL), m, err);
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "delivery");
refused:
    ockam_node_counters(node)->dropped_malformed++;
    ockam_message_free(m);
    return ockam_error_wrap(err, s, __func__, "message from the peer");
}
