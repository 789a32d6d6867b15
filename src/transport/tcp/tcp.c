/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp.c - the TCP transport of a node: its options, its public calls, its items, its end. */
#include <signal.h>
#include <stdio.h>

#include "tcp_internal.h"

#define ITEMS_KEPT 4096u

ockam_tcp_t *ockam_tcp_of(const ockam_node_t *node)
{
    return (ockam_tcp_t *)(void *)ockam_node_transport(node, OCKAM_TCP);
}

ockam_status_t ockam_tcp_fail(ockam_error_t *err, int uv_status, const char *what)
{
    /* libuv gives negated error numbers, and numbers of its own below -3000 for what has none: names not found */
    if (uv_status > -3000)
        return ockam_fail_os(err, -uv_status, "%s", what);
    return ockam_fail(err, OCKAM_IO, "%s: %s", what, uv_strerror(uv_status));
}

void ockam_tcp_address_text(const struct sockaddr_storage *address, char *text, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "";

    (void)snprintf(text, size, "?");
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
        if (uv_ip4_name(in, host, sizeof(host)) == 0)
            (void)snprintf(text, size, "%s:%u", host, (unsigned)ntohs(in->sin_port));
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
        if (uv_ip6_name(in6, host, sizeof(host)) == 0)
            (void)snprintf(text, size, "[%s]:%u", host, (unsigned)ntohs(in6->sin6_port));
    }
}

void ockam_tcp_drop(ockam_tcp_t *tcp, ockam_message_t *message, const ockam_box_t *at, uint64_t *counter)
{
    ++*counter;
    ockam_node_observe(tcp->node, OCKAM_SEEN_DROPPED, at, message);
    ockam_message_free(message);
}

/* ---- items ------------------------------------------------------------------------------------------------------ */

ockam_tcp_item_t *ockam_tcp_item_new(ockam_tcp_t *tcp, ockam_message_t *message)
{
    ockam_tcp_item_t *item = tcp->items;

    if (item != NULL) {
        tcp->items = item->next;
        tcp->item_count--;
    } else {
        item = (ockam_tcp_item_t *)ockam_alloc(ockam_node_allocator(tcp->node), sizeof(*item));
        if (item == NULL)
            return NULL;
        ockam_node_counters(tcp->node)->allocations++;
    }
    item->next    = NULL;
    item->message = message;
    item->extra   = NULL;
    item->source  = NULL;
    item->first   = 0;
    item->count   = 0;
    return item;
}

void ockam_tcp_item_free(ockam_tcp_t *tcp, ockam_tcp_item_t *item)
{
    if (item->message != NULL)
        ockam_message_free(item->message);
    ockam_block_unref(item->extra);
    ockam_box_unref(ockam_node_directory(tcp->node), item->source);
    if (tcp->item_count < ITEMS_KEPT && !tcp->closed) {
        item->next = tcp->items;
        tcp->items = item;
        tcp->item_count++;
        return;
    }
    ockam_release(ockam_node_allocator(tcp->node), item, sizeof(*item));
}

void ockam_tcp_queue_push(ockam_tcp_queue_t *queue, ockam_tcp_item_t *item)
{
    if (queue->last != NULL)
        queue->last->next = item;
    else
        queue->first = item;
    queue->last = item;
}

ockam_tcp_item_t *ockam_tcp_queue_pop(ockam_tcp_queue_t *queue)
{
    ockam_tcp_item_t *item = queue->first;

    if (item == NULL)
        return NULL;
    queue->first = item->next;
    if (queue->first == NULL)
        queue->last = NULL;
    item->next = NULL;
    return item;
}

/* ---- the transport ---------------------------------------------------------------------------------------------- */

void ockam_tcp_unref(ockam_tcp_t *tcp)
{
    if (--tcp->refs == 0)
        ockam_release(ockam_node_allocator(tcp->node), tcp, sizeof(*tcp));
}

static bool is_drained(ockam_transport_t *transport)
{
    const ockam_tcp_t *tcp = (const ockam_tcp_t *)(const void *)transport;

    for (const ockam_tcp_conn_t *c = tcp->conns; c != NULL; c = c->next)
        if (c->state != OCKAM_TCP_CLOSED && (c->out.first != NULL || c->state == OCKAM_TCP_FINISHING))
            return false;
    return tcp->connectors == NULL; /* with messages that wait for them */
}

static void on_sweep_closed(uv_handle_t *handle)
{
    ockam_tcp_unref((ockam_tcp_t *)handle->data);
}

static void transport_close(ockam_transport_t *transport)
{
    ockam_tcp_t *tcp = (ockam_tcp_t *)(void *)transport;

    if (tcp->closed)
        return;
    tcp->closed = true;
    ockam_tcp_acceptors_close(tcp);
    ockam_tcp_connectors_close(tcp);
    for (ockam_tcp_conn_t *c = tcp->conns; c != NULL; c = c->next)
        ockam_tcp_conn_close(c); /* it stays in the list until the loop lets go of it */
    while (tcp->items != NULL) {
        ockam_tcp_item_t *item = tcp->items;
        tcp->items             = item->next;
        ockam_release(ockam_node_allocator(tcp->node), item, sizeof(*item));
    }
    uv_close((uv_handle_t *)&tcp->sweep, on_sweep_closed);
}

static void transport_free(ockam_transport_t *transport)
{
    ockam_tcp_unref((ockam_tcp_t *)(void *)transport);
}

/* Writing to a connection that the peer has reset must be an error of that connection, not the end of the process. A
 * program that handles the signal itself keeps its handler. */
static void ignore_sigpipe(void)
{
    struct sigaction present = {0};

    if (sigaction(SIGPIPE, NULL, &present) == 0 && (present.sa_flags & SA_SIGINFO) == 0 &&
        present.sa_handler == SIG_DFL) {
        present.sa_handler = SIG_IGN;
        (void)sigaction(SIGPIPE, &present, NULL);
    }
}

ockam_status_t ockam_tcp_start(ockam_node_t *node, const ockam_tcp_options_t *options, ockam_error_t *err)
{
    const ockam_tcp_options_t  defaults = {0};
    const ockam_tcp_options_t *o        = options != NULL ? options : &defaults;
    ockam_tcp_t               *tcp;
    ockam_status_t             s;
    int                        r;

    if (ockam_node_transport(node, OCKAM_TCP) != NULL)
        return ockam_fail(err, OCKAM_EXISTS, "TCP was started on this node before");
    tcp = (ockam_tcp_t *)ockam_alloc(ockam_node_allocator(node), sizeof(*tcp));
    if (tcp == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "TCP transport");
    tcp->transport = (ockam_transport_t){
        .type           = OCKAM_TCP,
        .name           = "tcp",
        .deliver        = ockam_tcp_deliver,
        .connect        = ockam_tcp_connect_for,
        .is_drained     = is_drained,
        .close          = transport_close,
        .free           = transport_free,
        .connect_onward = o->connect_onward,
    };
    tcp->node               = node;
    tcp->refs               = 1;
    tcp->connect_timeout_ms = o->connect_timeout_ms != 0 ? o->connect_timeout_ms : OCKAM_TCP_CONNECT_TIMEOUT_MS;
    tcp->connections_max    = o->connections_max != 0 ? o->connections_max : OCKAM_TCP_CONNECTIONS_MAX;
    tcp->hello_timeout_ms   = OCKAM_TCP_HELLO_TIMEOUT_MS;
    tcp->frame_timeout_ms   = OCKAM_TCP_FRAME_TIMEOUT_MS;
    tcp->finish_timeout_ms  = OCKAM_TCP_FRAME_TIMEOUT_MS;
    tcp->sweep_ms           = 1000;
    if ((r = uv_timer_init(ockam_node_loop(node), &tcp->sweep)) != 0) {
        ockam_tcp_unref(tcp);
        return ockam_tcp_fail(err, r, "TCP timer");
    }
    ockam_tcp_sweep_init(tcp);
    tcp->refs++; /* the timer */
    if ((s = ockam_node_add_transport(node, &tcp->transport, err)) != OCKAM_OK) {
        transport_close(&tcp->transport);
        ockam_tcp_unref(tcp);
        return s;
    }
    ignore_sigpipe();
    return OCKAM_OK;
}

ockam_status_t ockam_tcp_disconnect(ockam_node_t *node, const char *address, ockam_error_t *err)
{
    ockam_tcp_t *tcp = ockam_tcp_of(node);

    for (ockam_tcp_conn_t *c = tcp != NULL ? tcp->conns : NULL; c != NULL; c = c->next)
        if (c->state == OCKAM_TCP_OPEN && strcmp(c->address, address) == 0) {
            ockam_tcp_conn_finish(c);
            return OCKAM_OK;
        }
    return ockam_fail(err, OCKAM_NOT_FOUND, "no TCP connection at %.40s", address);
}
