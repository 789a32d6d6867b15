/* SPDX-License-Identifier: Apache-2.0
 *
 * node.c - the life of a node and the turns of its loop. One libuv loop, one thread; only uv_async_send() is called
 * from elsewhere. */
#include "node/node_internal.h"

#include <time.h>

#define TURN_BUDGET   4096u /* messages and tasks before the loop polls again */
#define MESSAGE_BURST 256u  /* messages before tasks have their turn */

static uint64_t system_clock(void *context)
{
    (void)context;
    return (uint64_t)time(NULL);
}

static void on_turn(ockam_node_t *node)
{
    ockam_node_turn(node);
}
static void on_prepare(uv_prepare_t *handle)
{
    on_turn((ockam_node_t *)handle->data);
}
static void on_check(uv_check_t *handle)
{
    on_turn((ockam_node_t *)handle->data);
}
static void on_idle(uv_idle_t *handle)
{
    (void)handle; /* only there so that the loop does not sleep while messages wait */
}
static void on_wake(uv_async_t *handle)
{
    (void)handle; /* ends the poll; who waits looks at node->stop */
}

static ockam_status_t loop_start(ockam_node_t *node, ockam_error_t *err)
{
    int e = uv_loop_init(&node->loop);

    if (e != 0)
        return ockam_fail_os(err, -e, "event loop");
    if ((e = uv_async_init(&node->loop, &node->wake, on_wake)) != 0) {
        (void)uv_loop_close(&node->loop);
        return ockam_fail_os(err, -e, "event loop");
    }
    (void)uv_prepare_init(&node->loop, &node->prepare);
    (void)uv_check_init(&node->loop, &node->check);
    (void)uv_idle_init(&node->loop, &node->idle);
    node->prepare.data = node->check.data = node->idle.data = node->wake.data = node;
    (void)uv_prepare_start(&node->prepare, on_prepare);
    (void)uv_check_start(&node->check, on_check);
    uv_unref((uv_handle_t *)&node->prepare);
    uv_unref((uv_handle_t *)&node->check);
    node->handles_open = 4;
    return OCKAM_OK;
}

static void on_handle_closed(uv_handle_t *handle)
{
    ((ockam_node_t *)handle->data)->handles_open--;
}

static ockam_status_t open_store_and_vault(ockam_node_t *node, ockam_error_t *err)
{
    const ockam_provider_t *const providers[] = {ockam_provider_ipsec_mb(), ockam_provider_sodium(),
                                                 ockam_provider_openssl(), NULL};
    const ockam_provider_t       *present[4]  = {NULL};
    size_t                        n           = 0;

    for (size_t i = 0; i < 3; i++)
        if (providers[i] != NULL)
            present[n++] = providers[i];
    if ((node->store = node->options.store) == NULL) {
        OCKAM_TRY(err, ockam_store_memory(node->allocator, &node->store, err), "store");
        node->owns_store = true;
    }
    if ((node->vault = node->options.vault) == NULL) {
        const ockam_vault_options_t options = {
            .allocator = node->allocator, .providers = present, .store = node->store};
        OCKAM_TRY(err, ockam_vault_new(&options, &node->vault, err), "vault");
        node->owns_vault = true;
    }
    return OCKAM_OK;
}

ockam_status_t ockam_node_new(const ockam_node_options_t *options, ockam_node_t **out, ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_allocator_malloc();
    ockam_node_t            *node      = (ockam_node_t *)ockam_alloc(allocator, sizeof(*node));
    ockam_status_t           s;

    if (node == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "node");
    node->allocator = allocator;
    if (options != NULL)
        node->options = *options;
    if (node->options.clock_s == NULL)
        node->options.clock_s = system_clock;
    if (node->options.channels_max == 0)
        node->options.channels_max = OCKAM_CHANNELS_MAX;
    ockam_memory_init(&node->memory, allocator, &node->metrics);
    ockam_queue_init(&node->ready);
    ockam_queue_init(&node->inbox);
    if ((s = loop_start(node, err)) != OCKAM_OK) {
        ockam_release(allocator, node, sizeof(*node));
        return s;
    }
    if ((node->directory = ockam_directory_new(allocator)) == NULL)
        s = ockam_fail(err, OCKAM_NO_MEMORY, "directory");
    if (s == OCKAM_OK)
        s = open_store_and_vault(node, err);
    if (s == OCKAM_OK)
        s = ockam_app_start(node, err);
    if (s != OCKAM_OK) {
        ockam_node_free(node);
        return s;
    }
    *out = node;
    return OCKAM_OK;
}

static void drop_queue(ockam_queue_t *queue)
{
    ockam_message_t *m;

    while ((m = ockam_queue_pop(queue)) != NULL)
        ockam_message_free(m);
}

void ockam_node_free(ockam_node_t *node)
{
    if (node == NULL)
        return;
    while (node->workers != NULL) /* transports and channels free what they hang on their workers */
        ockam_worker_stop(node->workers);
    for (size_t i = 0; i < OCKAM_TRANSPORT_TYPES; i++)
        if (node->transports[i] != NULL)
            node->transports[i]->close(node->transports[i]);
    while (node->timers != NULL)
        ockam_timer_stop(node->timers);
    uv_close((uv_handle_t *)&node->prepare, on_handle_closed);
    uv_close((uv_handle_t *)&node->check, on_handle_closed);
    uv_close((uv_handle_t *)&node->idle, on_handle_closed);
    uv_close((uv_handle_t *)&node->wake, on_handle_closed);
    while (uv_loop_alive(&node->loop)) /* until every handle has called back */
        (void)uv_run(&node->loop, UV_RUN_ONCE);
    for (size_t i = 0; i < OCKAM_TRANSPORT_TYPES; i++)
        if (node->transports[i] != NULL)
            node->transports[i]->free(node->transports[i]);
    drop_queue(&node->ready);
    drop_queue(&node->inbox);
    for (size_t i = 0; i < OCKAM_STATE_COUNT; i++)
        if (node->states[i].state != NULL)
            node->states[i].free(node->states[i].state);
    (void)uv_loop_close(&node->loop);
    ockam_message_pool_free(&node->memory);
    ockam_memory_deinit(&node->memory);
    ockam_directory_free(node->directory);
    if (node->owns_vault)
        ockam_vault_free(node->vault);
    if (node->owns_store)
        ockam_store_free(node->store);
    ockam_release(node->allocator, node, sizeof(*node));
}

/* ---- turns ------------------------------------------------------------------------------------------------------ */

void ockam_node_defer(ockam_node_t *node, ockam_task_t *task, bool last)
{
    ockam_tasks_t *tasks = last ? &node->last_tasks : &node->tasks;

    if (task->queued)
        return;
    task->queued = true;
    task->next   = NULL;
    if (tasks->head == NULL)
        tasks->head = task;
    else
        *tasks->tail = task;
    tasks->tail = &task->next;
}

static void unlink_task(ockam_tasks_t *tasks, ockam_task_t *task)
{
    for (ockam_task_t **slot = &tasks->head; *slot != NULL; slot = &(*slot)->next)
        if (*slot == task) {
            *slot = task->next;
            if (tasks->tail == &task->next)
                tasks->tail = slot;
            return;
        }
}

void ockam_node_cancel(ockam_node_t *node, ockam_task_t *task)
{
    if (!task->queued)
        return;
    task->queued = false;
    unlink_task(&node->tasks, task);
    unlink_task(&node->last_tasks, task);
}

static bool run_one_task(ockam_tasks_t *tasks)
{
    ockam_task_t *task = tasks->head;

    if (task == NULL)
        return false;
    tasks->head  = task->next;
    task->queued = false;
    task->run(task->owner);
    return true;
}

void ockam_node_turn(ockam_node_t *node)
{
    unsigned spent = 0;
    bool     more  = true;

    while (more && spent < TURN_BUDGET) {
        ockam_message_t *m;
        more = false;
        for (unsigned i = 0; i < MESSAGE_BURST && (m = ockam_queue_pop(&node->ready)) != NULL; i++, spent++) {
            ockam_node_dispatch(node, m);
            more = true;
        }
        if (run_one_task(&node->tasks)) {
            spent++;
            more = true;
        }
        if (!more && run_one_task(&node->last_tasks)) {
            spent++;
            more = true;
        }
    }
    /* Output leaves at the end of every turn, however much is still to do. */
    while (run_one_task(&node->last_tasks))
        ;
    if (node->ready.head != NULL || node->tasks.head != NULL)
        (void)uv_idle_start(&node->idle, on_idle);
    else
        (void)uv_idle_stop(&node->idle);
    if (spent > 0)
        uv_stop(&node->loop); /* what somebody waits for may have happened: look before sleeping */
}

void ockam_node_flush(ockam_node_t *node)
{
    if (node->busy == 0)
        ockam_node_turn(node);
}

typedef struct {
    bool expired;
} deadline_t;

static void on_deadline(uv_timer_t *timer)
{
    ((deadline_t *)timer->data)->expired = true;
    uv_stop(timer->loop); /* do not sleep any more in this round */
}

static void on_deadline_closed(uv_handle_t *handle)
{
    handle->data = NULL;
}

ockam_status_t ockam_node_wait(ockam_node_t *node, bool (*done)(void *context), void *context, uint64_t timeout_ms,
                               ockam_error_t *err)
{
    deadline_t     deadline = {false};
    uv_timer_t     timer;
    ockam_status_t s = OCKAM_OK;

    if (node->busy > 0)
        return ockam_fail(err, OCKAM_WRONG_STATE, "a blocking call inside a handler");
    (void)uv_timer_init(&node->loop, &timer);
    timer.data = &deadline;
    uv_update_time(&node->loop);
    (void)uv_timer_start(&timer, on_deadline, timeout_ms, 0);
    ockam_node_turn(node);
    while (!done(context)) {
        if (node->stop) {
            s = ockam_fail(err, OCKAM_CLOSED, "the node was told to stop");
            break;
        }
        if (deadline.expired) {
            s = ockam_fail(err, OCKAM_TIMEOUT, "after %llu ms", (unsigned long long)timeout_ms);
            break;
        }
        (void)uv_run(&node->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&timer, on_deadline_closed);
    while (timer.data != NULL)
        (void)uv_run(&node->loop, UV_RUN_NOWAIT);
    return s;
}

static bool never(void *context)
{
    (void)context;
    return false;
}

ockam_status_t ockam_node_run_for(ockam_node_t *node, uint64_t timeout_ms, ockam_error_t *err)
{
    ockam_error_t        end = {0};
    const ockam_status_t s   = ockam_node_wait(node, never, NULL, timeout_ms, &end);

    if (s == OCKAM_TIMEOUT || s == OCKAM_CLOSED)
        return OCKAM_OK;
    return ockam_error_wrap(err, s, __func__, "run");
}

ockam_status_t ockam_node_run(ockam_node_t *node, ockam_error_t *err)
{
    ockam_status_t s = OCKAM_OK;

    while (s == OCKAM_OK && !node->stop)
        s = ockam_node_run_for(node, 3600000, err);
    return s;
}

void ockam_node_stop(ockam_node_t *node)
{
    node->stop = 1;
    (void)uv_async_send(&node->wake);
}

static bool all_has_left(void *context)
{
    const ockam_node_t *node = (const ockam_node_t *)context;

    if (node->ready.head != NULL || node->tasks.head != NULL)
        return false;
    for (size_t i = 0; i < OCKAM_TRANSPORT_TYPES; i++)
        if (node->transports[i] != NULL && !node->transports[i]->is_drained(node->transports[i]))
            return false;
    return true;
}

ockam_status_t ockam_node_drain(ockam_node_t *node, uint64_t timeout_ms, ockam_error_t *err)
{
    node->stop = 0;
    return ockam_node_wait(node, all_has_left, node, timeout_ms, err);
}

/* ---- parts ------------------------------------------------------------------------------------------------------ */

ockam_status_t ockam_node_add_transport(ockam_node_t *node, ockam_transport_t *transport, ockam_error_t *err)
{
    if (transport->type >= OCKAM_TRANSPORT_TYPES)
        return ockam_fail(err, OCKAM_INVALID, "transport type %u", (unsigned)transport->type);
    if (node->transports[transport->type] != NULL)
        return ockam_fail(err, OCKAM_EXISTS, "transport %s", transport->name);
    node->transports[transport->type] = transport;
    return OCKAM_OK;
}

ockam_transport_t *ockam_node_transport(const ockam_node_t *node, uint8_t type)
{
    return type < OCKAM_TRANSPORT_TYPES ? node->transports[type] : NULL;
}

ockam_status_t ockam_node_random_address(ockam_node_t *node, char out[33], ockam_error_t *err)
{
    uint8_t bytes[16];

    OCKAM_TRY(err, ockam_vault_random(node->vault, bytes, sizeof(bytes), err), "random address");
    ockam_hex_encode(ockam_slice(bytes, sizeof(bytes)), out);
    return OCKAM_OK;
}

ockam_vault_t *ockam_node_vault(ockam_node_t *node)
{
    return node->vault;
}
ockam_store_t *ockam_node_store(ockam_node_t *node)
{
    return node->store;
}
ockam_directory_t *ockam_node_directory(ockam_node_t *node)
{
    return node->directory;
}
ockam_memory_t *ockam_node_memory(ockam_node_t *node)
{
    return &node->memory;
}
ockam_metrics_t *ockam_node_counters(ockam_node_t *node)
{
    return &node->metrics;
}
const ockam_allocator_t *ockam_node_allocator(ockam_node_t *node)
{
    return node->allocator;
}
uv_loop_t *ockam_node_loop(ockam_node_t *node)
{
    return &node->loop;
}
size_t ockam_node_channels_max(const ockam_node_t *node)
{
    return node->options.channels_max;
}
bool ockam_node_is_busy(const ockam_node_t *node)
{
    return node->busy > 0;
}

void *ockam_node_state(const ockam_node_t *node, ockam_state_t which)
{
    return node->states[which].state;
}

void ockam_node_set_state(ockam_node_t *node, ockam_state_t which, void *state, void (*free_state)(void *state))
{
    node->states[which].state = state;
    node->states[which].free  = free_state;
}

uint64_t ockam_node_now_s(ockam_node_t *node)
{
    return node->options.clock_s(node->options.clock_context);
}

void ockam_node_metrics(const ockam_node_t *node, ockam_metrics_t *out)
{
    *out = node->metrics;
}

ockam_status_t ockam_flow_allow(ockam_node_t *node, ockam_flow_id_t flow, const char *address, ockam_error_t *err)
{
    return ockam_directory_allow(node->directory, flow, ockam_address_local(address), err);
}

ockam_status_t ockam_flow_allow_address(ockam_node_t *node, ockam_flow_id_t flow, ockam_address_t address,
                                        ockam_error_t *err)
{
    return ockam_directory_allow(node->directory, flow, address, err);
}
