/* SPDX-License-Identifier: Apache-2.0
 *
 * app.c - the application's own mailbox, "app": what it sends, and what waits for ockam_receive(). */
#include "node/node_internal.h"
#include "wire/bare.h"

static ockam_status_t app_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    ockam_node_t *node = ockam_worker_node(worker);

    (void)err;
    ockam_node_take_message(node, message);
    ockam_queue_push(&node->inbox, message);
    return OCKAM_OK;
}

ockam_status_t ockam_app_start(ockam_node_t *node, ockam_error_t *err)
{
    static const ockam_worker_ops_t ops = {.name = "app", .handle = app_handle};

    return ockam_worker_start(node, "app", &ops, NULL, &node->app, err);
}

static bool app_is_below_mark(void *context)
{
    return !((ockam_node_t *)context)->app->account->held_up;
}

/* Everything a send of the application needs before its bytes are there. */
static ockam_status_t prepare(ockam_node_t *node, const ockam_route_t *route, size_t len, ockam_message_t **out,
                              ockam_error_t *err)
{
    ockam_message_t *m;
    ockam_status_t   s;

    if (node->busy > 0)
        return ockam_fail(err, OCKAM_WRONG_STATE, "a blocking call inside a handler");
    OCKAM_TRY(err, ockam_route_check(route, err), "route");
    if (ockam_route_is_empty(route))
        return ockam_fail(err, OCKAM_INVALID, "the route is empty");
    if (len > OCKAM_TCP_MESSAGE_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "a message of %zu bytes, at most %u", len, OCKAM_TCP_MESSAGE_BYTES_MAX);
    if (node->app->account->held_up)
        OCKAM_TRY(err, ockam_node_wait(node, app_is_below_mark, node, OCKAM_TIMEOUT_DEFAULT_MS, err),
                  "earlier messages to leave");
    if ((m = ockam_message_new(node, node->app->account)) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "message");
    ockam_route_copy(&m->onward_route, route);
    if ((s = ockam_node_connect_first(node, &m->onward_route, err)) != OCKAM_OK ||
        (s = ockam_route_prepend(&m->return_route, ockam_box_address(node->app->boxes[0]), err)) != OCKAM_OK ||
        (s = ockam_message_reserve(m, len, err)) != OCKAM_OK ||
        (s = ockam_node_allow_answers(node, &m->onward_route, ockam_box_address(node->app->boxes[0]), err)) !=
            OCKAM_OK) {
        ockam_message_free(m);
        return s;
    }
    *out = m;
    return OCKAM_OK;
}

static ockam_status_t send_now(ockam_node_t *node, ockam_message_t *m, ockam_error_t *err)
{
    const ockam_status_t s = ockam_node_route(node, node->app->boxes[0], m, err);

    ockam_node_turn(node); /* it leaves at once: who sends in a hurry uses a processor, whose messages leave together */
    return s;
}

ockam_status_t ockam_send(ockam_node_t *node, const ockam_route_t *route, ockam_slice_t payload, ockam_error_t *err)
{
    ockam_message_t *m = NULL;

    OCKAM_TRY(err, prepare(node, route, payload.len, &m, err), "send");
    if (payload.len > 0)
        memcpy(m->payload, payload.ptr, payload.len);
    node->metrics.payload_copies++;
    return send_now(node, m, err);
}

ockam_status_t ockam_send_text(ockam_node_t *node, const ockam_route_t *route, const char *text, ockam_error_t *err)
{
    const ockam_slice_t bytes = ockam_slice_text(text);
    ockam_message_t    *m     = NULL;
    ockam_buf_t         body;
    ockam_status_t      s;

    OCKAM_TRY(err, prepare(node, route, bytes.len + 10, &m, err), "send"); /* a length takes at most 10 bytes */
    ockam_buf_init_fixed(&body, m->payload, m->payload_len);
    if ((s = ockam_bare_write_text(&body, bytes, err)) != OCKAM_OK) {
        ockam_message_free(m);
        return s;
    }
    m->payload_len = body.len;
    node->metrics.payload_copies++;
    return send_now(node, m, err);
}

static bool inbox_has_one(void *context)
{
    return ((const ockam_node_t *)context)->inbox.head != NULL;
}

ockam_status_t ockam_receive(ockam_node_t *node, uint64_t timeout_ms, ockam_message_t **out, ockam_error_t *err)
{
    OCKAM_TRY(err,
              ockam_node_wait(node, inbox_has_one, node, timeout_ms != 0 ? timeout_ms : OCKAM_TIMEOUT_DEFAULT_MS, err),
              "waiting for a message");
    *out = ockam_queue_pop(&node->inbox);
    return OCKAM_OK;
}

ockam_status_t ockam_node_create_identity(ockam_node_t *node, ockam_identity_t **out, ockam_error_t *err)
{
    const ockam_identity_options_t options = {.lifetime = OCKAM_PERSISTENT};

    return ockam_identity_create(node->vault, ockam_node_now_s(node), &options, out, err);
}
