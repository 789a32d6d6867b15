/* SPDX-License-Identifier: Apache-2.0
 *
 * basic.c - the workers echo, uppercase and hop. Source: docs/protocol/nodes.md, "Services".
 *
 * service/ holds workers that come with the library; they use the node, never its loop or sockets directly. */
#include "node/runtime.h"
#include "wire/bare.h"

static ockam_status_t echo_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    return ockam_worker_return(worker, message, err);
}

ockam_status_t ockam_echo_start(ockam_node_t *node, const char *address, ockam_error_t *err)
{
    static const ockam_worker_ops_t ops = {.name = "echo", .handle = echo_handle};

    return ockam_worker_start(node, address, &ops, NULL, NULL, err);
}

static ockam_status_t uppercase_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    ockam_reader_t r = ockam_reader(ockam_message_payload(message));
    ockam_slice_t  text;
    uint8_t       *first;

    OCKAM_TRY(err, ockam_bare_read_text(&r, &text, err), "uppercase: the payload is no text");
    /* The payload is the message's own, and no letter changes its length. */
    first = message->payload + (text.ptr - message->payload);
    for (size_t i = 0; i < text.len; i++)
        if (first[i] >= 'a' && first[i] <= 'z')
            first[i] = (uint8_t)(first[i] - 'a' + 'A');
    return ockam_worker_return(worker, message, err);
}

ockam_status_t ockam_uppercase_start(ockam_node_t *node, const char *address, ockam_error_t *err)
{
    static const ockam_worker_ops_t ops = {.name = "uppercase", .handle = uppercase_handle};

    return ockam_worker_start(node, address, &ops, NULL, NULL, err);
}

static ockam_status_t hop_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    return ockam_worker_forward(worker, message, err);
}

ockam_status_t ockam_hop_start(ockam_node_t *node, const char *address, ockam_error_t *err)
{
    static const ockam_worker_ops_t ops = {.name = "hop", .handle = hop_handle};

    return ockam_worker_start(node, address, &ops, NULL, NULL, err);
}
