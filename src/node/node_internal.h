/* SPDX-License-Identifier: Apache-2.0
 *
 * node_internal.h - what the files of node/ share. */
#ifndef OCKAM_NODE_INTERNAL_H
#define OCKAM_NODE_INTERNAL_H

#include <stdatomic.h>

#include "node/runtime.h"

typedef struct {
    ockam_message_t *head, **tail;
    size_t           count;
} ockam_queue_t;

void             ockam_queue_init(ockam_queue_t *queue);
void             ockam_queue_push(ockam_queue_t *queue, ockam_message_t *message);
ockam_message_t *ockam_queue_pop(ockam_queue_t *queue);

typedef struct {
    ockam_task_t *head, **tail;
} ockam_tasks_t;

typedef enum { OCKAM_WORKER_STARTING, OCKAM_WORKER_RUNNING, OCKAM_WORKER_STOPPED } ockam_worker_state_t;

struct ockam_worker {
    ockam_worker_t           *prev, *next;
    ockam_node_t             *node;
    const ockam_worker_ops_t *ops;
    void                     *context;
    ockam_account_t          *account;
    ockam_box_t              *boxes[OCKAM_MAILBOXES_MAX];
    size_t                    box_count;
    ockam_worker_state_t      state;
    unsigned                  entered; /* calls into ops under way: it is freed when the last returns */
    ockam_task_t              task;    /* initialize, or the next process() */
};

struct ockam_timer {
    uv_timer_t     uv;
    ockam_timer_t *prev, *next;
    ockam_node_t  *node;
    ockam_timer_fn fire;
    void (*release)(void *context); /* of the library's own contexts; NULL otherwise */
    void *context;
    bool  repeats, closing;
};

#define OCKAM_TRANSPORT_TYPES 8u

struct ockam_node {
    const ockam_allocator_t *allocator;
    uv_loop_t                loop;
    uv_prepare_t             prepare;
    uv_check_t               check;
    uv_idle_t                idle;
    uv_async_t               wake;
    unsigned                 handles_open; /* of the five above */
    ockam_memory_t           memory;
    ockam_metrics_t          metrics;
    ockam_directory_t       *directory;
    ockam_transport_t       *transports[OCKAM_TRANSPORT_TYPES];
    ockam_worker_t          *workers;
    ockam_timer_t           *timers;
    ockam_queue_t            ready; /* routed, not yet handled */
    ockam_tasks_t            tasks, last_tasks;
    ockam_message_t         *handling; /* the message of the running handler, unless it was taken */
    ockam_account_t         *handling_account;
    bool                     handling_from_network;
    unsigned                 busy; /* depth of callbacks of the loop */
    atomic_int               stop; /* set by ockam_node_stop(), from any thread or signal handler */
    bool                     owns_store, owns_vault;
    ockam_store_t           *store;
    ockam_vault_t           *vault;
    ockam_worker_t          *app; /* the application's own mailbox */
    ockam_queue_t            inbox;
    ockam_node_options_t     options;
    struct {
        void *state;
        void (*free)(void *state);
    } states[OCKAM_STATE_COUNT];
    struct {
        uint64_t second;
        unsigned count;
        unsigned left_out;
    } events;
};

/** Handle what is ready, within a budget, then let output leave. */
void ockam_node_turn(ockam_node_t *node);
/** Hand one message to its worker, or drop it. Takes it. */
void ockam_node_dispatch(ockam_node_t *node, ockam_message_t *message);
void ockam_node_drop(ockam_node_t *node, ockam_message_t *message, uint64_t *counter);
/** Initialize it, if that has not been done. After a failure the caller stops it. */
ockam_status_t ockam_worker_begin(ockam_worker_t *worker, ockam_error_t *err);
/** The worker's call is over: free it if it was stopped meanwhile. */
void           ockam_worker_left(ockam_worker_t *worker);
void           ockam_message_pool_free(ockam_memory_t *memory);
ockam_status_t ockam_app_start(ockam_node_t *node, ockam_error_t *err);

#endif
