/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_node_deliver.c - a peer that sends any message to any worker: routes and payloads from the input, through a producer.
 * Must reach: ockam_node_route(), ockam_node_dispatch(), ockam_worker_forward(), ockam_worker_return(), uppercase_handle(),
 * listener_handle(), ockam_channel_handshake(), ockam_channel_seal(), ockam_channel_open(). Inputs that begin a message
 * with bit 6 of its flags are sealed for the open channel, so that what is behind the seal is reached.
 *
 * The input is a list of messages: a byte of flags (0-1: how many times it is sent less one, 2-4: length of the return
 * route, 5: behind the seal the payload gets the head and tail of a PAYLOAD with these routes, 6: sealed, 7: from the other producer), a byte with
 * the number of onward addresses, one byte for each address of both routes (below ADDRESSES: one of the workers), a byte of
 * payload length, the payload. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "node/node_internal.h"
#include "ockam/ockam.h"
#include "service/secure_channel_internal.h"
#include "wire/padded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORKERS 12u

static ockam_node_t           *node;
static ockam_identity_t       *identity;
static ockam_secure_channel_t *channel;
static ockam_worker_t         *producers[2];
static ockam_flow_id_t         listener_flow;

static void must(ockam_status_t s)
{
    assert(s == OCKAM_OK);
    (void)s;
}

static ockam_status_t ignore(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    (void)worker;
    (void)message;
    (void)err;
    return OCKAM_OK;
}

static const ockam_secure_channel_options_t *trusting(void)
{
    static ockam_secure_channel_options_t options;

    options.trust      = OCKAM_TRUST_EVERYONE;
    options.timeout_ms = 1;
    return &options;
}

/* A fresh channel when the input before has closed an end of it. */
static void open_channel(void)
{
    ockam_route_t   remote;
    ockam_address_t last;

    if (channel != NULL && node->metrics.channels == 2)
        return;
    ockam_secure_channel_close(channel);
    channel = NULL;
    assert(node->metrics.channels == 0);
    must(ockam_secure_channel_create(node, identity, OCKAM_ROUTE("l"),
                                     &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &channel, NULL));
    must(ockam_flow_allow(node, ockam_secure_channel_flow(channel), "e", NULL));
    ockam_channel_get_remote(channel, &remote); /* the producers reach the other end as a connection would */
    must(ockam_route_last(&remote, &last, NULL));
    for (size_t i = 0; i < 2; i++)
        must(ockam_flow_allow_address(node, ockam_worker_box(producers[i], 0)->producer, last, NULL));
}

static void start(void)
{
    static const ockam_worker_ops_t ops     = {.name = "producer", .handle = ignore};
    static const char *const        open[5] = {"e", "h", "g", "u", "l"};

    must(ockam_node_new(NULL, &node, NULL));
    must(ockam_node_create_identity(node, &identity, NULL));
    must(ockam_echo_start(node, "e", NULL));
    must(ockam_hop_start(node, "h", NULL));
    must(ockam_hop_start(node, "g", NULL));
    must(ockam_uppercase_start(node, "u", NULL));
    must(ockam_echo_start(node, "shut", NULL));
    {
        ockam_secure_channel_listener_t listener;
        must(ockam_secure_channel_listen(node, identity, "l", trusting(), &listener, NULL));
        listener_flow = listener.flow;
    }
    for (size_t i = 0; i < 2; i++) {
        ockam_flow_id_t flow;
        must(ockam_worker_start(node, i == 0 ? "p" : "q", &ops, NULL, &producers[i], NULL));
        flow                                        = ockam_directory_flow_new(ockam_node_directory(node));
        ockam_worker_box(producers[i], 0)->producer = flow;
        ockam_worker_box(producers[i], 0)->reaches  = flow;
        for (size_t k = 0; k < sizeof(open) / sizeof(*open); k++)
            must(ockam_flow_allow(node, flow, open[k], NULL));
    }
    must(ockam_flow_allow(node, listener_flow, "e", NULL));
    must(ockam_flow_allow(node, listener_flow, "l", NULL));
}

static void append_address(ockam_route_t *route, uint8_t which)
{
    static const char *const names[WORKERS] = {"e", "h", "g", "u", "l", "shut", "p", "q", "app", "nobody", "", ""};
    static const uint8_t     host[]         = "127.0.0.1:1";
    ockam_route_t            remote;

    if (which == 10) {
        ockam_ignore(ockam_route_append(route, ockam_address_local(ockam_secure_channel_address(channel)), NULL));
    } else if (which == 11) {
        ockam_channel_get_remote(channel, &remote);
        ockam_ignore(ockam_route_append_route(route, &remote, NULL));
    } else if (which < WORKERS) {
        ockam_ignore(ockam_route_append(route, ockam_address_local(names[which]), NULL));
    } else {
        ockam_ignore(
            ockam_route_append(route, (ockam_address_t){which, ockam_slice(host, which % sizeof(host))}, NULL));
    }
}

static uint8_t next(const uint8_t **data, size_t *size)
{
    if (*size == 0)
        return 0;
    --*size;
    return *(*data)++;
}

static void inject(uint8_t flags, const ockam_route_t *onward, const ockam_route_t *back, const uint8_t *payload,
                   size_t len)
{
    ockam_worker_t  *producer = producers[flags >> 7];
    ockam_message_t *m        = ockam_message_new(node, ockam_worker_account(producer));

    assert(m != NULL);
    must(ockam_message_reserve(m, len, NULL));
    if (len > 0)
        memcpy(m->payload, payload, len);
    ockam_route_copy(&m->onward_route, onward);
    ockam_route_copy(&m->return_route, back);
    ockam_ignore(ockam_route_prepend(&m->return_route, ockam_worker_address(producer, 0), NULL));
    m->from_network = true;
    ockam_ignore(ockam_node_route(node, ockam_worker_box(producer, 0), m, NULL));
}

/* The payload behind a genuine seal: the routes are inside, too, if the input says so. */
static void inject_sealed(uint8_t flags, const ockam_route_t *onward, const ockam_route_t *back, const uint8_t *payload,
                          size_t len)
{
    static uint8_t bytes[OCKAM_SEAL_HEAD_BYTES + OCKAM_WIRE_PADDED_HEAD_MAX + 256 + 1 + OCKAM_SEAL_TAIL_BYTES];
    uint8_t       *text = bytes + OCKAM_SEAL_HEAD_BYTES, *p = text;
    ockam_route_t  remote, none                             = {0};

    if (channel->sealer == NULL)
        return;
    if ((flags & 0x20) != 0)
        p = ockam_wire_padded_put_head(p, onward, back, len);
    if (len > 0)
        memcpy(p, payload, len);
    p += len;
    if ((flags & 0x20) != 0)
        p = ockam_wire_padded_put_tail(p);
    must(ockam_sealer_seal(channel->sealer, text, (size_t)(p - text), NULL));
    ockam_channel_get_remote(channel, &remote);
    inject(flags, &remote, &none, bytes, (size_t)(p - bytes) + OCKAM_SEAL_TAIL_BYTES);
}

static bool no_handshake_left(void *context)
{
    (void)context;
    return node->metrics.handshakes == 0;
}

/* Echo workers on both sides of a channel may throw a message to each other for ever, if somebody they trust wants that.
 * Then a turn has not been enough, and closing the channel ends it. */
static void settle(void)
{
    ockam_message_t *m;

    ockam_node_flush(node);
    if (node->ready.head != NULL) {
        ockam_secure_channel_close(channel);
        channel = NULL;
        ockam_node_flush(node);
        assert(node->ready.head == NULL);
        open_channel();
    }
    while ((m = ockam_queue_pop(&node->inbox)) != NULL)
        ockam_message_free(m);
}

static void read_and_send(const uint8_t **data, size_t *size)
{
    const uint8_t flags  = next(data, size);
    const uint8_t count  = next(data, size);
    ockam_route_t onward = {0}, back = {0};
    size_t        len;

    for (unsigned i = 0; i<count && * size> 0; i++)
        append_address(&onward, next(data, size));
    for (unsigned i = 0; i < (flags >> 2 & 7u) && *size > 0; i++)
        append_address(&back, next(data, size));
    len = next(data, size);
    if (len > *size)
        len = *size;
    for (unsigned i = 0; i <= (flags & 3u); i++) {
        if ((flags & 0x40) != 0)
            inject_sealed(flags, &onward, &back, *data, len);
        else
            inject(flags, &onward, &back, *data, len);
    }
    *data += len;
    *size -= len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (node == NULL)
        start();
    open_channel();
    while (size > 0) {
        read_and_send(&data, &size);
        settle();
    }
    must(ockam_node_wait(node, no_handshake_left, NULL, 60000, NULL));
    settle();
    for (size_t i = 0; i < 2; i++)
        assert(ockam_worker_account(producers[i])->bytes == 0);
    return 0;
}
