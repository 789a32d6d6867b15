/* SPDX-License-Identifier: Apache-2.0
 *
 * message.c - messages from a pool, the room around their payload, and what the public header shows of them. */
#include "node/node_internal.h"
#include "wire/bare.h"

#define MESSAGES_KEPT 1024u /* free ones per node: a little over 2 MiB */

void ockam_queue_init(ockam_queue_t *queue)
{
    *queue = (ockam_queue_t){.head = NULL, .tail = NULL, .count = 0};
}

void ockam_queue_push(ockam_queue_t *queue, ockam_message_t *message)
{
    message->next = NULL;
    if (queue->head == NULL)
        queue->head = message;
    else
        *queue->tail = message;
    queue->tail = &message->next;
    queue->count++;
}

ockam_message_t *ockam_queue_pop(ockam_queue_t *queue)
{
    ockam_message_t *message = queue->head;

    if (message != NULL) {
        queue->head   = message->next;
        message->next = NULL;
        queue->count--;
    }
    return message;
}

ockam_message_t *ockam_message_new(ockam_node_t *node, ockam_account_t *account)
{
    ockam_memory_t  *memory = &node->memory;
    ockam_message_t *m      = memory->messages;

    if (m != NULL) {
        memory->messages = m->next;
        memory->message_count--;
        node->metrics.pool_hits++;
    } else {
        if ((m = (ockam_message_t *)memory->allocator->alloc(memory->allocator->context, sizeof(*m))) == NULL)
            return NULL;
        node->metrics.allocations++;
    }
    /* Everything but the bytes of the routes, which are written before they are read. */
    memset(m, 0, offsetof(ockam_message_t, onward_route));
    m->onward_route.start = m->onward_route.end = m->onward_route.count = m->onward_route.failed = 0;
    m->return_route.start = m->return_route.end = m->return_route.count = m->return_route.failed = 0;
    m->node                                                                                      = node;
    m->account                                                                                   = account;
    ockam_account_charge(account, sizeof(*m));
    return m;
}

void ockam_message_free(ockam_message_t *m)
{
    ockam_node_t *node;

    if (m == NULL)
        return;
    node = m->node;
    ockam_block_unref(m->block);
    ockam_box_unref(node->directory, m->source);
    ockam_box_unref(node->directory, m->destination);
    ockam_account_release(m->account, sizeof(*m));
    if (node->memory.message_count < MESSAGES_KEPT) {
        m->next               = node->memory.messages;
        node->memory.messages = m;
        node->memory.message_count++;
        return;
    }
    node->allocator->release(node->allocator->context, m, sizeof(*m));
}

void ockam_message_pool_free(ockam_memory_t *memory)
{
    while (memory->messages != NULL) {
        ockam_message_t *next = memory->messages->next;
        memory->allocator->release(memory->allocator->context, memory->messages, sizeof(*next));
        memory->messages = next;
    }
    memory->message_count = 0;
}

ockam_status_t ockam_message_reserve(ockam_message_t *m, size_t len, ockam_error_t *err)
{
    ockam_block_t *block = ockam_block_new(&m->node->memory, OCKAM_HEADROOM + len + OCKAM_TAILROOM, m->account);

    if (block == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "payload of %zu bytes", len);
    ockam_block_unref(m->block);
    m->block       = block;
    m->room_start  = block->data;
    m->room_end    = block->data + block->cap;
    m->payload     = block->data + OCKAM_HEADROOM;
    m->payload_len = len;
    return OCKAM_OK;
}

ockam_status_t ockam_message_room(ockam_message_t *m, size_t before, size_t after, ockam_error_t *err)
{
    ockam_block_t *block;

    if (m->block != NULL && (size_t)(m->payload - m->room_start) >= before &&
        (size_t)(m->room_end - m->payload) - m->payload_len >= after)
        return OCKAM_OK;
    if (before < OCKAM_HEADROOM)
        before = OCKAM_HEADROOM;
    if (after < OCKAM_TAILROOM)
        after = OCKAM_TAILROOM;
    if ((block = ockam_block_new(&m->node->memory, before + m->payload_len + after, m->account)) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "payload of %zu bytes", m->payload_len);
    if (m->payload_len > 0) {
        memcpy(block->data + before, m->payload, m->payload_len);
        m->node->metrics.payload_copies++;
    }
    ockam_block_unref(m->block);
    m->block      = block;
    m->room_start = block->data;
    m->room_end   = block->data + block->cap;
    m->payload    = block->data + before;
    return OCKAM_OK;
}

ockam_slice_t ockam_message_payload(const ockam_message_t *m)
{
    return ockam_slice(m->payload, m->payload_len);
}

static bool text_of(const ockam_message_t *m, ockam_slice_t *text)
{
    ockam_reader_t r = ockam_reader(ockam_message_payload(m));

    return ockam_bare_read_text(&r, text, NULL) == OCKAM_OK;
}

bool ockam_message_is_text(const ockam_message_t *m)
{
    ockam_slice_t text;

    return text_of(m, &text);
}

const char *ockam_message_text(ockam_message_t *m)
{
    ockam_slice_t text;

    /* The room behind the payload is the message's own, so the terminator goes there, never over another message. */
    if (!text_of(m, &text) || text.len == 0 || ockam_message_room(m, 0, 1, NULL) != OCKAM_OK || !text_of(m, &text))
        return "";
    m->payload[(size_t)(text.ptr - m->payload) + text.len] = '\0';
    return (const char *)text.ptr;
}

const ockam_route_t *ockam_message_onward_route(const ockam_message_t *m)
{
    return &m->onward_route;
}

const ockam_route_t *ockam_message_return_route(const ockam_message_t *m)
{
    return &m->return_route;
}

const ockam_identifier_t *ockam_message_peer(const ockam_message_t *m)
{
    return m->has_peer ? &m->peer : NULL;
}
