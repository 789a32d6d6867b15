/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.h - blocks of bytes from pools, and accounts that know who keeps how much of them busy.
 *
 * An account is the back-pressure of the node: all bytes that one source (a connection, a worker, the application)
 * brought in are charged to it until they have left or were handled. Over the high mark the source waits; below the
 * low mark it goes on. So nothing grows without bound, whatever the messages travel through.
 *
 * node/ is the runtime: workers, mailboxes, the directory of addresses, access and flow control, timers, the loop. It
 * knows no protocol beyond routes, and no transport. */
#ifndef OCKAM_NODE_MEMORY_H
#define OCKAM_NODE_MEMORY_H

#include "ockam/node.h"

typedef struct ockam_account {
    size_t bytes;                /* charged now */
    size_t refs;                 /* blocks and messages that name it, and the owner */
    bool   held_up;              /* went over the high mark and has not come below the low one */
    void (*on_low)(void *owner); /* may only note that the owner can go on; NULL: nobody waits */
    void                    *owner;
    const ockam_allocator_t *allocator;
} ockam_account_t;

ockam_account_t *ockam_account_new(const ockam_allocator_t *allocator, void (*on_low)(void *owner), void *owner);
/** The owner goes; the account stays until its last byte is given back. NULL is fine. */
void ockam_account_close(ockam_account_t *account);
/** Drop one reference that was taken by hand (`refs++`). */
void ockam_account_close_ref(ockam_account_t *account);
void ockam_account_charge(ockam_account_t *account, size_t bytes);
void ockam_account_release(ockam_account_t *account, size_t bytes);

typedef struct ockam_block {
    struct ockam_block  *next; /* in a pool */
    struct ockam_memory *memory;
    ockam_account_t     *account;
    size_t               cap; /* of data */
    uint32_t             refs;
    uint32_t             size_class;
    uint8_t              data[];
} ockam_block_t;

/* Room around a payload, so that routes, nonces and tags go next to it without moving it. */
#define OCKAM_HEADROOM 480u
#define OCKAM_TAILROOM 32u

#define OCKAM_BLOCK_CLASSES 5u

typedef struct ockam_memory {
    const ockam_allocator_t *allocator;
    struct {
        ockam_block_t *free;
        size_t         count;
    } blocks[OCKAM_BLOCK_CLASSES];
    ockam_message_t *messages; /* free ones */
    size_t           message_count;
    ockam_metrics_t *metrics;
} ockam_memory_t;

void ockam_memory_init(ockam_memory_t *memory, const ockam_allocator_t *allocator, ockam_metrics_t *metrics);
void ockam_memory_deinit(ockam_memory_t *memory);
/** A block with at least `size` bytes, charged to `account`, holding one reference; NULL: no memory. */
ockam_block_t *ockam_block_new(ockam_memory_t *memory, size_t size, ockam_account_t *account);
void           ockam_block_unref(ockam_block_t *block); /* NULL is fine */

#endif
