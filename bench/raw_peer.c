/* SPDX-License-Identifier: Apache-2.0
 *
 * raw_peer.c - what channel_peer.c is measured against: the same bytes over TCP with nothing around them. Blocking sockets,
 * no cryptography, no routing, no event loop.
 *
 *     raw_peer listen HOST:PORT                   answers one connection after the other
 *     raw_peer rtt HOST:PORT COUNT FRAME          round trips of frames of FRAME bytes, length head included
 *     raw_peer stream HOST:PORT COUNT FRAME BATCH one way, BATCH frames a writev(); the receiver walks the heads in blocks
 *     raw_peer bulk HOST:PORT COUNT FRAME         the same, one frame a write
 *
 * Each prints one line of JSON. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define HEAD_BYTES  4u
#define BLOCK_BYTES 65536u /* of the receiving end; the transport's own receive block is of this size */
#define BATCH_MAX   1024u
#define FRAME_MAX   (1024u * 1024u)

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(70);
}

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static unsigned number(const char *text)
{
    return (unsigned)strtoul(text, NULL, 10);
}

static struct sockaddr_in parse(const char *text)
{
    struct sockaddr_in at    = {.sin_family = AF_INET};
    const char        *colon = strrchr(text, ':');
    char               host[64];

    if (colon == NULL || (size_t)(colon - text) >= sizeof(host)) {
        fprintf(stderr, "raw_peer: %s is not HOST:PORT\n", text);
        exit(64);
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = 0;
    at.sin_port        = htons((uint16_t)number(colon + 1));
    if (inet_pton(AF_INET, host, &at.sin_addr) != 1)
        die("address");
    return at;
}

static void no_delay(int s)
{
    const int on = 1;

    if (setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
        die("TCP_NODELAY");
}

static void write_all(int s, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(s, bytes, len);
        if (n <= 0)
            die("write");
        bytes += n;
        len -= (size_t)n;
    }
}

static bool read_all(int s, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t n = read(s, bytes, len);
        if (n == 0)
            return false;
        if (n < 0)
            die("read");
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static void put32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

/* ---- the listening end ------------------------------------------------------------------------------------------- */

static void echo(int s, uint8_t *frame)
{
    while (read_all(s, frame, HEAD_BYTES)) {
        const uint32_t len = get32(frame);
        if (len > FRAME_MAX - HEAD_BYTES || !read_all(s, frame + HEAD_BYTES, len))
            return;
        write_all(s, frame, HEAD_BYTES + len);
    }
}

/* Count frames until `count` are in, however they fall into blocks; answer the count. */
static void sink(int s, uint32_t count)
{
    static uint8_t block[BLOCK_BYTES];
    size_t         held = 0, skip = 0; /* bytes of an incomplete head; bytes of a body still to come */
    uint32_t       seen = 0;
    uint8_t        answer[HEAD_BYTES];

    while (seen < count || skip > 0) {
        const ssize_t n   = read(s, block + held, sizeof(block) - held);
        const size_t  end = held + (size_t)(n > 0 ? n : 0);
        size_t        at  = 0;
        if (n <= 0)
            return;
        for (;;) {
            const size_t step = skip < end - at ? skip : end - at;
            at += step;
            skip -= step;
            if (skip > 0 || end - at < HEAD_BYTES)
                break;
            skip = get32(block + at);
            at += HEAD_BYTES;
            seen++;
        }
        held = end - at;
        memmove(block, block + at, held);
    }
    put32(answer, seen);
    write_all(s, answer, sizeof(answer));
}

static void listen_at(const char *address)
{
    struct sockaddr_in at     = parse(address);
    socklen_t          at_len = sizeof(at);
    char               host[80];
    const int          on     = 1;
    const int          server = socket(AF_INET, SOCK_STREAM, 0);
    uint8_t           *frame  = (uint8_t *)malloc(FRAME_MAX);

    (void)snprintf(host, sizeof(host), "%s", address);
    if (frame == NULL || server < 0 || setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(server, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(server, 16) != 0)
        die("listen");
    if (getsockname(server, (struct sockaddr *)&at, &at_len) != 0)
        die("getsockname");
    *strrchr(host, ':') = 0;
    printf("listening %s:%u\n", host, ntohs(at.sin_port)); /* port 0 was replaced by the real one */
    (void)fflush(stdout);
    for (;;) {
        const int s = accept(server, NULL, NULL);
        uint8_t   mode[1 + HEAD_BYTES]; /* 'e' echo or 's' sink, and how many frames */
        if (s < 0)
            die("accept");
        no_delay(s);
        if (read_all(s, mode, sizeof(mode))) {
            if (mode[0] == 'e')
                echo(s, frame);
            else
                sink(s, get32(mode + 1));
        }
        (void)close(s);
    }
}

/* ---- the measuring end ------------------------------------------------------------------------------------------- */

static int connect_to(const char *address)
{
    struct sockaddr_in at = parse(address);
    const int          s  = socket(AF_INET, SOCK_STREAM, 0);

    if (s < 0 || connect(s, (struct sockaddr *)&at, sizeof(at)) != 0)
        die("connect");
    no_delay(s);
    return s;
}

static int open_mode(const char *address, char mode, unsigned count)
{
    const int s = connect_to(address);
    uint8_t   first[1 + HEAD_BYTES];

    first[0] = (uint8_t)mode;
    put32(first + 1, count);
    write_all(s, first, sizeof(first));
    return s;
}

static uint8_t *frame_of(unsigned size)
{
    uint8_t *frame = (uint8_t *)calloc(1, size);

    if (frame == NULL || size <= HEAD_BYTES || size > FRAME_MAX)
        die("frame");
    put32(frame, size - HEAD_BYTES);
    return frame;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void rtt(const char *address, unsigned count, unsigned size)
{
    const int s     = open_mode(address, 'e', 0);
    uint8_t  *frame = frame_of(size);
    double   *times = (double *)calloc(count, sizeof(double));

    if (times == NULL)
        die("times");
    for (unsigned i = 0; i < count; i++) {
        const double start = now_us();
        write_all(s, frame, size);
        if (!read_all(s, frame, size))
            die("echo");
        times[i] = now_us() - start;
    }
    qsort(times, count, sizeof(double), compare);
    printf("{\"measure\":\"raw_rtt\",\"frame\":%u,\"count\":%u,\"p50_us\":%.1f,\"p99_us\":%.1f}\n", size, count,
           times[count / 2], times[(uint64_t)count * 99 / 100]);
    free(times);
    free(frame);
}

/* One writev() of `n` frames, however often the system wants to be asked. */
static void write_batch(int s, const uint8_t *frame, unsigned size, unsigned n)
{
    static struct iovec all[BATCH_MAX];
    struct iovec       *v = all;

    for (unsigned i = 0; i < n; i++)
        all[i] = (struct iovec){(void *)(uintptr_t)frame, size};
    while (n > 0) {
        ssize_t sent = writev(s, v, (int)n);
        if (sent <= 0)
            die("writev");
        for (; n > 0 && (size_t)sent >= v->iov_len; v++, n--)
            sent -= (ssize_t)v->iov_len;
        if (n > 0) {
            v->iov_base = (uint8_t *)v->iov_base + sent;
            v->iov_len -= (size_t)sent;
        }
    }
}

static void stream(const char *name, const char *address, unsigned count, unsigned size, unsigned batch)
{
    const int    s     = open_mode(address, 's', count);
    uint8_t     *frame = frame_of(size);
    const double start = now_us();
    uint8_t      answer[HEAD_BYTES];
    double       seconds;

    for (unsigned left = count; left > 0;) {
        const unsigned n = left < batch ? left : batch;
        write_batch(s, frame, size, n);
        left -= n;
    }
    if (!read_all(s, answer, sizeof(answer)) || get32(answer) != count)
        die("count");
    seconds = (now_us() - start) / 1e6;
    printf("{\"measure\":\"%s\",\"frame\":%u,\"count\":%u,\"batch\":%u,\"per_second\":%.0f,\"gbit_per_second\":%.3f}\n",
           name, size, count, batch, count / seconds, (double)count * size * 8 / seconds / 1e9);
    free(frame);
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";

    if (strcmp(what, "listen") == 0 && argc == 3) {
        listen_at(argv[2]);
    } else if (strcmp(what, "rtt") == 0 && argc == 5 && number(argv[3]) > 0) {
        rtt(argv[2], number(argv[3]), number(argv[4]));
    } else if (strcmp(what, "stream") == 0 && argc == 6 && number(argv[5]) > 0 && number(argv[5]) <= BATCH_MAX) {
        stream("raw_stream", argv[2], number(argv[3]), number(argv[4]), number(argv[5]));
    } else if (strcmp(what, "bulk") == 0 && argc == 5) {
        stream("raw_bulk", argv[2], number(argv[3]), number(argv[4]), 1);
    } else {
        fprintf(stderr, "Usage: raw_peer listen|rtt|stream|bulk HOST:PORT [COUNT [FRAME [BATCH]]]\n");
        return 64;
    }
    return 0;
}
