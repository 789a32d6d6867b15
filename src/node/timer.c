/* SPDX-License-Identifier: Apache-2.0
 *
 * timer.c - timers and messages that are sent later. */
#include "node/node_internal.h"

static void on_closed(uv_handle_t *handle)
{
    ockam_timer_t *timer = (ockam_timer_t *)handle->data;

    if (timer->release != NULL)
        timer->release(timer->context);
    ockam_release(timer->node->allocator, timer, sizeof(*timer));
}

void ockam_timer_stop(ockam_timer_t *timer)
{
    if (timer == NULL || timer->closing)
        return;
    timer->closing = true;
    if (timer->prev != NULL)
        timer->prev->next = timer->next;
    else
        timer->node->timers = timer->next;
    if (timer->next != NULL)
        timer->next->prev = timer->prev;
    uv_close((uv_handle_t *)&timer->uv, on_closed);
}

static void on_fire(uv_timer_t *uv)
{
    ockam_timer_t *timer = (ockam_timer_t *)uv->data;
    ockam_node_t  *node  = timer->node;

    node->busy++;
    timer->fire(timer->context); /* may stop the timer */
    node->busy--;
    uv_stop(&node->loop); /* what somebody waits for may have happened: look before sleeping */
    if (!timer->repeats)
        ockam_timer_stop(timer);
}

ockam_status_t ockam_timer_start(ockam_node_t *node, uint64_t delay_ms, uint64_t repeat_ms, ockam_timer_fn fire,
                                 void *context, ockam_timer_t **out, ockam_error_t *err)
{
    ockam_timer_t *timer = (ockam_timer_t *)ockam_alloc(node->allocator, sizeof(*timer));

    if (timer == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "timer");
    timer->node    = node;
    timer->fire    = fire;
    timer->context = context;
    timer->repeats = repeat_ms != 0;
    (void)uv_timer_init(&node->loop, &timer->uv);
    timer->uv.data = timer;
    timer->next    = node->timers;
    if (node->timers != NULL)
        node->timers->prev = timer;
    node->timers = timer;
    uv_update_time(&node->loop);
    (void)uv_timer_start(&timer->uv, on_fire, delay_ms, repeat_ms);
    if (out != NULL)
        *out = timer;
    return OCKAM_OK;
}

typedef struct {
    ockam_node_t    *node;
    ockam_message_t *message; /* NULL once sent */
} later_t;

static void later_fire(void *context)
{
    later_t         *later = (later_t *)context;
    ockam_node_t    *node  = later->node;
    ockam_message_t *m     = later->message;
    ockam_error_t    err   = {0};

    later->message = NULL;
    if (ockam_node_allow_answers(node, &m->onward_route, ockam_box_address(node->app->boxes[0]), &err) != OCKAM_OK)
        ockam_node_drop(node, m, &node->metrics.dropped_limit);
    else if (ockam_node_route(node, node->app->boxes[0], m, &err) == OCKAM_OK)
        return;
    ockam_node_event(node, OCKAM_LEVEL_WARN, "send.later.failed", &err, "a delayed message was dropped");
}

static void later_release(void *context)
{
    later_t *later = (later_t *)context;

    ockam_message_free(later->message);
    ockam_release(later->node->allocator, later, sizeof(*later));
}

ockam_status_t ockam_send_later(ockam_node_t *node, const ockam_route_t *route, ockam_slice_t payload,
                                uint64_t delay_ms, ockam_timer_t **out, ockam_error_t *err)
{
    later_t       *later;
    ockam_timer_t *timer = NULL;
    ockam_status_t s;

    OCKAM_TRY(err, ockam_route_check(route, err), "route");
    if (ockam_route_is_empty(route))
        return ockam_fail(err, OCKAM_INVALID, "the route is empty");
    if (payload.len > OCKAM_TCP_MESSAGE_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "a message of %zu bytes, at most %u", payload.len,
                          OCKAM_TCP_MESSAGE_BYTES_MAX);
    if ((later = (later_t *)ockam_alloc(node->allocator, sizeof(*later))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "delayed message");
    later->node = node;
    if ((later->message = ockam_message_new(node, node->app->account)) == NULL)
        s = ockam_fail(err, OCKAM_NO_MEMORY, "delayed message");
    else if ((s = ockam_message_reserve(later->message, payload.len, err)) == OCKAM_OK)
        s = ockam_route_prepend(&later->message->return_route, ockam_box_address(node->app->boxes[0]), err);
    if (s == OCKAM_OK)
        s = ockam_timer_start(node, delay_ms, 0, later_fire, later, &timer, err);
    if (s != OCKAM_OK) {
        later_release(later);
        return s;
    }
    if (payload.len > 0)
        memcpy(later->message->payload, payload.ptr, payload.len);
    ockam_route_copy(&later->message->onward_route, route);
    timer->release = later_release;
    if (out != NULL)
        *out = timer;
    return OCKAM_OK;
}
