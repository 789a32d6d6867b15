/* SPDX-License-Identifier: Apache-2.0
 *
 * listener.c - incoming connections. Protocol: docs/protocol/transports.md, "TCP". */
#include <assert.h>
#include <stdio.h>

#include "tcp_internal.h"

struct ockam_tcp_acceptor {
    ockam_tcp_acceptor_t *prev, *next;
    ockam_tcp_t          *tcp;
    ockam_flow_id_t       flow; /* of all connections it accepts; 0 until it listens */
    uv_tcp_t              handle;
};

static void on_acceptor_closed(uv_handle_t *handle)
{
    ockam_tcp_acceptor_t *a   = (ockam_tcp_acceptor_t *)handle->data;
    ockam_tcp_t          *tcp = a->tcp;

    ockam_release(ockam_node_allocator(tcp->node), a, sizeof(*a));
    ockam_tcp_unref(tcp);
}

static void acceptor_close(ockam_tcp_acceptor_t *a)
{
    if (a->next != NULL)
        a->next->prev = a->prev;
    if (a->prev != NULL)
        a->prev->next = a->next;
    else
        a->tcp->acceptors = a->next;
    ockam_directory_flow_end(ockam_node_directory(a->tcp->node), a->flow);
    uv_close((uv_handle_t *)&a->handle, on_acceptor_closed);
}

void ockam_tcp_acceptors_close(ockam_tcp_t *tcp)
{
    while (tcp->acceptors != NULL)
        acceptor_close(tcp->acceptors);
}

static ockam_status_t acceptor_new(ockam_tcp_t *tcp, ockam_tcp_acceptor_t **out, ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_node_allocator(tcp->node);
    ockam_tcp_acceptor_t    *a         = (ockam_tcp_acceptor_t *)ockam_alloc(allocator, sizeof(*a));
    int                      r;

    if (a == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "TCP listener");
    if ((r = uv_tcp_init(ockam_node_loop(tcp->node), &a->handle)) != 0) {
        ockam_release(allocator, a, sizeof(*a));
        return ockam_tcp_fail(err, r, "socket");
    }
    a->tcp         = tcp;
    a->handle.data = a;
    a->next        = tcp->acceptors;
    if (tcp->acceptors != NULL)
        tcp->acceptors->prev = a;
    tcp->acceptors = a;
    tcp->refs++;
    *out = a;
    return OCKAM_OK;
}

/* libuv stops listening while a connection is not accepted, so one too many is accepted, and closed. */
static void refuse(ockam_tcp_acceptor_t *a, const ockam_error_t *err)
{
    ockam_tcp_t      *tcp  = a->tcp;
    const size_t      max  = tcp->connections_max;
    ockam_tcp_conn_t *conn = NULL;

    ockam_node_event(tcp->node, OCKAM_LEVEL_WARN, "tcp.accept.refused", err, "an incoming connection is closed");
    tcp->connections_max = SIZE_MAX;
    if (ockam_tcp_conn_new(tcp, &conn, NULL) == OCKAM_OK) {
        (void)uv_accept((uv_stream_t *)&a->handle, (uv_stream_t *)&conn->handle);
        ockam_tcp_conn_close(conn);
    }
    tcp->connections_max = max;
}

static void on_connection(uv_stream_t *stream, int status)
{
    ockam_tcp_acceptor_t *a    = (ockam_tcp_acceptor_t *)stream->data;
    ockam_tcp_conn_t     *conn = NULL;
    ockam_error_t         err  = {0};
    ockam_status_t        s;
    int                   r;

    if (status < 0) { /* for example no descriptors left: libuv goes on accepting */
        (void)ockam_tcp_fail(&err, status, "accept");
        ockam_node_event(a->tcp->node, OCKAM_LEVEL_WARN, "tcp.accept.failed", &err, "an incoming connection is lost");
        return;
    }
    if (ockam_tcp_conn_new(a->tcp, &conn, &err) != OCKAM_OK) {
        refuse(a, &err);
        return;
    }
    if ((r = uv_accept(stream, (uv_stream_t *)&conn->handle)) != 0)
        s = ockam_tcp_fail(&err, r, "accept");
    else
        s = ockam_tcp_conn_open(conn, a->flow, &err);
    if (s == OCKAM_OK)
        return;
    ockam_node_event(a->tcp->node, OCKAM_LEVEL_WARN, "tcp.accept.failed", &err, "an incoming connection is lost");
    ockam_tcp_conn_close(conn);
}

ockam_status_t ockam_tcp_adopt(ockam_tcp_t *tcp, int fd, ockam_flow_id_t flow, ockam_error_t *err)
{
    ockam_tcp_conn_t *conn = NULL;
    ockam_status_t    s;
    int               r;

    OCKAM_TRY(err, ockam_tcp_conn_new(tcp, &conn, err), "adopt");
    if ((r = uv_tcp_open(&conn->handle, fd)) != 0)
        s = ockam_tcp_fail(err, r, "open");
    else
        s = ockam_tcp_conn_open(conn, flow, err);
    if (s != OCKAM_OK)
        ockam_tcp_conn_close(conn);
    return s;
}

/* Bind to one address and listen. On failure nothing is left. */
static ockam_status_t listen_at(ockam_tcp_t *tcp, const struct sockaddr_storage *address, const char *text,
                                ockam_tcp_acceptor_t **out, ockam_error_t *err)
{
    ockam_tcp_acceptor_t *a = NULL;
    int                   r;

    OCKAM_TRY(err, acceptor_new(tcp, &a, err), "listen");
    assert(a != NULL);
    if ((r = uv_tcp_bind(&a->handle, (const struct sockaddr *)address, 0)) == 0)
        r = uv_listen((uv_stream_t *)&a->handle, OCKAM_TCP_BACKLOG, on_connection);
    if (r == 0 && (a->flow = ockam_directory_flow_new(ockam_node_directory(tcp->node))) == 0)
        r = UV_ENOMEM;
    if (r != 0) {
        acceptor_close(a);
        return r == UV_ENOMEM ? ockam_fail(err, OCKAM_NO_MEMORY, "listen") : ockam_tcp_fail(err, r, text);
    }
    *out = a;
    return OCKAM_OK;
}

ockam_status_t ockam_tcp_listen(ockam_node_t *node, const char *address, ockam_tcp_listener_t *out, ockam_error_t *err)
{
    ockam_tcp_t            *tcp = ockam_tcp_of(node);
    ockam_tcp_acceptor_t   *a   = NULL;
    ockam_hostport_t        to  = {0};
    struct sockaddr_storage addresses[OCKAM_TCP_ATTEMPTS_MAX];
    struct sockaddr_storage bound = {0};
    char                    text[OCKAM_HOSTPORT_TEXT_MAX];
    int                     len = (int)sizeof(bound);
    size_t                  count;
    ockam_status_t          s = OCKAM_IO;

    if (tcp == NULL)
        return ockam_fail(err, OCKAM_WRONG_STATE, "TCP is not started");
    if (ockam_hostport_parse(ockam_slice_text(address), &to, NULL) != OCKAM_OK)
        return ockam_fail(err, OCKAM_INVALID, "%.64s is not host:port", address);
    (void)ockam_hostport_text(&to, text, sizeof(text));
    if ((count = ockam_tcp_resolve(tcp, &to, addresses, OCKAM_TCP_ATTEMPTS_MAX, err)) == 0)
        return ockam_error_wrap(err, OCKAM_IO, __func__, "listen");
    for (size_t i = 0; i < count && a == NULL; i++)
        s = listen_at(tcp, &addresses[i], text, &a, err);
    if (a == NULL)
        return ockam_error_wrap(err, s, __func__, "listen");
    if (out != NULL) {
        (void)uv_tcp_getsockname(&a->handle, (struct sockaddr *)&bound, &len);
        ockam_tcp_address_text(&bound, out->address, sizeof(out->address));
        out->flow = a->flow;
    }
    return OCKAM_OK;
}
