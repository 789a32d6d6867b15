/* SPDX-License-Identifier: Apache-2.0
 *
 * target.c - "tcp#host:port" at the front of a route: one connection for each, opened when it is first needed, and
 * reused; and the blocking call that opens a new one. Protocol: docs/protocol/transports.md, "TCP". */
#include <stdio.h>

#include "tcp_internal.h"

#define BUCKETS (sizeof(((ockam_tcp_t *)NULL)->targets) / sizeof(ockam_tcp_target_t *))

/** A blocking call that waits for a connection; on the caller's stack. */
typedef struct waiter {
    struct waiter         *next;
    bool                   done;
    ockam_status_t         status;
    ockam_error_t          err;
    ockam_tcp_connection_t connection;
} waiter_t;

/** A peer by name: connected, or being connected. */
struct ockam_tcp_target {
    ockam_tcp_target_t *next;
    ockam_tcp_t        *tcp;
    ockam_tcp_conn_t   *conn;     /* NULL: being connected */
    ockam_tcp_queue_t   messages; /* that wait for it */
    waiter_t           *waiters;
    char                key[OCKAM_HOSTPORT_TEXT_MAX];
};

static ockam_tcp_target_t **target_slot(ockam_tcp_t *tcp, const char *key)
{
    uint32_t             hash = 2166136261u;
    ockam_tcp_target_t **slot;

    for (const char *p = key; *p != '\0'; p++)
        hash = (hash ^ (uint8_t)*p) * 16777619u;
    slot = &tcp->targets[hash % BUCKETS];
    while (*slot != NULL && strcmp((*slot)->key, key) != 0)
        slot = &(*slot)->next;
    return slot;
}

static void target_remove(ockam_tcp_target_t *target)
{
    ockam_tcp_t *tcp = target->tcp;

    *target_slot(tcp, target->key) = target->next;
    ockam_release(ockam_node_allocator(tcp->node), target, sizeof(*target));
}

void ockam_tcp_target_leave(ockam_tcp_conn_t *conn)
{
    if (conn->target != NULL)
        target_remove(conn->target);
    conn->target = NULL;
}

static void waiter_done(waiter_t *w, const ockam_tcp_conn_t *conn, const ockam_error_t *err)
{
    w->done   = true;
    w->status = conn != NULL ? OCKAM_OK : err->status;
    if (conn == NULL) {
        w->err = *err;
        return;
    }
    memcpy(w->connection.address, conn->address, sizeof(w->connection.address));
    memcpy(w->connection.peer, conn->peer, sizeof(w->connection.peer));
    w->connection.flow = conn->flow;
}

static bool waiter_is_done(void *context)
{
    return ((const waiter_t *)context)->done;
}

/* ---- messages --------------------------------------------------------------------------------------------------- */

/* Put the connection's address where "tcp#host:port" stands, let answers come back, send on. */
static void send_through(ockam_tcp_conn_t *conn, ockam_box_t *source, ockam_message_t *m)
{
    ockam_node_t   *node = conn->tcp->node;
    ockam_error_t   err  = {0};
    ockam_address_t back;

    ockam_route_drop_first(&m->onward_route);
    if (ockam_route_prepend(&m->onward_route, ockam_address_local(conn->address), &err) != OCKAM_OK) {
        ockam_node_event(node, OCKAM_LEVEL_WARN, "tcp.message.dropped", &err, "message to %s", conn->peer);
        ockam_tcp_drop(conn->tcp, m, source, &ockam_node_counters(node)->dropped_limit);
        return;
    }
    if (ockam_route_first(&m->return_route, &back, NULL) == OCKAM_OK && back.type == OCKAM_LOCAL &&
        ockam_node_allow_answers(node, &m->onward_route, back, &err) != OCKAM_OK)
        ockam_node_event(node, OCKAM_LEVEL_WARN, "tcp.answers.denied", &err, "answers of %s", conn->peer);
    if (ockam_node_route(node, source, m, &err) != OCKAM_OK)
        ockam_node_event(node, OCKAM_LEVEL_WARN, "tcp.message.dropped", &err, "message to %s", conn->peer);
}

static void target_connected(void *context, ockam_tcp_conn_t *conn, const ockam_error_t *err)
{
    ockam_tcp_target_t *target   = (ockam_tcp_target_t *)context;
    ockam_tcp_t        *tcp      = target->tcp;
    ockam_directory_t  *d        = ockam_node_directory(tcp->node);
    ockam_tcp_queue_t   messages = target->messages;
    ockam_tcp_item_t   *item;

    target->messages = (ockam_tcp_queue_t){0};
    for (waiter_t *w = target->waiters, *next; w != NULL; w = next) {
        next = w->next;
        waiter_done(w, conn, err);
    }
    target->waiters = NULL;
    if (conn != NULL) {
        target->conn = conn;
        conn->target = target;
    } else {
        if (messages.first != NULL)
            ockam_node_event(tcp->node, OCKAM_LEVEL_WARN, "tcp.connect.failed", err, "messages to %s are dropped",
                             target->key);
        target_remove(target);
    }
    while ((item = ockam_tcp_queue_pop(&messages)) != NULL) {
        ockam_message_t *m      = item->message;
        ockam_box_t     *source = item->source;
        item->message           = NULL;
        item->source            = NULL;
        ockam_tcp_item_free(tcp, item);
        if (conn != NULL)
            send_through(conn, source, m);
        else
            ockam_tcp_drop(tcp, m, source, &ockam_node_counters(tcp->node)->dropped_unknown);
        ockam_box_unref(d, source);
    }
}

/* The target of "host:port", being connected if it is new. `*out` stays NULL, with OCKAM_OK, if connecting failed at
 * once: then whoever waits has been told. */
static ockam_status_t target_get(ockam_tcp_t *tcp, ockam_slice_t text, waiter_t *waiter, ockam_tcp_item_t *item,
                                 ockam_tcp_target_t **out, ockam_error_t *err)
{
    ockam_hostport_t    to = {0};
    char                key[OCKAM_HOSTPORT_TEXT_MAX];
    ockam_tcp_target_t *target;
    ockam_status_t      s;
    bool                is_new = false;

    OCKAM_TRY(err, ockam_hostport_parse(text, &to, err), "tcp address");
    (void)ockam_hostport_text(&to, key, sizeof(key));
    if ((target = *target_slot(tcp, key)) == NULL) {
        is_new = true;
        target = (ockam_tcp_target_t *)ockam_alloc(ockam_node_allocator(tcp->node), sizeof(*target));
        if (target == NULL)
            return ockam_fail(err, OCKAM_NO_MEMORY, "connecting");
        target->tcp = tcp;
        memcpy(target->key, key, sizeof(key));
        *target_slot(tcp, key) = target;
    }
    if (target->conn != NULL) {
        *out = target;
        return OCKAM_OK;
    }
    if (waiter != NULL) {
        waiter->next    = target->waiters;
        target->waiters = waiter;
    }
    if (item != NULL)
        ockam_tcp_queue_push(&target->messages, item);
    if (is_new && (s = ockam_tcp_connector_start(tcp, &to, target_connected, target, err)) != OCKAM_OK) {
        ockam_error_t why = {0};
        (void)ockam_fail(&why, s, "%.80s", key);
        target_connected(target, NULL, &why);
    }
    return OCKAM_OK;
}

void ockam_tcp_deliver(ockam_transport_t *transport, ockam_box_t *source, ockam_message_t *m)
{
    ockam_tcp_t        *tcp    = (ockam_tcp_t *)(void *)transport;
    ockam_tcp_target_t *target = NULL;
    ockam_tcp_item_t   *item   = ockam_tcp_item_new(tcp, m);
    ockam_error_t       err    = {0};
    ockam_address_t     first;
    ockam_status_t      s;

    if (item == NULL) {
        (void)ockam_fail(&err, OCKAM_NO_MEMORY, "message");
        ockam_node_event(tcp->node, OCKAM_LEVEL_WARN, "tcp.message.dropped", &err, "tcp");
        ockam_tcp_drop(tcp, m, source, &ockam_node_counters(tcp->node)->dropped_limit);
        return;
    }
    if (source != NULL)
        source->refs++;
    item->source = source;
    if ((s = ockam_route_first(&m->onward_route, &first, &err)) == OCKAM_OK)
        s = target_get(tcp, first.value, NULL, item, &target, &err);
    if (s == OCKAM_OK && target == NULL)
        return; /* it waits */
    item->message = NULL;
    if (s == OCKAM_OK) {
        send_through(target->conn, source, m);
    } else {
        ockam_node_event(tcp->node, OCKAM_LEVEL_WARN, "tcp.message.dropped", &err, "message to a TCP address");
        ockam_tcp_drop(tcp, m, source, &ockam_node_counters(tcp->node)->dropped_unknown);
    }
    ockam_tcp_item_free(tcp, item);
}

/* ---- blocking calls --------------------------------------------------------------------------------------------- */

static ockam_status_t waiter_result(const waiter_t *w, ockam_error_t *err)
{
    if (w->status != OCKAM_OK && err != NULL)
        *err = w->err;
    return w->status;
}

ockam_status_t ockam_tcp_connect_for(ockam_transport_t *transport, ockam_address_t address, char out[33],
                                     ockam_error_t *err)
{
    ockam_tcp_t        *tcp    = (ockam_tcp_t *)(void *)transport;
    ockam_tcp_target_t *target = NULL;
    waiter_t            waiter = {0};
    ockam_status_t      s;

    if (ockam_node_is_busy(tcp->node))
        return ockam_fail(err, OCKAM_WRONG_STATE, "connecting inside a handler");
    OCKAM_TRY(err, target_get(tcp, address.value, &waiter, NULL, &target, err), "tcp");
    if (target != NULL) {
        memcpy(out, target->conn->address, sizeof(target->conn->address));
        return OCKAM_OK;
    }
    s = ockam_node_wait(tcp->node, waiter_is_done, &waiter, tcp->connect_timeout_ms + OCKAM_STOP_TIMEOUT_MS, err);
    if (!waiter.done) { /* the waiter goes, the attempt stays for others */
        for (size_t i = 0; i < BUCKETS; i++)
            for (ockam_tcp_target_t *t = tcp->targets[i]; t != NULL; t = t->next)
                for (waiter_t **w = &t->waiters; *w != NULL; w = &(*w)->next)
                    if (*w == &waiter) {
                        *w = waiter.next;
                        return s;
                    }
        return s;
    }
    OCKAM_TRY(err, waiter_result(&waiter, err), "connect");
    memcpy(out, waiter.connection.address, sizeof(waiter.connection.address));
    return OCKAM_OK;
}

static void waiter_connected(void *context, ockam_tcp_conn_t *conn, const ockam_error_t *err)
{
    waiter_done((waiter_t *)context, conn, err);
}

ockam_status_t ockam_tcp_connect(ockam_node_t *node, const char *address, ockam_tcp_connection_t *out,
                                 ockam_error_t *err)
{
    ockam_tcp_t     *tcp    = ockam_tcp_of(node);
    ockam_hostport_t to     = {0};
    waiter_t         waiter = {0};
    ockam_status_t   s;

    if (tcp == NULL)
        return ockam_fail(err, OCKAM_WRONG_STATE, "TCP is not started");
    if (ockam_node_is_busy(node))
        return ockam_fail(err, OCKAM_WRONG_STATE, "connecting inside a handler");
    if (ockam_hostport_parse(ockam_slice_text(address), &to, NULL) != OCKAM_OK)
        return ockam_fail(err, OCKAM_INVALID, "%.64s is not host:port", address);
    OCKAM_TRY(err, ockam_tcp_connector_start(tcp, &to, waiter_connected, &waiter, err), "connect");
    s = ockam_node_wait(node, waiter_is_done, &waiter, tcp->connect_timeout_ms + OCKAM_STOP_TIMEOUT_MS, err);
    if (!waiter.done) {
        ockam_tcp_connector_cancel(tcp, &waiter);
        return s;
    }
    OCKAM_TRY(err, waiter_result(&waiter, err), "connect");
    if (out != NULL)
        *out = waiter.connection;
    return OCKAM_OK;
}
