/* SPDX-License-Identifier: Apache-2.0
 *
 * connection.c - the life of one TCP connection: made, opened, finished, closed; and its limits of time. */
#include <stdio.h>

#include "tcp_internal.h"

static ockam_status_t worker_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    ockam_tcp_conn_t *c = (ockam_tcp_conn_t *)ockam_worker_context(worker);

    (void)err;
    ockam_node_take_message(c->tcp->node, message);
    ockam_route_drop_first(&message->onward_route);
    ockam_tcp_send(c, message);
    return OCKAM_OK;
}

static void conn_unref(ockam_tcp_conn_t *c)
{
    ockam_tcp_t *tcp = c->tcp;

    if (--c->refs > 0)
        return;
    ockam_release(ockam_node_allocator(tcp->node), c, sizeof(*c));
    ockam_tcp_unref(tcp);
}

static void worker_shutdown(ockam_worker_t *worker)
{
    ockam_tcp_conn_t *c = (ockam_tcp_conn_t *)ockam_worker_context(worker);

    c->worker = NULL;
    ockam_tcp_conn_finish(c); /* does nothing if it is the connection that ends its worker */
    conn_unref(c);
}

static const ockam_worker_ops_t worker_ops = {
    .name     = "tcp",
    .handle   = worker_handle,
    .shutdown = worker_shutdown,
};

ockam_status_t ockam_tcp_conn_new(ockam_tcp_t *tcp, ockam_tcp_conn_t **out, ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_node_allocator(tcp->node);
    ockam_tcp_conn_t        *c;
    int                      r;

    if (tcp->connection_count >= tcp->connections_max)
        return ockam_fail(err, OCKAM_LIMIT, "%zu TCP connections", tcp->connections_max);
    if ((c = (ockam_tcp_conn_t *)ockam_alloc(allocator, sizeof(*c))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "TCP connection");
    if ((r = uv_tcp_init(ockam_node_loop(tcp->node), &c->handle)) != 0) {
        ockam_release(allocator, c, sizeof(*c));
        return ockam_tcp_fail(err, r, "socket");
    }
    c->tcp                = tcp;
    c->refs               = 1; /* the handle's */
    c->state              = OCKAM_TCP_NEW;
    c->handle.data        = c;
    c->parse_task         = (ockam_task_t){.run = ockam_tcp_receive_continue, .owner = c};
    c->flush_task         = (ockam_task_t){.run = ockam_tcp_flush, .owner = c};
    c->write_request.data = c;
    c->next               = tcp->conns;
    if (tcp->conns != NULL)
        tcp->conns->prev = c;
    tcp->conns = c;
    tcp->connection_count++;
    tcp->refs++;
    *out = c;
    return OCKAM_OK;
}

/* What kept the connection waiting has left the node. May only note it. */
static void on_account_low(void *owner)
{
    ockam_tcp_conn_t *c = (ockam_tcp_conn_t *)owner;

    if (c->state == OCKAM_TCP_OPEN)
        ockam_node_defer(c->tcp->node, &c->parse_task, false);
}

static ockam_status_t start_worker(ockam_tcp_conn_t *c, ockam_flow_id_t spawner, ockam_error_t *err)
{
    const ockam_mailbox_t        receiver = {.incoming = OCKAM_DENY_ALL};
    const ockam_worker_options_t options  = {
         .context = c, .outgoing = OCKAM_DENY_ALL, .more = &receiver, .more_count = 1};
    ockam_worker_t *worker = NULL;
    ockam_address_t address;

    OCKAM_TRY(err, ockam_worker_start(c->tcp->node, NULL, &worker_ops, &options, &worker, err), "connection");
    c->refs++; /* the worker's, until its shutdown */
    c->worker                             = worker;
    ockam_worker_box(worker, 0)->reaches  = c->flow;
    ockam_worker_box(worker, 1)->producer = c->flow;
    ockam_worker_box(worker, 1)->spawner  = spawner;
    address                               = ockam_worker_address(worker, 0);
    (void)snprintf(c->address, sizeof(c->address), "%.*s", (int)address.value.len, (const char *)address.value.ptr);
    return OCKAM_OK;
}

ockam_status_t ockam_tcp_conn_open(ockam_tcp_conn_t *c, ockam_flow_id_t spawner, ockam_error_t *err)
{
    ockam_tcp_t            *tcp  = c->tcp;
    struct sockaddr_storage peer = {0};
    int                     len  = (int)sizeof(peer);

    (void)uv_tcp_getpeername(&c->handle, (struct sockaddr *)&peer, &len); /* else "?" */
    ockam_tcp_address_text(&peer, c->peer, sizeof(c->peer));
    (void)uv_tcp_nodelay(&c->handle, 1); /* both only tune */
    if (spawner == 0)
        (void)uv_tcp_keepalive(&c->handle, 1, OCKAM_TCP_KEEPALIVE_S);
    c->account = ockam_account_new(ockam_node_allocator(tcp->node), on_account_low, c);
    c->flow    = ockam_directory_flow_new(ockam_node_directory(tcp->node));
    if (c->account == NULL || c->flow == 0)
        return ockam_fail(err, OCKAM_NO_MEMORY, "TCP connection");
    OCKAM_TRY(err, start_worker(c, spawner, err), "tcp");
    OCKAM_TRY(err, ockam_tcp_send_hello(c, err), "tcp");
    OCKAM_TRY(err, ockam_tcp_receive_start(c, err), "tcp");
    c->state             = OCKAM_TCP_OPEN;
    c->hello_deadline_ms = ockam_tcp_deadline(tcp, tcp->hello_timeout_ms);
    ockam_node_counters(tcp->node)->connections++;
    ockam_tcp_sweep_start(tcp);
    ockam_tcp_flush(c); /* the version byte goes out at once */
    if (c->state != OCKAM_TCP_OPEN)
        return ockam_fail(err, OCKAM_IO, "%s: closed at once", c->peer);
    return OCKAM_OK;
}

static void stop_worker(ockam_tcp_conn_t *c)
{
    ockam_worker_t *worker = c->worker;

    c->worker = NULL;
    if (worker != NULL)
        ockam_worker_stop(worker);
}

void ockam_tcp_conn_finish(ockam_tcp_conn_t *c)
{
    ockam_tcp_t *tcp = c->tcp;

    if (c->state != OCKAM_TCP_OPEN)
        return;
    c->state              = OCKAM_TCP_FINISHING;
    c->finish_deadline_ms = ockam_tcp_deadline(tcp, tcp->finish_timeout_ms);
    ockam_tcp_target_leave(c);
    ockam_node_cancel(tcp->node, &c->parse_task);
    if (!c->eof && !c->reading &&
        ockam_tcp_receive_start(c, NULL) != OCKAM_OK) { /* to see the peer close in its turn */
        ockam_tcp_conn_close(c);
        return;
    }
    ockam_tcp_sweep_start(tcp);
    ockam_node_defer(tcp->node, &c->flush_task, true); /* after the answers that this turn still brings */
}

static void on_closed(uv_handle_t *handle)
{
    ockam_tcp_conn_t *c   = (ockam_tcp_conn_t *)handle->data;
    ockam_tcp_t      *tcp = c->tcp;
    ockam_tcp_item_t *item;

    while ((item = ockam_tcp_queue_pop(&c->out)) != NULL) {
        if (item->message != NULL)
            ockam_tcp_drop(tcp, item->message, NULL, &ockam_node_counters(tcp->node)->dropped_stopped);
        item->message = NULL;
        ockam_tcp_item_free(tcp, item);
    }
    ockam_block_unref(c->block);
    c->block = NULL;
    ockam_account_close(c->account);
    c->account = NULL;
    if (c->next != NULL)
        c->next->prev = c->prev;
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        tcp->conns = c->next;
    conn_unref(c);
}

void ockam_tcp_conn_close(ockam_tcp_conn_t *c)
{
    ockam_tcp_t *tcp = c->tcp;

    if (c->state == OCKAM_TCP_CLOSED)
        return;
    if (c->state != OCKAM_TCP_NEW)
        ockam_node_counters(tcp->node)->connections--;
    c->state = OCKAM_TCP_CLOSED;
    stop_worker(c); /* first: no new message can reach us */
    ockam_tcp_target_leave(c);
    ockam_directory_flow_end(ockam_node_directory(tcp->node), c->flow);
    ockam_node_cancel(tcp->node, &c->parse_task);
    ockam_node_cancel(tcp->node, &c->flush_task);
    if (c->account != NULL)
        c->account->on_low = NULL;
    tcp->connection_count--;
    uv_close((uv_handle_t *)&c->handle, on_closed); /* what a write or the kernel still uses is freed there */
}

void ockam_tcp_conn_fail(ockam_tcp_conn_t *c, const char *event, const ockam_error_t *err)
{
    if (c->state == OCKAM_TCP_CLOSED)
        return;
    ockam_node_event(c->tcp->node, OCKAM_LEVEL_WARN, event, err, "connection with %s is closed", c->peer);
    ockam_tcp_conn_close(c);
}

/* ---- limits of time --------------------------------------------------------------------------------------------- */

/* Look at one connection. @return whether it still waits for time to pass. */
static bool sweep_one(ockam_tcp_conn_t *c, uint64_t now)
{
    ockam_error_t err = {0};

    if (c->state == OCKAM_TCP_FINISHING) {
        if (now >= c->finish_deadline_ms)
            ockam_tcp_conn_close(c);
        return c->state == OCKAM_TCP_FINISHING;
    }
    if (c->state != OCKAM_TCP_OPEN)
        return false;
    if (!c->hello && now >= c->hello_deadline_ms) {
        (void)ockam_fail(&err, OCKAM_TIMEOUT, "no version byte");
        ockam_tcp_conn_fail(c, "tcp.hello.timeout", &err);
        return false;
    }
    if (c->frame_deadline_ms != 0 && !c->reading) {
        c->frame_deadline_ms = ockam_tcp_deadline(c->tcp,
                                                  c->tcp->frame_timeout_ms); /* it is us who make the peer wait */
    } else if (c->frame_deadline_ms != 0 && now >= c->frame_deadline_ms) {
        (void)ockam_fail(&err, OCKAM_TIMEOUT, "%zu bytes of a frame", c->fill - c->parsed);
        ockam_tcp_conn_fail(c, "tcp.frame.timeout", &err);
        return false;
    }
    if (c->block != NULL && c->fill == c->parsed && c->block->refs == 1) { /* idle: give the memory to others */
        ockam_block_unref(c->block);
        c->block = NULL;
    }
    return !c->hello || c->frame_deadline_ms != 0 || c->block != NULL;
}

static void on_sweep(uv_timer_t *timer)
{
    ockam_tcp_t *tcp     = (ockam_tcp_t *)timer->data;
    bool         waiting = false;

    tcp->waited_ms += tcp->sweep_ms;
    for (ockam_tcp_conn_t *c = tcp->conns; c != NULL; c = c->next) /* closing one leaves it in the list for now */
        waiting = sweep_one(c, tcp->waited_ms) || waiting;
    if (!waiting)
        (void)uv_timer_stop(timer);
}

void ockam_tcp_sweep_init(ockam_tcp_t *tcp)
{
    tcp->sweep.data = tcp;
    uv_unref((uv_handle_t *)&tcp->sweep);
}

uint64_t ockam_tcp_deadline(const ockam_tcp_t *tcp, uint64_t timeout_ms)
{
    return tcp->waited_ms + timeout_ms + tcp->sweep_ms; /* the running sweep may be over in a moment */
}

void ockam_tcp_sweep_start(ockam_tcp_t *tcp)
{
    if (!tcp->closed && !uv_is_active((const uv_handle_t *)&tcp->sweep))
        (void)uv_timer_start(&tcp->sweep, on_sweep, tcp->sweep_ms, tcp->sweep_ms);
}
