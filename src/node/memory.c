/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.c - pools of blocks by size class, and accounts. */
#include "node/memory.h"

/* Sizes of data, and how many free ones a node keeps: about 3 MiB in all when everything was busy once. */
static const struct {
    size_t size;
    size_t keep;
} classes[OCKAM_BLOCK_CLASSES] = {{768, 1024}, {4096, 64}, {16384, 16}, {69632, 16}, {262144, 4}};

#define CLASS_EXACT OCKAM_BLOCK_CLASSES /* larger than any class: allocated as needed, never kept */

ockam_account_t *ockam_account_new(const ockam_allocator_t *allocator, void (*on_low)(void *owner), void *owner)
{
    ockam_account_t *account = (ockam_account_t *)ockam_alloc(allocator, sizeof(*account));

    if (account != NULL)
        *account = (ockam_account_t){.refs = 1, .on_low = on_low, .owner = owner, .allocator = allocator};
    return account;
}

void ockam_account_close_ref(ockam_account_t *account)
{
    if (--account->refs == 0)
        ockam_release(account->allocator, account, sizeof(*account));
}

void ockam_account_close(ockam_account_t *account)
{
    if (account == NULL)
        return;
    account->on_low = NULL;
    ockam_account_close_ref(account);
}

void ockam_account_charge(ockam_account_t *account, size_t bytes)
{
    account->refs++;
    account->bytes += bytes;
    if (account->bytes > OCKAM_ACCOUNT_HIGH_BYTES)
        account->held_up = true;
}

void ockam_account_release(ockam_account_t *account, size_t bytes)
{
    account->bytes -= bytes;
    if (account->held_up && account->bytes <= OCKAM_ACCOUNT_LOW_BYTES) {
        account->held_up = false;
        if (account->on_low != NULL)
            account->on_low(account->owner);
    }
    ockam_account_close_ref(account);
}

void ockam_memory_init(ockam_memory_t *memory, const ockam_allocator_t *allocator, ockam_metrics_t *metrics)
{
    *memory = (ockam_memory_t){.allocator = allocator, .metrics = metrics};
}

static size_t block_bytes(const ockam_block_t *block)
{
    return sizeof(*block) + block->cap;
}

void ockam_memory_deinit(ockam_memory_t *memory)
{
    for (size_t i = 0; i < OCKAM_BLOCK_CLASSES; i++) {
        ockam_block_t *block = memory->blocks[i].free;
        while (block != NULL) {
            ockam_block_t *next = block->next;
            memory->allocator->release(memory->allocator->context, block, block_bytes(block));
            block = next;
        }
        memory->blocks[i].free  = NULL;
        memory->blocks[i].count = 0;
    }
}

static uint32_t class_of(size_t size)
{
    uint32_t c = 0;

    while (c < OCKAM_BLOCK_CLASSES && classes[c].size < size)
        c++;
    return c;
}

ockam_block_t *ockam_block_new(ockam_memory_t *memory, size_t size, ockam_account_t *account)
{
    const uint32_t size_class = class_of(size);
    ockam_block_t *block      = NULL;

    if (size_class != CLASS_EXACT && (block = memory->blocks[size_class].free) != NULL) {
        memory->blocks[size_class].free = block->next;
        memory->blocks[size_class].count--;
        memory->metrics->pool_hits++;
    } else {
        const size_t cap = size_class == CLASS_EXACT ? size : classes[size_class].size;
        /* Not ockam_alloc(): the kernel fills these bytes, zeroing them first would cost a pass over each. */
        block = (ockam_block_t *)memory->allocator->alloc(memory->allocator->context, sizeof(*block) + cap);
        if (block == NULL)
            return NULL;
        block->cap        = cap;
        block->size_class = size_class;
        block->memory     = memory;
        memory->metrics->allocations++;
    }
    block->next    = NULL;
    block->refs    = 1;
    block->account = account;
    ockam_account_charge(account, block_bytes(block));
    return block;
}

void ockam_block_unref(ockam_block_t *block)
{
    ockam_memory_t *memory;

    if (block == NULL || --block->refs > 0)
        return;
    memory = block->memory;
    ockam_account_release(block->account, block_bytes(block));
    block->account = NULL;
    if (block->size_class != CLASS_EXACT && memory->blocks[block->size_class].count < classes[block->size_class].keep) {
        block->next                            = memory->blocks[block->size_class].free;
        memory->blocks[block->size_class].free = block;
        memory->blocks[block->size_class].count++;
        return;
    }
    memory->allocator->release(memory->allocator->context, block, block_bytes(block));
}
