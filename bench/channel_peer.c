/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_peer.c - one end of a measurement over a channel and TCP; the other end may be another implementation.
 *
 *     channel_peer listen HOST:PORT                   listener "bench_listener", workers "echoer" and "sink"
 *     channel_peer handshakes HOST:PORT COUNT CONCURRENCY
 *     channel_peer rtt HOST:PORT COUNT SIZE           round trips through one channel
 *     channel_peer stream HOST:PORT COUNT SIZE        one way, until the sink has answered the count
 *     channel_peer idle HOST:PORT COUNT               COUNT idle channels over one connection: memory of one end
 *     channel_peer connections HOST:PORT COUNT        COUNT idle connections: memory of one end
 *     channel_peer hop HOST:PORT                      a node in between: "hop" sends on to wherever the route says
 *     channel_peer rtt HOST:PORT COUNT SIZE TARGET    HOST:PORT is such a node; the listener is at TARGET
 *
 * Each prints one line of JSON. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ockam/ockam.h"

static ockam_node_t *node;
static ockam_error_t err;

static void must(ockam_status_t s, const char *what)
{
    char text[512];

    if (s == OCKAM_OK)
        return;
    (void)ockam_error_text(&err, text, sizeof(text));
    fprintf(stderr, "channel_peer: %s: %s (%s)\n", what, text, ockam_status_name(s));
    exit(70);
}

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static long resident_kib(void)
{
    FILE *f         = fopen("/proc/self/statm", "r"); /* pages: all, then resident */
    char  line[128] = "";
    char *resident  = line;

    if (f != NULL && fgets(line, sizeof(line), f) != NULL)
        (void)strtol(line, &resident, 10);
    if (f != NULL)
        (void)fclose(f);
    return strtol(resident, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

/* ---- the listening end ------------------------------------------------------------------------------------------- */

static ockam_status_t sink_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *e)
{
    uint64_t           *count   = (uint64_t *)ockam_worker_context(worker);
    const ockam_slice_t payload = ockam_message_payload(message);
    uint8_t             answer[8];

    if (payload.len != 1 || payload.ptr[0] != '?') {
        ++*count;
        return OCKAM_OK;
    }
    for (int i = 0; i < 8; i++)
        answer[i] = (uint8_t)(*count >> (56 - 8 * i));
    *count = 0;
    return ockam_worker_reply(worker, message, ockam_slice(answer, 8), e);
}

static void on_signal(int number)
{
    (void)number;
    ockam_node_stop(node);
}

static void listen_at(const char *address)
{
    static const ockam_worker_ops_t      sink     = {.name = "sink", .handle = sink_handle};
    static uint64_t                      count    = 0;
    const ockam_secure_channel_options_t options  = {.trust = OCKAM_TRUST_EVERYONE};
    struct sigaction                     action   = {.sa_handler = on_signal};
    ockam_identity_t                    *identity = NULL;
    ockam_tcp_listener_t                 tcp;
    ockam_secure_channel_listener_t      listener = {0};
    ockam_metrics_t                      m;

    must(ockam_tcp_listen(node, address, &tcp, &err), "listen");
    must(ockam_node_create_identity(node, &identity, &err), "identity");
    must(ockam_secure_channel_listen(node, identity, "bench_listener", &options, &listener, &err), "listener");
    must(ockam_flow_allow(node, tcp.flow, "bench_listener", &err), "flow");
    must(ockam_echo_start(node, "echoer", &err), "echoer");
    must(ockam_worker_start(node, "sink", &sink, &(ockam_worker_options_t){.context = &count}, NULL, &err), "sink");
    must(ockam_flow_allow(node, listener.flow, "echoer", &err), "flow");
    must(ockam_flow_allow(node, listener.flow, "sink", &err), "flow");
    (void)sigaction(SIGTERM, &action, NULL);
    printf("listening %s\n", tcp.address);
    (void)fflush(stdout);
    must(ockam_node_run(node, &err), "run");
    ockam_node_metrics(node, &m);
    fprintf(stderr,
            "{\"role\":\"listen\",\"delivered\":%" PRIu64 ",\"payload_copies\":%" PRIu64 ",\"allocations\":%" PRIu64
            ",\"pool_hits\":%" PRIu64 "}\n",
            m.delivered, m.payload_copies, m.allocations, m.pool_hits);
    ockam_identity_free(identity);
}

static void hop_at(const char *address)
{
    struct sigaction     action = {.sa_handler = on_signal};
    ockam_tcp_listener_t tcp;

    must(ockam_tcp_listen(node, address, &tcp, &err), "listen");
    must(ockam_hop_start(node, "hop", &err), "hop");
    must(ockam_flow_allow(node, tcp.flow, "hop", &err), "flow");
    (void)sigaction(SIGTERM, &action, NULL);
    printf("listening %s\n", tcp.address);
    (void)fflush(stdout);
    must(ockam_node_run(node, &err), "run");
}

/* ---- the measuring end ------------------------------------------------------------------------------------------- */

static ockam_identity_t      *me;
static ockam_tcp_connection_t connection;
static char                   target[80]; /* "tcp#HOST:PORT": where the listener is, seen from the hop; empty: no hop */
static ockam_secure_channel_t *channel;

static const ockam_secure_channel_options_t *trusting(void)
{
    static ockam_secure_channel_options_t options;

    options.trust = OCKAM_TRUST_EVERYONE;
    return &options;
}

static void connect_to(const char *address, bool with_channel)
{
    must(ockam_tcp_connect(node, address, &connection, &err), "connect");
    must(ockam_node_create_identity(node, &me, &err), "identity");
    if (with_channel)
        must(ockam_secure_channel_create(node, me,
                                         target[0] == 0
                                             ? OCKAM_ROUTE(connection.address, "bench_listener")
                                             : OCKAM_ROUTE(connection.address, "hop", target, "bench_listener"),
                                         trusting(), &channel, &err),
             "channel");
}

typedef struct {
    unsigned started, ended, total;
    bool     keep;
} handshakes_t;

static void start_one(handshakes_t *h);

static void on_channel(void *context, ockam_status_t s, ockam_secure_channel_t *c, const ockam_error_t *e)
{
    handshakes_t *h = (handshakes_t *)context;

    if (e != NULL)
        err = *e;
    must(s, "handshake");
    h->ended++;
    if (!h->keep)
        ockam_secure_channel_close(c);
    if (h->started < h->total)
        start_one(h);
}

static void start_one(handshakes_t *h)
{
    h->started++;
    must(ockam_secure_channel_start(node, me, OCKAM_ROUTE(connection.address, "bench_listener"), trusting(), on_channel,
                                    h, &err),
         "handshake");
}

static void handshakes(const char *address, unsigned count, unsigned concurrency, bool keep)
{
    handshakes_t h      = {.total = count, .keep = keep};
    const long   before = resident_kib();
    double       start;

    connect_to(address, false);
    start = now_us();
    for (unsigned i = 0; i < concurrency && i < count; i++)
        start_one(&h);
    while (h.ended < h.total)
        must(ockam_node_run_for(node, 1, &err), "run");
    if (keep)
        printf("{\"measure\":\"idle\",\"channels\":%u,\"kib_per_channel\":%.2f}\n", count,
               (double)(resident_kib() - before) / count);
    else
        printf("{\"measure\":\"handshakes\",\"count\":%u,\"per_second\":%.0f}\n", count,
               count / ((now_us() - start) / 1e6));
}

typedef struct {
    unsigned      count, size, done;
    double        sent_at, *times;
    uint64_t      allocations, copies; /* up to the first tenth */
    uint8_t      *payload;
    ockam_route_t route;
} rtt_t;

static ockam_status_t rtt_send(ockam_worker_t *worker, rtt_t *r, ockam_error_t *e)
{
    r->sent_at = now_us();
    return ockam_worker_send(worker, &r->route, ockam_slice(r->payload, r->size), e);
}

static ockam_status_t rtt_initialize(ockam_worker_t *worker, ockam_error_t *e)
{
    return rtt_send(worker, (rtt_t *)ockam_worker_context(worker), e);
}

static ockam_status_t rtt_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *e)
{
    rtt_t          *r = (rtt_t *)ockam_worker_context(worker);
    ockam_metrics_t m;

    if (ockam_message_payload(message).len != r->size)
        return ockam_fail(e, OCKAM_INTERNAL, "an answer of another size");
    r->times[r->done++] = now_us() - r->sent_at;
    if (r->done == r->count / 10) {
        ockam_node_metrics(node, &m);
        r->allocations = m.allocations;
        r->copies      = m.payload_copies;
    }
    if (r->done < r->count)
        return rtt_send(worker, r, e);
    ockam_node_stop(node);
    return OCKAM_OK;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void rtt(const char *address, unsigned count, unsigned size)
{
    static const ockam_worker_ops_t ops = {.name = "rtt", .initialize = rtt_initialize, .handle = rtt_handle};
    rtt_t                           r   = {.count = count, .size = size};
    ockam_metrics_t                 m;

    connect_to(address, true);
    r.times   = (double *)calloc(count, sizeof(double));
    r.payload = (uint8_t *)calloc(1, size + 1);
    ockam_route_copy(&r.route, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"));
    must(ockam_flow_allow(node, ockam_secure_channel_flow(channel), "rtt", &err), "flow");
    must(ockam_worker_start(node, "rtt", &ops, &(ockam_worker_options_t){.context = &r}, NULL, &err), "worker");
    must(ockam_node_run(node, &err), "run");
    ockam_node_metrics(node, &m);
    qsort(r.times, count, sizeof(double), compare);
    printf("{\"measure\":\"rtt\",\"size\":%u,\"count\":%u,\"p50_us\":%.1f,\"p99_us\":%.1f,\"allocations\":%" PRIu64
           ",\"payload_copies\":%" PRIu64 ",\"delivered\":%" PRIu64 "}\n",
           size, count, r.times[count / 2], r.times[(uint64_t)count * 99 / 100], m.allocations - r.allocations,
           m.payload_copies - r.copies, m.delivered);
    free(r.times);
    free(r.payload);
}

typedef struct {
    uint64_t      left;
    unsigned      size;
    uint8_t      *payload;
    ockam_route_t route;
    uint64_t      counted;
} stream_t;

static ockam_status_t stream_process(ockam_worker_t *worker, ockam_error_t *e)
{
    stream_t *s = (stream_t *)ockam_worker_context(worker);

    if (s->left == 0)
        return OCKAM_PENDING;
    if (--s->left == 0)
        return ockam_worker_send(worker, &s->route, ockam_slice("?", 1), e);
    return ockam_worker_send(worker, &s->route, ockam_slice(s->payload, s->size), e);
}

static ockam_status_t stream_handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *e)
{
    stream_t           *s = (stream_t *)ockam_worker_context(worker);
    const ockam_slice_t p = ockam_message_payload(message);

    (void)e;
    for (size_t i = 0; i < p.len; i++)
        s->counted = s->counted << 8 | p.ptr[i];
    ockam_node_stop(node);
    return OCKAM_OK;
}

static void stream(const char *address, unsigned count, unsigned size)
{
    static const ockam_worker_ops_t ops = {.name = "stream", .process = stream_process, .handle = stream_handle};
    stream_t                        s   = {.left = (uint64_t)count + 1, .size = size};
    double                          start, seconds;

    connect_to(address, true);
    s.payload = (uint8_t *)calloc(1, size + 1);
    ockam_route_copy(&s.route, OCKAM_ROUTE(ockam_secure_channel_address(channel), "sink"));
    must(ockam_flow_allow(node, ockam_secure_channel_flow(channel), "stream", &err), "flow");
    start = now_us();
    must(ockam_worker_start(node, "stream", &ops, &(ockam_worker_options_t){.context = &s}, NULL, &err), "worker");
    must(ockam_node_run(node, &err), "run");
    seconds = (now_us() - start) / 1e6;
    if (s.counted != count) {
        fprintf(stderr, "channel_peer: %" PRIu64 " of %u messages arrived\n", s.counted, count);
        exit(70);
    }
    printf("{\"measure\":\"stream\",\"size\":%u,\"count\":%u,\"per_second\":%.0f,\"gbit_per_second\":%.3f}\n", size,
           count, count / seconds, (double)count * size * 8 / seconds / 1e9);
    free(s.payload);
}

static void connections(const char *address, unsigned count)
{
    ockam_tcp_connection_t one;
    long                   before;

    must(ockam_tcp_connect(node, address, &one, &err), "connect"); /* what only the first one costs */
    before = resident_kib();
    for (unsigned i = 0; i < count; i++)
        must(ockam_tcp_connect(node, address, &one, &err), "connect");
    must(ockam_node_run_for(node, 100, &err), "run");
    printf("{\"measure\":\"connections\",\"connections\":%u,\"kib_per_connection\":%.2f}\n", count,
           (double)(resident_kib() - before) / count);
}

static void on_event(void *context, const ockam_event_t *event)
{
    (void)context;
    if (event->level <= OCKAM_LEVEL_WARN)
        fprintf(stderr, "channel_peer: %s: %s\n", event->name, event->text);
}

static unsigned number(const char *text)
{
    return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";

    must(ockam_node_new(&(ockam_node_options_t){.on_event = on_event}, &node, &err), "node");
    must(ockam_tcp_start(node, &(ockam_tcp_options_t){.connect_onward = strcmp(what, "hop") == 0}, &err), "tcp");
    if (strcmp(what, "listen") == 0 && argc == 3) {
        listen_at(argv[2]);
    } else if (strcmp(what, "handshakes") == 0 && argc == 5) {
        handshakes(argv[2], number(argv[3]), number(argv[4]), false);
    } else if (strcmp(what, "idle") == 0 && argc == 4) {
        handshakes(argv[2], number(argv[3]), 8, true);
    } else if (strcmp(what, "connections") == 0 && argc == 4) {
        connections(argv[2], number(argv[3]));
    } else if (strcmp(what, "hop") == 0 && argc == 3) {
        hop_at(argv[2]);
    } else if (strcmp(what, "rtt") == 0 && (argc == 5 || argc == 6)) {
        if (argc == 6)
            (void)snprintf(target, sizeof(target), "tcp#%s", argv[5]);
        rtt(argv[2], number(argv[3]), number(argv[4]));
    } else if (strcmp(what, "stream") == 0 && argc == 5) {
        stream(argv[2], number(argv[3]), number(argv[4]));
    } else {
        fprintf(
            stderr,
            "Usage: channel_peer listen|hop|handshakes|rtt|stream|idle|connections HOST:PORT [COUNT [SIZE [TARGET]]]\n");
        return 64;
    }
    ockam_secure_channel_close(channel);
    ockam_identity_free(me);
    ockam_node_free(node);
    return 0;
}
