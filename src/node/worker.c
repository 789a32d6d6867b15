/* SPDX-License-Identifier: Apache-2.0
 *
 * worker.c - workers and processors: start, stop, and what a handler may do. Protocol: docs/protocol/nodes.md,
 * "Workers", "Stopping". */
#include "node/node_internal.h"

#define PROCESS_BURST 64u /* calls of one processor before others have their turn */

static void worker_task(void *owner);

static void on_account_low(void *owner)
{
    ockam_worker_wake((ockam_worker_t *)owner);
}

static ockam_status_t add_box(ockam_worker_t *worker, const ockam_mailbox_t *mailbox, ockam_error_t *err)
{
    char            random[33];
    ockam_address_t address = mailbox->address;
    ockam_box_t    *box     = NULL;

    if (address.value.len == 0) {
        OCKAM_TRY(err, ockam_node_random_address(worker->node, random, err), "random address");
        address = ockam_address_local(random);
    }
    if (address.type != OCKAM_LOCAL)
        return ockam_fail(err, OCKAM_INVALID, "a worker's address is local, not of type %u", (unsigned)address.type);
    OCKAM_TRY(err, ockam_directory_add(worker->node->directory, address, &box, err), "mailbox");
    box->worker                        = worker;
    box->index                         = (uint8_t)worker->box_count;
    box->incoming                      = mailbox->incoming;
    box->outgoing                      = mailbox->outgoing;
    worker->boxes[worker->box_count++] = box;
    return OCKAM_OK;
}

static void remove_boxes(ockam_worker_t *worker)
{
    for (size_t i = 0; i < worker->box_count; i++) {
        worker->boxes[i]->worker = NULL;
        ockam_directory_remove(worker->node->directory, worker->boxes[i]);
    }
    worker->box_count = 0;
}

ockam_status_t ockam_worker_start(ockam_node_t *node, const char *address, const ockam_worker_ops_t *ops,
                                  const ockam_worker_options_t *options, ockam_worker_t **out, ockam_error_t *err)
{
    static const ockam_worker_options_t defaults = {0};
    ockam_mailbox_t                     first    = {0};
    ockam_worker_t                     *worker;
    ockam_status_t                      s;

    if (options == NULL)
        options = &defaults;
    if (options->more_count > OCKAM_MAILBOXES_MAX - 1)
        return ockam_fail(err, OCKAM_INVALID, "%zu mailboxes, at most %u", options->more_count + 1,
                          OCKAM_MAILBOXES_MAX);
    if (address != NULL && address[0] == '\0')
        return ockam_fail(err, OCKAM_INVALID, "an empty address");
    if ((worker = (ockam_worker_t *)ockam_alloc(node->allocator, sizeof(*worker))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "worker");
    worker->node    = node;
    worker->ops     = ops;
    worker->context = options->context;
    worker->task    = (ockam_task_t){.run = worker_task, .owner = worker};
    if ((worker->account = ockam_account_new(node->allocator, ops->process != NULL ? on_account_low : NULL, worker)) ==
        NULL) {
        ockam_release(node->allocator, worker, sizeof(*worker));
        return ockam_fail(err, OCKAM_NO_MEMORY, "worker");
    }
    first = (ockam_mailbox_t){.incoming = options->incoming, .outgoing = options->outgoing};
    if (address != NULL)
        first.address = ockam_address_local(address);
    s = add_box(worker, &first, err);
    for (size_t i = 0; s == OCKAM_OK && i < options->more_count; i++)
        s = add_box(worker, &options->more[i], err);
    if (s != OCKAM_OK) {
        remove_boxes(worker);
        ockam_account_close(worker->account);
        ockam_release(node->allocator, worker, sizeof(*worker));
        return s;
    }
    worker->next = node->workers;
    if (node->workers != NULL)
        node->workers->prev = worker;
    node->workers = worker;
    if (ops->initialize == NULL && ops->process == NULL)
        worker->state = OCKAM_WORKER_RUNNING;
    else
        ockam_node_defer(node, &worker->task, false);
    if (out != NULL)
        *out = worker;
    return OCKAM_OK;
}

ockam_status_t ockam_worker_begin(ockam_worker_t *worker, ockam_error_t *err)
{
    ockam_node_t  *node = worker->node;
    ockam_status_t s    = OCKAM_OK;

    if (worker->state != OCKAM_WORKER_STARTING)
        return OCKAM_OK;
    worker->state = OCKAM_WORKER_RUNNING;
    if (worker->ops->initialize == NULL)
        return OCKAM_OK;
    node->busy++;
    worker->entered++;
    if ((s = worker->ops->initialize(worker, err)) != OCKAM_OK)
        ockam_node_event(node, OCKAM_LEVEL_ERROR, "worker.initialize.failed", err, "%s", worker->ops->name);
    worker->entered--;
    node->busy--;
    return s;
}

/* Begins, then calls process() again and again. */
static void worker_task(void *owner)
{
    ockam_worker_t *worker = (ockam_worker_t *)owner;
    ockam_node_t   *node   = worker->node;
    ockam_error_t   err    = {0};
    ockam_status_t  s;
    bool            began;

    worker->entered++;
    node->busy++;
    s     = ockam_worker_begin(worker, &err);
    began = s == OCKAM_OK; /* otherwise that was told */
    for (unsigned i = 0; s == OCKAM_OK && worker->ops->process != NULL && worker->state == OCKAM_WORKER_RUNNING; i++) {
        if (worker->account->held_up) {
            s = OCKAM_PENDING; /* on_account_low() wakes it */
        } else if (i == PROCESS_BURST) {
            ockam_node_defer(node, &worker->task, false);
            break;
        } else {
            s = worker->ops->process(worker, &err);
        }
    }
    node->busy--;
    if (s != OCKAM_OK && s != OCKAM_PENDING) {
        if (s != OCKAM_CLOSED && began)
            ockam_node_event(node, OCKAM_LEVEL_WARN, "worker.failed", &err, "%s", worker->ops->name);
        ockam_worker_stop(worker);
    }
    ockam_worker_left(worker);
}

void ockam_worker_wake(ockam_worker_t *worker)
{
    if (worker->state == OCKAM_WORKER_RUNNING && worker->ops->process != NULL)
        ockam_node_defer(worker->node, &worker->task, false);
}

void ockam_worker_left(ockam_worker_t *worker)
{
    ockam_node_t *node = worker->node;

    if (--worker->entered > 0 || worker->state != OCKAM_WORKER_STOPPED)
        return;
    if (worker->ops->shutdown != NULL) {
        node->busy++;
        worker->ops->shutdown(worker);
        node->busy--;
    }
    ockam_account_close(worker->account);
    ockam_release(node->allocator, worker, sizeof(*worker));
}

void ockam_worker_stop(ockam_worker_t *worker)
{
    ockam_node_t *node = worker->node;

    if (worker->state == OCKAM_WORKER_STOPPED)
        return;
    worker->state = OCKAM_WORKER_STOPPED;
    remove_boxes(worker); /* first: no new message can reach it */
    ockam_node_cancel(node, &worker->task);
    if (worker->prev != NULL)
        worker->prev->next = worker->next;
    else
        node->workers = worker->next;
    if (worker->next != NULL)
        worker->next->prev = worker->prev;
    worker->entered++;
    ockam_worker_left(worker);
}

ockam_status_t ockam_worker_stop_address(ockam_node_t *node, ockam_address_t address, ockam_error_t *err)
{
    const ockam_found_t found = ockam_directory_find(node->directory, address);

    if (found.box == NULL || found.box->worker == NULL || found.box->worker == node->app)
        return ockam_fail(err, OCKAM_NOT_FOUND, "no worker at %.*s",
                          (int)(address.value.len < 64 ? address.value.len : 64), (const char *)address.value.ptr);
    ockam_worker_stop(found.box->worker);
    return OCKAM_OK;
}

ockam_node_t *ockam_worker_node(const ockam_worker_t *worker)
{
    return worker->node;
}

void *ockam_worker_context(const ockam_worker_t *worker)
{
    return worker->context;
}

ockam_address_t ockam_worker_address(const ockam_worker_t *worker, size_t index)
{
    return index < worker->box_count ? ockam_box_address(worker->boxes[index]) : (ockam_address_t){0};
}

ockam_box_t *ockam_worker_box(const ockam_worker_t *worker, size_t index)
{
    return index < worker->box_count ? worker->boxes[index] : NULL;
}

ockam_account_t *ockam_worker_account(const ockam_worker_t *worker)
{
    return worker->account;
}

static ockam_status_t fresh(ockam_worker_t *worker, const ockam_route_t *route, ockam_slice_t payload,
                            bool from_network, ockam_error_t *err)
{
    ockam_node_t    *node    = worker->node;
    ockam_account_t *account = ockam_node_account(node, worker->account);
    ockam_message_t *m;
    ockam_status_t   s;

    if (worker->state == OCKAM_WORKER_STOPPED)
        return ockam_fail(err, OCKAM_WRONG_STATE, "%s has stopped", worker->ops->name);
    if (payload.len > OCKAM_TCP_MESSAGE_BYTES_MAX || account->bytes > OCKAM_ACCOUNT_HARD_BYTES)
        return ockam_fail(err, OCKAM_LIMIT, "%zu bytes wait already, %zu more", account->bytes, payload.len);
    OCKAM_TRY(err, ockam_route_check(route, err), "route");
    if ((m = ockam_message_new(node, account)) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "message");
    if ((s = ockam_message_reserve(m, payload.len, err)) != OCKAM_OK ||
        (s = ockam_route_prepend(&m->return_route, ockam_box_address(worker->boxes[0]), err)) != OCKAM_OK) {
        ockam_message_free(m);
        return s;
    }
    if (payload.len > 0)
        memcpy(m->payload, payload.ptr, payload.len);
    ockam_route_copy(&m->onward_route, route);
    m->from_network = from_network;
    return ockam_node_route(node, worker->boxes[0], m, err);
}

ockam_status_t ockam_worker_send(ockam_worker_t *worker, const ockam_route_t *route, ockam_slice_t payload,
                                 ockam_error_t *err)
{
    return fresh(worker, route, payload, false, err);
}

ockam_status_t ockam_worker_reply(ockam_worker_t *worker, const ockam_message_t *message, ockam_slice_t payload,
                                  ockam_error_t *err)
{
    /* A peer chose this route: it must not make the node connect anywhere. */
    return fresh(worker, &message->return_route, payload, message->from_network, err);
}

static ockam_status_t drop_of_stopped(ockam_worker_t *worker, ockam_message_t *m, ockam_error_t *err)
{
    ockam_node_drop(worker->node, m, &worker->node->metrics.dropped_stopped);
    return ockam_fail(err, OCKAM_WRONG_STATE, "%s has stopped", worker->ops->name);
}

ockam_status_t ockam_worker_forward(ockam_worker_t *worker, ockam_message_t *m, ockam_error_t *err)
{
    ockam_box_t   *self = worker->boxes[0];
    ockam_status_t s;

    ockam_node_take_message(worker->node, m);
    if (worker->state == OCKAM_WORKER_STOPPED) /* its boxes may be gone */
        return drop_of_stopped(worker, m, err);
    ockam_route_drop_first(&m->onward_route);
    if ((s = ockam_route_prepend(&m->return_route, ockam_box_address(self), err)) != OCKAM_OK) {
        ockam_node_drop(worker->node, m, &worker->node->metrics.dropped_limit);
        return s;
    }
    return ockam_node_route(worker->node, self, m, err);
}

ockam_status_t ockam_worker_return(ockam_worker_t *worker, ockam_message_t *m, ockam_error_t *err)
{
    ockam_box_t   *self = worker->boxes[0];
    ockam_status_t s;

    ockam_node_take_message(worker->node, m);
    if (worker->state == OCKAM_WORKER_STOPPED) /* its boxes may be gone */
        return drop_of_stopped(worker, m, err);
    ockam_route_copy(&m->onward_route, &m->return_route);
    m->return_route.start = m->return_route.end = m->return_route.count = 0;
    m->has_peer                                                         = false;
    if ((s = ockam_route_prepend(&m->return_route, ockam_box_address(self), err)) != OCKAM_OK) {
        ockam_node_drop(worker->node, m, &worker->node->metrics.dropped_limit);
        return s;
    }
    return ockam_node_route(worker->node, self, m, err);
}
