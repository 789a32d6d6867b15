/* SPDX-License-Identifier: Apache-2.0
 *
 * link.c - a worker on each node: it keeps what it is sent, and is the producer of what the other end sends. */
#include <stdlib.h>

#include "link.h"
#include "test.h"

#include "node/runtime.h"

static packet_t packet_of(const ockam_route_t *onward_route, const ockam_route_t *return_route, const uint8_t *bytes,
                          size_t len)
{
    packet_t packet = {.len = len};

    ockam_route_copy(&packet.onward_route, onward_route);
    ockam_route_copy(&packet.return_route, return_route);
    packet.bytes = (uint8_t *)malloc(len > 0 ? len : 1);
    assert_non_null(packet.bytes);
    if (len > 0)
        memcpy(packet.bytes, bytes, len);
    return packet;
}

packet_t packet_copy(const packet_t *packet)
{
    return packet_of(&packet->onward_route, &packet->return_route, packet->bytes, packet->len);
}

void packet_free(packet_t *packet)
{
    free(packet->bytes);
    packet->bytes = NULL;
}

static ockam_status_t end_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    link_end_t *end = (link_end_t *)ockam_worker_context(worker);

    (void)err;
    if (end->count == end->cap) {
        end->cap  = end->cap * 2 + 16;
        end->sent = (packet_t *)realloc(end->sent, end->cap * sizeof(*end->sent));
        assert_non_null(end->sent);
    }
    end->sent[end->count] = packet_of(&message->onward_route, &message->return_route, message->payload,
                                      message->payload_len);
    ockam_route_drop_first(&end->sent[end->count].onward_route);
    end->count++;
    return OCKAM_OK;
}

static void end_start(link_end_t *end, ockam_node_t *node, const char *name)
{
    static const ockam_worker_ops_t ops = {.name = "link", .handle = end_handle};

    *end = (link_end_t){.node = node};
    assert_ok(ockam_worker_start(node, name, &ops, &(ockam_worker_options_t){.context = end}, &end->worker, NULL));
    end->flow                                  = ockam_directory_flow_new(ockam_node_directory(node));
    ockam_worker_box(end->worker, 0)->producer = end->flow;
    ockam_worker_box(end->worker, 0)->reaches  = end->flow;
}

void link_start(link_t *link, ockam_node_t *a, const char *name_a, ockam_node_t *b, const char *name_b)
{
    end_start(&link->end[0], a, name_a);
    end_start(&link->end[1], b, name_b);
}

void link_end(link_t *link)
{
    for (unsigned i = 0; i < 2; i++) {
        for (size_t k = 0; k < link->end[i].count; k++)
            packet_free(&link->end[i].sent[k]);
        free(link->end[i].sent);
        link->end[i].sent  = NULL;
        link->end[i].count = link->end[i].cap = 0;
    }
}

void link_settle(const link_t *link)
{
    ockam_node_flush(link->end[0].node);
    ockam_node_flush(link->end[1].node);
}

packet_t link_take(link_t *link, unsigned from, size_t index)
{
    link_end_t *end = &link->end[from];
    packet_t    packet;

    assert_true(index < end->count);
    packet = end->sent[index];
    end->count--;
    memmove(&end->sent[index], &end->sent[index + 1], (end->count - index) * sizeof(packet));
    return packet;
}

ockam_status_t link_put_bytes(link_t *link, unsigned from, const packet_t *packet, const uint8_t *bytes, size_t len)
{
    const link_end_t *to  = &link->end[1 - from];
    ockam_box_t      *box = ockam_worker_box(to->worker, 0);
    ockam_message_t  *m   = ockam_message_new(to->node, ockam_worker_account(to->worker));
    ockam_status_t    s;

    assert_non_null(m);
    assert_ok(ockam_message_reserve(m, len, NULL));
    if (len > 0)
        memcpy(m->payload, bytes, len);
    ockam_route_copy(&m->onward_route, &packet->onward_route);
    ockam_route_copy(&m->return_route, &packet->return_route);
    assert_ok(ockam_route_prepend(&m->return_route, ockam_box_address(box), NULL));
    m->from_network = true;
    s               = ockam_node_route(to->node, box, m, NULL);
    ockam_node_flush(to->node);
    return s;
}

ockam_status_t link_put(link_t *link, unsigned from, const packet_t *packet)
{
    return link_put_bytes(link, from, packet, packet->bytes, packet->len);
}

void link_run(link_t *link)
{
    link_settle(link);
    while (link->end[0].count + link->end[1].count > 0)
        for (unsigned from = 0; from < 2; from++)
            if (link->end[from].count > 0) {
                packet_t packet = link_take(link, from, 0);
                ockam_ignore(link_put(link, from, &packet));
                packet_free(&packet);
            }
}
