/* SPDX-License-Identifier: Apache-2.0
 *
 * delivery.c - the one place where a message finds its mailbox, and where each access control is asked.
 * Protocol: docs/protocol/nodes.md, "Delivery rules", "Access control", "Flow control". */
#include "node/node_internal.h"

void ockam_node_drop(ockam_node_t *node, ockam_message_t *message, uint64_t *counter)
{
    (*counter)++;
    ockam_node_observe(node, OCKAM_SEEN_DROPPED, message->destination, message);
    ockam_message_free(message);
}

static bool allows(const ockam_access_t *access, const ockam_box_t *source, const ockam_box_t *destination,
                   const ockam_message_t *m)
{
    ockam_delivery_t delivery;

    if (access->allows == NULL)
        return true;
    delivery = (ockam_delivery_t){
        .onward_route = &m->onward_route, .return_route = &m->return_route, .peer = m->has_peer ? &m->peer : NULL};
    if (source != NULL)
        delivery.source = ockam_box_address(source);
    if (destination != NULL)
        delivery.destination = ockam_box_address(destination);
    return access->allows(access->context, &delivery);
}

static ockam_status_t refuse(ockam_node_t *node, ockam_message_t *m, uint64_t *counter, ockam_status_t status,
                             ockam_error_t *err, const char *why)
{
    char text[128];

    (void)ockam_route_text(&m->onward_route, text, sizeof(text));
    ockam_node_drop(node, m, counter);
    return ockam_fail(err, status, "%s: %.70s", why, text);
}

ockam_status_t ockam_node_route(ockam_node_t *node, ockam_box_t *source, ockam_message_t *m, ockam_error_t *err)
{
    ockam_address_t first;
    ockam_found_t   found;

    if (ockam_route_first(&m->onward_route, &first, NULL) != OCKAM_OK)
        return refuse(node, m, &node->metrics.dropped_unknown, OCKAM_INVALID, err, "the onward route is empty");
    if (first.type != OCKAM_LOCAL) {
        ockam_transport_t *transport = ockam_node_transport(node, first.type);
        if (transport == NULL)
            return refuse(node, m, &node->metrics.dropped_unknown, OCKAM_NOT_FOUND, err,
                          "no transport for this address");
        if (m->from_network && !transport->connect_onward)
            return refuse(node, m, &node->metrics.dropped_denied, OCKAM_DENIED, err,
                          "connecting for the network is switched off");
        transport->deliver(transport, source, m);
        return OCKAM_OK;
    }
    found = ockam_directory_find_first(node->directory, &m->onward_route);
    if (found.box == NULL || found.box->worker == NULL)
        return refuse(node, m, &node->metrics.dropped_unknown, OCKAM_NOT_FOUND, err, "no worker at the address");
    if (source != NULL) {
        if (source->producer != 0 && !ockam_found_allows(&found, source->producer) &&
            !ockam_found_allows(&found, source->spawner))
            return refuse(node, m, &node->metrics.dropped_denied, OCKAM_DENIED, err,
                          "flow control: the network may not reach it");
        if (!allows(&source->outgoing, source, found.box, m))
            return refuse(node, m, &node->metrics.dropped_denied, OCKAM_DENIED, err, "outgoing access control");
    }
    ockam_box_unref(node->directory, m->source);
    ockam_box_unref(node->directory, m->destination);
    m->source      = source;
    m->destination = found.box;
    if (source != NULL)
        source->refs++;
    found.box->refs++;
    ockam_queue_push(&node->ready, m);
    return OCKAM_OK;
}

void ockam_node_dispatch(ockam_node_t *node, ockam_message_t *m)
{
    ockam_box_t     *box           = m->destination;
    ockam_worker_t  *worker        = box->worker;
    ockam_message_t *outer         = node->handling;
    ockam_account_t *outer_account = node->handling_account;
    const bool       outer_network = node->handling_from_network;
    ockam_error_t    err;
    ockam_status_t   status;

    ockam_error_clear(&err);
    if (worker != NULL && worker->state == OCKAM_WORKER_STARTING) {
        worker->entered++;
        if (ockam_worker_begin(worker, &err) != OCKAM_OK)
            ockam_worker_stop(worker); /* which empties its boxes */
        ockam_worker_left(worker);     /* it may also have stopped itself */
    }
    worker = box->worker;
    if (worker == NULL || worker->state != OCKAM_WORKER_RUNNING) {
        ockam_node_drop(node, m, &node->metrics.dropped_stopped);
        return;
    }
    if (!allows(&box->incoming, m->source, box, m)) {
        (void)ockam_fail(&err, OCKAM_DENIED, "%s", worker->ops->name);
        ockam_node_event(node, OCKAM_LEVEL_WARN, "access.incoming.denied", &err, "a message was dropped");
        ockam_node_drop(node, m, &node->metrics.dropped_denied);
        return;
    }
    node->metrics.delivered++;
    ockam_node_observe(node, OCKAM_SEEN_DELIVERED, box, m);
    node->handling              = m;
    node->handling_account      = m->account;
    node->handling_from_network = m->from_network;
    m->account->refs++; /* the handler may free the message and still send on its account */
    node->busy++;
    worker->entered++;
    status = worker->ops->handle(worker, m, &err);
    node->busy--;
    if (status != OCKAM_OK)
        ockam_node_event(node, ockam_status_kind(status) == OCKAM_KIND_BUG ? OCKAM_LEVEL_ERROR : OCKAM_LEVEL_WARN,
                         "worker.failed", &err, "%s", worker->ops->name);
    if (node->handling == m) /* nobody took it */
        ockam_message_free(m);
    ockam_account_close_ref(node->handling_account);
    node->handling              = outer;
    node->handling_account      = outer_account;
    node->handling_from_network = outer_network;
    ockam_worker_left(worker);
}

void ockam_node_take_message(ockam_node_t *node, ockam_message_t *message)
{
    if (node->handling == message)
        node->handling = NULL;
}

ockam_account_t *ockam_node_account(ockam_node_t *node, ockam_account_t *own)
{
    return node->handling_account != NULL ? node->handling_account : own;
}

ockam_status_t ockam_node_connect_first(ockam_node_t *node, ockam_route_t *route, ockam_error_t *err)
{
    ockam_address_t    first;
    ockam_transport_t *transport;
    char               local[33];

    OCKAM_TRY(err, ockam_route_first(route, &first, err), "route");
    if (first.type == OCKAM_LOCAL)
        return OCKAM_OK;
    if ((transport = ockam_node_transport(node, first.type)) == NULL)
        return ockam_fail(err, OCKAM_NOT_FOUND, "no transport started for addresses of type %u", (unsigned)first.type);
    OCKAM_TRY(err, transport->connect(transport, first, local, err), transport->name);
    ockam_route_drop_first(route);
    return ockam_route_prepend(route, ockam_address_local(local), err);
}

ockam_status_t ockam_node_allow_answers(ockam_node_t *node, const ockam_route_t *route, ockam_address_t address,
                                        ockam_error_t *err)
{
    ockam_found_t found;

    if (ockam_route_is_empty(route))
        return OCKAM_OK;
    found = ockam_directory_find_first(node->directory, route);
    if (found.box == NULL || found.box->reaches == 0)
        return OCKAM_OK;
    return ockam_directory_allow(node->directory, found.box->reaches, address, err);
}
