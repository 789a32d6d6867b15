/* SPDX-License-Identifier: Apache-2.0
 *
 * send.c - messages to bytes of a peer: heads and tails are written around the payload, which is not moved, and all
 * frames of one turn of the loop leave in one write. Protocol: docs/protocol/transports.md, "TCP". */
#include "tcp_internal.h"

#include "wire/frame.h"
#include "wire/message.h"

/* More than this would make libuv allocate for the request; the rest follows in the next call. */
#define REQUEST_PARTS 4u

static void add_part(ockam_tcp_item_t *item, uint8_t *ptr, size_t len)
{
    if (len > 0)
        item->parts[item->count++] = uv_buf_init((char *)ptr, (unsigned)len);
}

/* In the room around the payload if it is wide enough, else in a block of its own. */
static ockam_status_t encode(ockam_tcp_conn_t *c, ockam_tcp_item_t *item, size_t head_len, ockam_error_t *err)
{
    ockam_message_t *m        = item->message;
    const size_t     body_len = head_len + m->payload_len + OCKAM_WIRE_MESSAGE_TAIL_BYTES;
    const size_t     front    = OCKAM_FRAME_HEAD_BYTES + head_len;
    uint8_t         *end      = m->payload + m->payload_len;

    if (m->block != NULL && (size_t)(m->payload - m->room_start) >= front &&
        (size_t)(m->room_end - end) >= OCKAM_WIRE_MESSAGE_TAIL_BYTES) {
        uint8_t *head = ockam_wire_message_put_head_before(m->payload, &m->onward_route, &m->return_route,
                                                           m->payload_len);
        ockam_frame_put_head(head - OCKAM_FRAME_HEAD_BYTES, body_len);
        (void)ockam_wire_message_put_tail(end);
        add_part(item, head - OCKAM_FRAME_HEAD_BYTES, OCKAM_FRAME_HEAD_BYTES + body_len);
        return OCKAM_OK;
    }
    item->extra = ockam_block_new(ockam_node_memory(c->tcp->node), front + OCKAM_WIRE_MESSAGE_TAIL_BYTES, m->account);
    if (item->extra == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "head of a frame, %zu bytes", front);
    ockam_frame_put_head(item->extra->data, body_len);
    (void)ockam_wire_message_put_head(item->extra->data + OCKAM_FRAME_HEAD_BYTES, &m->onward_route, &m->return_route,
                                      m->payload_len);
    if (m->payload_len == 0) { /* head and tail are next to each other */
        (void)ockam_wire_message_put_tail(item->extra->data + front);
        add_part(item, item->extra->data, front + OCKAM_WIRE_MESSAGE_TAIL_BYTES);
        return OCKAM_OK;
    }
    (void)ockam_wire_message_put_tail(item->extra->data + front);
    add_part(item, item->extra->data, front);
    add_part(item, m->payload, m->payload_len);
    add_part(item, item->extra->data + front, OCKAM_WIRE_MESSAGE_TAIL_BYTES);
    return OCKAM_OK;
}

static void send_failed(ockam_tcp_conn_t *c, ockam_message_t *m, const ockam_error_t *err)
{
    ockam_node_t *node = c->tcp->node;

    ockam_node_event(node, OCKAM_LEVEL_WARN, "tcp.message.dropped", err, "message to %s", c->peer);
    ockam_tcp_drop(c->tcp, m, c->worker != NULL ? ockam_worker_box(c->worker, 0) : NULL,
                   &ockam_node_counters(node)->dropped_limit);
}

void ockam_tcp_send(ockam_tcp_conn_t *c, ockam_message_t *m)
{
    const size_t      head_len = ockam_wire_message_head_size(&m->onward_route, &m->return_route, m->payload_len);
    ockam_tcp_item_t *item     = NULL;
    ockam_error_t     err;

    ockam_error_clear(&err);
    if (head_len + m->payload_len + OCKAM_WIRE_MESSAGE_TAIL_BYTES > OCKAM_TCP_MESSAGE_BYTES_MAX) {
        (void)ockam_fail(&err, OCKAM_LIMIT, "%zu bytes of payload, a message may have %u in all", m->payload_len,
                         OCKAM_TCP_MESSAGE_BYTES_MAX);
        send_failed(c, m, &err);
        return;
    }
    if ((item = ockam_tcp_item_new(c->tcp, m)) == NULL) {
        (void)ockam_fail(&err, OCKAM_NO_MEMORY, "frame");
        send_failed(c, m, &err);
        return;
    }
    if (encode(c, item, head_len, &err) != OCKAM_OK) {
        item->message = NULL;
        ockam_tcp_item_free(c->tcp, item);
        send_failed(c, m, &err);
        return;
    }
    ockam_node_observe(c->tcp->node, OCKAM_SEEN_SENT, c->worker != NULL ? ockam_worker_box(c->worker, 0) : NULL, m);
    ockam_tcp_queue_push(&c->out, item);
    ockam_node_defer(c->tcp->node, &c->flush_task, true);
}

ockam_status_t ockam_tcp_send_hello(ockam_tcp_conn_t *c, ockam_error_t *err)
{
    static uint8_t    version = OCKAM_TCP_VERSION; /* never written; uv_buf_t knows no const */
    ockam_tcp_item_t *item    = ockam_tcp_item_new(c->tcp, NULL);

    if (item == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "version byte");
    add_part(item, &version, 1);
    ockam_tcp_queue_push(&c->out, item);
    return OCKAM_OK;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Collect what is queued into `parts`. @return how many. */
static unsigned gather(const ockam_tcp_conn_t *c, uv_buf_t *parts, unsigned max, size_t *bytes)
{
    unsigned count = 0;

    *bytes = 0;
    for (const ockam_tcp_item_t *item = c->out.first; item != NULL && count < max; item = item->next)
        for (unsigned i = item->first; i < item->count && count < max; i++) {
            *bytes += item->parts[i].len;
            parts[count++] = item->parts[i];
        }
    return count;
}

/* The first `bytes` of the queue have been written. */
static void consume(ockam_tcp_conn_t *c, size_t bytes)
{
    while (bytes > 0) {
        ockam_tcp_item_t *item = c->out.first;
        uv_buf_t         *part = &item->parts[item->first];

        if (bytes < part->len) {
            part->base += bytes;
            part->len -= bytes;
            return;
        }
        bytes -= part->len;
        if (++item->first == item->count)
            ockam_tcp_item_free(c->tcp, ockam_tcp_queue_pop(&c->out));
    }
}

static void write_failed(ockam_tcp_conn_t *c, int status)
{
    ockam_error_t err = {0};

    (void)ockam_tcp_fail(&err, status, "write");
    ockam_tcp_conn_fail(c, "tcp.connection.failed", &err);
}

static void on_written(uv_write_t *request, int status)
{
    ockam_tcp_conn_t *c = (ockam_tcp_conn_t *)request->data;

    c->writing = false;
    if (c->state == OCKAM_TCP_CLOSED)
        return;
    if (status < 0) {
        write_failed(c, status);
        return;
    }
    consume(c, c->writing_bytes);
    ockam_tcp_flush(c);
}

/* The socket is full: let libuv wait for room. */
static void write_later(ockam_tcp_conn_t *c)
{
    uv_buf_t       parts[REQUEST_PARTS];
    const unsigned count = gather(c, parts, REQUEST_PARTS, &c->writing_bytes);
    const int      r     = uv_write(&c->write_request, (uv_stream_t *)&c->handle, parts, count, on_written);

    if (r < 0)
        write_failed(c, r);
    else
        c->writing = true;
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request; /* the peer's close, or the deadline, ends the connection */
    (void)status;
}

/* All output has left. Closing now with input unread would make the system discard output that is still on its way, so
 * the peer is told that nothing more comes, and closes in its turn. */
static void finish(ockam_tcp_conn_t *c)
{
    if (c->eof) {
        ockam_tcp_conn_close(c);
        return;
    }
    if (c->shut)
        return;
    c->shut               = true;
    c->finish_deadline_ms = ockam_tcp_deadline(c->tcp, OCKAM_STOP_TIMEOUT_MS);
    if (uv_shutdown(&c->shutdown_request, (uv_stream_t *)&c->handle, on_shutdown) != 0)
        ockam_tcp_conn_close(c);
}

void ockam_tcp_flush(void *conn)
{
    ockam_tcp_conn_t *c = (ockam_tcp_conn_t *)conn;

    if (c->state == OCKAM_TCP_FINISHING && c->worker != NULL) {
        ockam_worker_t *worker = c->worker;
        c->worker              = NULL;
        ockam_worker_stop(worker);
    }
    while (c->out.first != NULL && !c->writing && c->state != OCKAM_TCP_CLOSED) {
        size_t         bytes = 0;
        const unsigned count = gather(c, c->tcp->scratch, OCKAM_TCP_WRITE_PARTS, &bytes);
        int            r     = uv_try_write((uv_stream_t *)&c->handle, c->tcp->scratch, count);

        if (r < 0 && r != UV_EAGAIN) {
            write_failed(c, r);
            return;
        }
        if (r > 0)
            consume(c, (size_t)r);
        if ((size_t)(r > 0 ? r : 0) < bytes)
            write_later(c);
    }
    if (c->state == OCKAM_TCP_FINISHING && c->out.first == NULL)
        finish(c);
}
