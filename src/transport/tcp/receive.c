/* SPDX-License-Identifier: Apache-2.0
 *
 * receive.c - bytes of a peer to messages, which stay in the block that the kernel wrote them to.
 * Protocol: docs/protocol/transports.md, "TCP".
 *
 * A block takes many frames, and each message holds a reference on it. A frame that is cut by the end of its block is
 * the only one that is copied: the part that is there, to a block that holds all of it. A connection that waits for its
 * peer holds no block. While the account is held up nothing is parsed and nothing is read, unless the block holds one
 * large frame: its memory is charged already, and only finishing it can give it back. */
#include "tcp_internal.h"

#include "wire/frame.h"
#include "wire/message.h"

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static ockam_block_t *new_block(ockam_tcp_conn_t *c, size_t size)
{
    return ockam_block_new(ockam_node_memory(c->tcp->node), size, c->account);
}

static bool must_wait(const ockam_tcp_conn_t *c)
{
    return c->account->held_up && (c->block == NULL || c->block->cap <= OCKAM_TCP_READ_BYTES_BIG);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    ockam_tcp_conn_t *c = (ockam_tcp_conn_t *)handle->data;

    (void)suggested;
    if (c->state != OCKAM_TCP_OPEN) { /* what comes now is thrown away */
        *buf = uv_buf_init((char *)c->tcp->scratch, sizeof(c->tcp->scratch));
        return;
    }
    if (c->block == NULL) {
        c->block  = new_block(c, c->big ? OCKAM_TCP_READ_BYTES_BIG : OCKAM_TCP_READ_BYTES);
        c->parsed = 0;
        c->fill   = 0;
    }
    if (c->block == NULL)
        *buf = uv_buf_init(NULL, 0); /* libuv tells on_read() */
    else
        *buf = uv_buf_init((char *)c->block->data + c->fill, (unsigned)(c->block->cap - c->fill));
}

/* Nothing is left to parse: keep the block only while messages hold it anyway and it has room worth a read. */
static void rest_block(ockam_tcp_conn_t *c)
{
    if (c->block == NULL)
        return;
    if (c->block->refs > 1 && c->block->cap - c->fill >= OCKAM_TCP_READ_BYTES_MIN) {
        ockam_tcp_sweep_start(c->tcp);
        return;
    }
    ockam_block_unref(c->block);
    c->block = NULL;
}

/* A frame has begun and will be `need` bytes long: have room for all of it. */
static ockam_status_t make_room(ockam_tcp_conn_t *c, size_t need, ockam_error_t *err)
{
    const size_t   have = c->fill - c->parsed;
    const size_t   room = c->block->cap - c->fill;
    ockam_block_t *block;

    if (c->block->cap - c->parsed >= need && (room >= OCKAM_TCP_READ_BYTES_MIN || have >= OCKAM_TCP_READ_BYTES_MIN))
        return OCKAM_OK;
    if (c->block->refs == 1 && c->block->cap >= need && c->block->cap >= OCKAM_TCP_READ_BYTES) {
        memmove(c->block->data, c->block->data + c->parsed, have); /* nobody else looks at it */
    } else {
        if ((block = new_block(c, need > OCKAM_TCP_READ_BYTES ? need : OCKAM_TCP_READ_BYTES)) == NULL)
            return ockam_fail(err, OCKAM_NO_MEMORY, "a frame of %zu bytes", need);
        memcpy(block->data, c->block->data + c->parsed, have);
        ockam_block_unref(c->block);
        c->block = block;
    }
    c->parsed = 0;
    c->fill   = have;
    return OCKAM_OK;
}

/* The peer has a fixed time for each 64 KiB of a frame: slow lines are served, one byte a second is not. */
static void watch_frame(ockam_tcp_conn_t *c)
{
    const size_t have = c->fill - c->parsed;

    if (c->frame_deadline_ms != 0 && have - c->frame_mark < OCKAM_TCP_READ_BYTES)
        return;
    c->frame_deadline_ms = ockam_tcp_deadline(c->tcp, c->tcp->frame_timeout_ms);
    c->frame_mark        = have;
    ockam_tcp_sweep_start(c->tcp);
}

/* ---- frames ----------------------------------------------------------------------------------------------------- */

static void route_message(ockam_tcp_conn_t *c, ockam_message_t *m)
{
    ockam_node_t *node     = c->tcp->node;
    ockam_box_t  *receiver = ockam_worker_box(c->worker, 1);
    ockam_error_t err;

    ockam_error_clear(&err);
    if (ockam_route_prepend(&m->return_route, ockam_address_local(c->address), &err) != OCKAM_OK) {
        ockam_node_event(node, OCKAM_LEVEL_WARN, "tcp.message.dropped", &err, "return route of a message from %s",
                         c->peer);
        ockam_tcp_drop(c->tcp, m, receiver, &ockam_node_counters(node)->dropped_limit);
        return;
    }
    ockam_node_observe(node, OCKAM_SEEN_RECEIVED, receiver, m);
    if (ockam_node_route(node, receiver, m, &err) != OCKAM_OK)
        ockam_node_event(node, OCKAM_LEVEL_WARN, "tcp.message.dropped", &err, "message from %s", c->peer);
}

/* One frame: `start` is its first byte, `body` what follows its length. */
static void take_frame(ockam_tcp_conn_t *c, uint8_t *start, ockam_slice_t body)
{
    ockam_node_t    *node    = c->tcp->node;
    ockam_message_t *m       = ockam_message_new(node, c->account);
    ockam_slice_t    payload = {0};
    ockam_error_t    err;
    ockam_status_t   s;

    ockam_error_clear(&err);
    if (m == NULL) {
        (void)ockam_fail(&err, OCKAM_NO_MEMORY, "a frame of %zu bytes", body.len);
        ockam_tcp_conn_fail(c, "tcp.memory", &err);
        return;
    }
    s = ockam_wire_message_decode(body, &m->onward_route, &m->return_route, &payload, &err);
    if (s == OCKAM_LIMIT) { /* a longer route than we keep is no breach of the protocol */
        ockam_node_event(node, OCKAM_LEVEL_WARN, "tcp.message.dropped", &err, "message from %s", c->peer);
        ockam_tcp_drop(c->tcp, m, ockam_worker_box(c->worker, 1), &ockam_node_counters(node)->dropped_limit);
        return;
    }
    if (s != OCKAM_OK) {
        ockam_tcp_drop(c->tcp, m, ockam_worker_box(c->worker, 1), &ockam_node_counters(node)->dropped_malformed);
        ockam_tcp_conn_fail(c, "tcp.frame.malformed", &err);
        return;
    }
    if (ockam_route_is_empty(&m->onward_route)) { /* a heartbeat */
        ockam_message_free(m);
        return;
    }
    c->block->refs++;
    m->block        = c->block;
    m->room_start   = start;
    m->room_end     = start + OCKAM_FRAME_HEAD_BYTES + body.len;
    m->payload      = payload.len > 0 ? start + (payload.ptr - start) : m->room_end;
    m->payload_len  = payload.len;
    m->from_network = true;
    route_message(c, m);
}

static bool check_hello(ockam_tcp_conn_t *c)
{
    const uint8_t version = c->block->data[c->parsed];
    ockam_error_t err     = {0};

    if (version != OCKAM_TCP_VERSION) {
        (void)ockam_fail(&err, OCKAM_MALFORMED, "version byte 0x%02x", version);
        ockam_tcp_conn_fail(c, "tcp.hello.version", &err);
        return false;
    }
    c->hello = true;
    c->parsed++;
    return true;
}

typedef enum { PARSED, PAUSED, CLOSED } parsed_t;

/* Everything that is there, as far as it may go on now. */
static parsed_t parse(ockam_tcp_conn_t *c)
{
    unsigned       left = OCKAM_TCP_FRAMES_AT_ONCE;
    size_t         need = 0;
    ockam_error_t  err  = {0};
    ockam_status_t s;

    if (c->block != NULL && !c->hello && c->fill > 0 && !check_hello(c))
        return CLOSED;
    while (c->block != NULL && c->fill > c->parsed) {
        uint8_t       *start = c->block->data + c->parsed;
        ockam_reader_t rest  = ockam_reader(ockam_slice(start, c->fill - c->parsed));
        ockam_slice_t  body  = {0};

        if (must_wait(c))
            return PAUSED;
        if ((s = ockam_frame_next(&rest, &body, &need, &err)) == OCKAM_NEED_MORE) {
            watch_frame(c);
            if (make_room(c, need, &err) != OCKAM_OK) {
                ockam_tcp_conn_fail(c, "tcp.memory", &err);
                return CLOSED;
            }
            return PARSED;
        }
        if (s != OCKAM_OK) {
            ockam_node_counters(c->tcp->node)->dropped_malformed++;
            ockam_tcp_conn_fail(c, "tcp.frame.malformed", &err);
            return CLOSED;
        }
        if (left-- == 0) { /* let what came so far be handled first */
            ockam_node_defer(c->tcp->node, &c->parse_task, false);
            return PAUSED;
        }
        c->parsed            = c->fill - rest.rest.len;
        c->frame_deadline_ms = 0;
        c->frame_mark        = 0;
        take_frame(c, start, body);
        if (c->state != OCKAM_TCP_OPEN)
            return CLOSED;
    }
    rest_block(c);
    return must_wait(c) ? PAUSED : PARSED;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static void stop_reading(ockam_tcp_conn_t *c)
{
    if (c->reading)
        (void)uv_read_stop((uv_stream_t *)&c->handle);
    c->reading = false;
}

void ockam_tcp_receive_continue(void *conn)
{
    ockam_tcp_conn_t *c   = (ockam_tcp_conn_t *)conn;
    ockam_error_t     err = {0};

    if (c->state != OCKAM_TCP_OPEN)
        return;
    switch (parse(c)) {
    case PAUSED: stop_reading(c); break;
    case CLOSED: break;
    case PARSED:
        if (c->eof)
            ockam_tcp_conn_finish(c);
        else if (!c->reading && ockam_tcp_receive_start(c, &err) != OCKAM_OK)
            ockam_tcp_conn_fail(c, "tcp.connection.failed", &err);
        break;
    }
}

/* The other end has closed, or reading failed. */
static void read_ended(ockam_tcp_conn_t *c, int status)
{
    ockam_error_t err = {0};

    stop_reading(c);
    if (c->state == OCKAM_TCP_FINISHING) { /* what we waited for, unless something is still to be written */
        c->eof = true;
        if (status != UV_EOF)
            ockam_tcp_conn_close(c);
        else
            ockam_node_defer(c->tcp->node, &c->flush_task, true);
        return;
    }
    if (status == UV_EOF) {
        c->eof = true;
        ockam_node_event(c->tcp->node, OCKAM_LEVEL_DEBUG, "tcp.connection.closed", NULL, "%s has closed", c->peer);
        ockam_tcp_receive_continue(c);
        return;
    }
    (void)ockam_tcp_fail(&err, status, "read");
    ockam_tcp_conn_fail(c, status == UV_ENOBUFS ? "tcp.memory" : "tcp.connection.failed", &err);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    ockam_tcp_conn_t *c = (ockam_tcp_conn_t *)stream->data;

    if (count < 0) {
        read_ended(c, (int)count);
        return;
    }
    if (c->state != OCKAM_TCP_OPEN)
        return;
    if (count == 0) { /* there was nothing after all */
        if (c->fill == c->parsed)
            rest_block(c);
        return;
    }
    c->big = (size_t)count == buf->len && buf->len >= OCKAM_TCP_READ_BYTES / 2;
    c->fill += (size_t)count;
    ockam_tcp_receive_continue(c);
}

ockam_status_t ockam_tcp_receive_start(ockam_tcp_conn_t *c, ockam_error_t *err)
{
    const int r = uv_read_start((uv_stream_t *)&c->handle, on_alloc, on_read);

    if (r != 0)
        return ockam_tcp_fail(err, r, "read");
    c->reading = true;
    return OCKAM_OK;
}
