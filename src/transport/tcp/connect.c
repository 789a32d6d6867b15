/* SPDX-License-Identifier: Apache-2.0
 *
 * connect.c - outgoing connections: look up the name, try each address in turn within one time limit.
 * Protocol: docs/protocol/transports.md, "TCP". */
#include <stdio.h>

#include "tcp_internal.h"

/** One try to reach a host. It ends with `done`, and is freed when its last handle has closed. */
struct ockam_tcp_connector {
    ockam_tcp_connector_t  *prev, *next;
    ockam_tcp_t            *tcp;
    size_t                  refs; /* timer, look-up, attempt */
    bool                    finished, late;
    ockam_tcp_connected_fn  done;
    void                   *context;
    ockam_hostport_t        to;
    char                    text[OCKAM_HOSTPORT_TEXT_MAX];
    uv_timer_t              timer;
    uv_getaddrinfo_t        lookup;
    uv_connect_t            request;
    ockam_tcp_conn_t       *conn; /* being connected */
    struct sockaddr_storage addresses[OCKAM_TCP_ATTEMPTS_MAX];
    size_t                  count, tried;
    ockam_error_t           err; /* why the last attempt failed */
};

static void connector_unref(ockam_tcp_connector_t *k)
{
    ockam_tcp_t *tcp = k->tcp;

    if (--k->refs > 0)
        return;
    ockam_release(ockam_node_allocator(tcp->node), k, sizeof(*k));
    ockam_tcp_unref(tcp);
}

static void on_timer_closed(uv_handle_t *handle)
{
    connector_unref((ockam_tcp_connector_t *)handle->data);
}

/* The one end of a connector: with an open connection, or NULL and k->err. */
static void connector_finish(ockam_tcp_connector_t *k, ockam_tcp_conn_t *conn)
{
    if (k->finished)
        return;
    k->finished = true;
    if (k->next != NULL)
        k->next->prev = k->prev;
    if (k->prev != NULL)
        k->prev->next = k->next;
    else
        k->tcp->connectors = k->next;
    (void)uv_cancel((uv_req_t *)&k->lookup); /* fails if it is not waiting */
    if (k->conn != NULL)
        ockam_tcp_conn_close(k->conn);
    k->conn = NULL;
    uv_close((uv_handle_t *)&k->timer, on_timer_closed);
    if (k->done != NULL)
        k->done(k->context, conn, conn != NULL ? NULL : &k->err);
}

static void try_next(ockam_tcp_connector_t *k);

static void on_connected(uv_connect_t *request, int status)
{
    ockam_tcp_connector_t *k    = (ockam_tcp_connector_t *)request->data;
    ockam_tcp_conn_t      *conn = k->conn;

    if (!k->finished) {
        k->conn = NULL;
        if (status == 0 && ockam_tcp_conn_open(conn, 0, &k->err) == OCKAM_OK) {
            connector_finish(k, conn);
        } else {
            if (status != 0)
                (void)ockam_tcp_fail(&k->err, status, k->text);
            ockam_tcp_conn_close(conn);
            try_next(k);
        }
    }
    connector_unref(k);
}

static void try_next(ockam_tcp_connector_t *k)
{
    int r;

    while (k->tried < k->count) {
        const struct sockaddr *address = (const struct sockaddr *)&k->addresses[k->tried++];
        if (ockam_tcp_conn_new(k->tcp, &k->conn, &k->err) != OCKAM_OK)
            break;
        k->request.data = k;
        r               = uv_tcp_connect(&k->request, &k->conn->handle, address, on_connected);
        if (r == 0) {
            k->refs++;
            return;
        }
        (void)ockam_tcp_fail(&k->err, r, k->text);
        ockam_tcp_conn_close(k->conn);
        k->conn = NULL;
    }
    connector_finish(k, NULL);
}

static void on_timeout(uv_timer_t *timer)
{
    ockam_tcp_connector_t *k = (ockam_tcp_connector_t *)timer->data;

    if (!k->late) { /* the loop may have rested: look once at what has come meanwhile */
        k->late = true;
        (void)uv_timer_start(timer, on_timeout, 1, 0);
        return;
    }
    (void)ockam_fail(&k->err, OCKAM_TIMEOUT, "%s: no connection in %llu ms", k->text,
                     (unsigned long long)k->tcp->connect_timeout_ms);
    connector_finish(k, NULL);
}

/* ---- names ------------------------------------------------------------------------------------------------------ */

static size_t copy_addresses(const struct addrinfo *list, struct sockaddr_storage *out, size_t max)
{
    size_t count = 0;

    for (const struct addrinfo *a = list; a != NULL && count < max; a = a->ai_next)
        if (a->ai_addrlen <= sizeof(out[count])) {
            memset(&out[count], 0, sizeof(out[count]));
            memcpy(&out[count++], a->ai_addr, a->ai_addrlen);
        }
    return count;
}

/* An address given as such needs no look-up. */
static size_t literal_address(const ockam_hostport_t *to, struct sockaddr_storage *out)
{
    if (to->kind == OCKAM_HOST_IPV4)
        return uv_ip4_addr(to->host, to->port, (struct sockaddr_in *)(void *)out) == 0 ? 1 : 0;
    if (to->kind == OCKAM_HOST_IPV6)
        return uv_ip6_addr(to->host, to->port, (struct sockaddr_in6 *)(void *)out) == 0 ? 1 : 0;
    return 0;
}

static int start_lookup(ockam_tcp_t *tcp, uv_getaddrinfo_t *request, const ockam_hostport_t *to, uv_getaddrinfo_cb done)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    char                  port[6];

    (void)snprintf(port, sizeof(port), "%u", (unsigned)to->port);
    return uv_getaddrinfo(ockam_node_loop(tcp->node), request, done, to->host, port, &hints);
}

size_t ockam_tcp_resolve(ockam_tcp_t *tcp, const ockam_hostport_t *to, struct sockaddr_storage *out, size_t max,
                         ockam_error_t *err)
{
    uv_getaddrinfo_t request;
    size_t           count = literal_address(to, out);
    int              r;

    if (count > 0)
        return count;
    if ((r = start_lookup(tcp, &request, to, NULL)) != 0) {
        (void)ockam_tcp_fail(err, r, to->host);
        return 0;
    }
    count = copy_addresses(request.addrinfo, out, max);
    uv_freeaddrinfo(request.addrinfo);
    if (count == 0)
        (void)ockam_fail(err, OCKAM_IO, "%.80s: no address", to->host);
    return count;
}

static void on_lookup(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    ockam_tcp_connector_t *k = (ockam_tcp_connector_t *)request->data;

    if (!k->finished) {
        k->count = status == 0 ? copy_addresses(list, k->addresses, OCKAM_TCP_ATTEMPTS_MAX) : 0;
        if (status != 0)
            (void)ockam_tcp_fail(&k->err, status, k->text);
        else if (k->count == 0)
            (void)ockam_fail(&k->err, OCKAM_IO, "%.80s: no address", k->text);
        try_next(k);
    }
    uv_freeaddrinfo(list);
    connector_unref(k);
}

ockam_status_t ockam_tcp_connector_start(ockam_tcp_t *tcp, const ockam_hostport_t *to, ockam_tcp_connected_fn done,
                                         void *context, ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_node_allocator(tcp->node);
    ockam_tcp_connector_t   *k;
    int                      r;

    if (tcp->closed)
        return ockam_fail(err, OCKAM_WRONG_STATE, "the node stops");
    if ((k = (ockam_tcp_connector_t *)ockam_alloc(allocator, sizeof(*k))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "connecting");
    if ((r = uv_timer_init(ockam_node_loop(tcp->node), &k->timer)) != 0) {
        ockam_release(allocator, k, sizeof(*k));
        return ockam_tcp_fail(err, r, "timer");
    }
    k->tcp         = tcp;
    k->refs        = 1; /* the timer's */
    k->done        = done;
    k->context     = context;
    k->to          = *to;
    k->timer.data  = k;
    k->lookup.data = k;
    (void)ockam_hostport_text(to, k->text, sizeof(k->text));
    k->next = tcp->connectors;
    if (tcp->connectors != NULL)
        tcp->connectors->prev = k;
    tcp->connectors = k;
    tcp->refs++;
    uv_update_time(ockam_node_loop(tcp->node)); /* the loop may not have run for long */
    (void)uv_timer_start(&k->timer, on_timeout, tcp->connect_timeout_ms, 0);
    if ((k->count = literal_address(to, k->addresses)) > 0) {
        try_next(k);
        return OCKAM_OK;
    }
    if ((r = start_lookup(tcp, &k->lookup, to, on_lookup)) != 0) {
        (void)ockam_tcp_fail(&k->err, r, k->text);
        connector_finish(k, NULL);
        return OCKAM_OK;
    }
    k->refs++;
    return OCKAM_OK;
}

void ockam_tcp_connector_cancel(ockam_tcp_t *tcp, const void *context)
{
    for (ockam_tcp_connector_t *k = tcp->connectors, *next; k != NULL; k = next) {
        next = k->next;
        if (k->context != context)
            continue;
        k->done = NULL;
        connector_finish(k, NULL);
    }
}

void ockam_tcp_connectors_close(ockam_tcp_t *tcp)
{
    while (tcp->connectors != NULL) {
        (void)ockam_fail(&tcp->connectors->err, OCKAM_CLOSED, "%s: the node stops", tcp->connectors->text);
        connector_finish(tcp->connectors, NULL);
    }
}
