/* SPDX-License-Identifier: Apache-2.0
 *
 * interop_client.c - one of our nodes, told step by step what to do, for the scripts beside it.
 *
 *     interop_client STEP...
 *
 *     key ed25519|p256         of the identity, before it is made
 *     secret HEX               be the same Ed25519 identity each time, before it is made
 *     rotate N                 make the identity, then replace its key N times
 *     trust IDENTIFIER         whom to accept from now on, instead of everyone
 *     identifier               print our identifier
 *     history                  print our change history in hex
 *     verify HEX               print identifier and number of changes of a change history
 *     open ROUTE               open a channel; prints whom it leads to
 *     refused ROUTE            opening a channel fails with OCKAM_DENIED
 *     text WORKER TEXT         send a text through the channel and print the text that comes back
 *     silent WORKER TEXT       the same, and nothing comes back for a second
 *     bytes WORKER SIZE COUNT  COUNT payloads of SIZE bytes, all different, come back as they were, in order; they are sent
 *                              without waiting for each other
 *     many COUNT ROUTE WORKER  COUNT channels at once, each with a text of its own there and back; then close them
 *     wait                     until a line comes on standard input
 *     closed                   until the peer has closed the channel
 *     close                    close the channel
 *     serve HOST:PORT NAME     a listener NAME with the worker "echoer" behind it; prints "listening on HOST:PORT"; until
 *                              SIGTERM or SIGINT
 *
 * A step that fails ends the program with 1 and one line on standard error. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ockam/ockam.h"

#define CHANNELS_MAX    256u
#define WINDOW_BYTES    524288u /* at most so much is on its way in `bytes`, or one message */
#define WINDOW_COUNT    64u
#define SILENCE_MS      1000u
#define ANSWER_MS       20000u
#define FIXED_CLOCK_S   1700000000u
#define HUNDRED_YEARS_S 3153600000u

typedef struct {
    ockam_node_t                  *node;
    ockam_identity_t              *identity;
    ockam_secure_channel_t        *channel;
    ockam_identity_options_t       key;
    ockam_identifier_t             trusted;
    ockam_secure_channel_options_t options;
    bool                           fixed; /* `key` is an imported secret */
} client_t;

static ockam_node_t *serving; /* for the signal handler */

typedef ockam_status_t (*step_fn)(client_t *client, char **arguments, ockam_error_t *err);

static void say(const char *text)
{
    printf("%s\n", text);
    (void)fflush(stdout);
}

static void on_event(void *context, const ockam_event_t *event)
{
    (void)context;
    if (event->level <= OCKAM_LEVEL_INFO)
        (void)fprintf(stderr, "%s: %s\n", event->name, event->text);
}

static ockam_status_t need_identity(client_t *c, ockam_error_t *err)
{
    if (c->identity != NULL)
        return OCKAM_OK;
    return ockam_identity_create(ockam_node_vault(c->node), c->fixed ? FIXED_CLOCK_S : ockam_node_now_s(c->node),
                                 &c->key, &c->identity, err);
}

static ockam_status_t step_key(client_t *c, char **a, ockam_error_t *err)
{
    (void)err;
    c->key.type = strcmp(a[0], "p256") == 0 ? OCKAM_P256 : OCKAM_ED25519;
    return OCKAM_OK;
}

static ockam_status_t step_secret(client_t *c, char **a, ockam_error_t *err)
{
    ockam_secret_t secret = {.len = 32};

    OCKAM_TRY(err, ockam_hex_decode(ockam_slice_text(a[0]), secret.bytes, 32, err), "secret");
    c->fixed     = true;
    c->key.ttl_s = HUNDRED_YEARS_S;
    return ockam_vault_import_signing_key(ockam_node_vault(c->node), OCKAM_ED25519, &secret, OCKAM_EPHEMERAL,
                                          &c->key.key, err);
}

static ockam_status_t step_rotate(client_t *c, char **a, ockam_error_t *err)
{
    const ockam_identity_options_t options = {.type = c->key.type};

    OCKAM_TRY(err, need_identity(c, err), "identity");
    for (unsigned long i = strtoul(a[0], NULL, 10); i > 0; i--)
        OCKAM_TRY(err, ockam_identity_rotate(c->identity, ockam_node_now_s(c->node), &options, err), "rotate");
    return OCKAM_OK;
}

static ockam_status_t step_trust(client_t *c, char **a, ockam_error_t *err)
{
    c->options.trust = ockam_trust_identifiers(&c->trusted, 1);
    return ockam_identifier_parse(ockam_slice_text(a[0]), &c->trusted, err);
}

static ockam_status_t step_identifier(client_t *c, char **a, ockam_error_t *err)
{
    char text[OCKAM_IDENTIFIER_TEXT_BYTES];

    (void)a;
    OCKAM_TRY(err, need_identity(c, err), "identity");
    ockam_identifier_text(ockam_identity_identifier(c->identity), text);
    say(text);
    return OCKAM_OK;
}

static ockam_status_t step_history(client_t *c, char **a, ockam_error_t *err)
{
    ockam_buf_t    text;
    ockam_status_t s;

    (void)a;
    OCKAM_TRY(err, need_identity(c, err), "identity");
    ockam_buf_init(&text, ockam_allocator_malloc(), 2 * OCKAM_CHANGE_HISTORY_BYTES_MAX);
    if ((s = ockam_change_history_text(ockam_identity_history(c->identity), &text, err)) == OCKAM_OK)
        printf("%.*s\n", (int)ockam_buf_view(&text).len, (const char *)ockam_buf_view(&text).ptr);
    ockam_buf_deinit(&text);
    return s;
}

static ockam_status_t step_verify(client_t *c, char **a, ockam_error_t *err)
{
    ockam_change_history_t *history = NULL;
    char                    text[OCKAM_IDENTIFIER_TEXT_BYTES];

    OCKAM_TRY(err,
              ockam_change_history_verify_text(ockam_node_vault(c->node), ockam_slice_text(a[0]), NULL, &history, err),
              "verify");
    ockam_identifier_text(ockam_change_history_identifier(history), text);
    printf("%s %zu\n", text, ockam_change_history_count(history));
    ockam_change_history_free(history);
    return OCKAM_OK;
}

static ockam_status_t step_close(client_t *c, char **a, ockam_error_t *err)
{
    (void)a;
    ockam_secure_channel_close(c->channel);
    c->channel = NULL;
    return ockam_node_drain(c->node, ANSWER_MS, err);
}

static ockam_status_t open_channel(client_t *c, const char *text, ockam_error_t *err)
{
    ockam_route_t route;

    OCKAM_TRY(err, ockam_route_parse(ockam_slice_text(text), &route, err), "route");
    OCKAM_TRY(err, need_identity(c, err), "identity");
    ockam_secure_channel_close(c->channel);
    c->channel = NULL;
    return ockam_secure_channel_create(c->node, c->identity, &route, &c->options, &c->channel, err);
}

static ockam_status_t step_open(client_t *c, char **a, ockam_error_t *err)
{
    char text[OCKAM_IDENTIFIER_TEXT_BYTES];

    OCKAM_TRY(err, open_channel(c, a[0], err), "channel");
    ockam_identifier_text(ockam_secure_channel_peer(c->channel), text);
    say(text);
    return OCKAM_OK;
}

static ockam_status_t step_refused(client_t *c, char **a, ockam_error_t *err)
{
    const ockam_status_t s = open_channel(c, a[0], err);

    if (s != OCKAM_DENIED)
        return ockam_fail(err, OCKAM_INTERNAL, "the channel was not refused but %s", ockam_status_name(s));
    say("refused");
    return OCKAM_OK;
}

static ockam_status_t send_text(client_t *c, const char *worker, const char *text, ockam_error_t *err)
{
    if (c->channel == NULL)
        return ockam_fail(err, OCKAM_WRONG_STATE, "no channel");
    return ockam_send_text(c->node, OCKAM_ROUTE(ockam_secure_channel_address(c->channel), worker), text, err);
}

static ockam_status_t step_text(client_t *c, char **a, ockam_error_t *err)
{
    ockam_message_t *reply = NULL;

    OCKAM_TRY(err, send_text(c, a[0], a[1], err), "send");
    OCKAM_TRY(err, ockam_receive(c->node, ANSWER_MS, &reply, err), "no answer");
    say(ockam_message_is_text(reply) ? ockam_message_text(reply) : "(not a text)");
    ockam_message_free(reply);
    return OCKAM_OK;
}

static ockam_status_t step_silent(client_t *c, char **a, ockam_error_t *err)
{
    ockam_message_t *reply = NULL;
    ockam_status_t   s;

    OCKAM_TRY(err, send_text(c, a[0], a[1], err), "send");
    if ((s = ockam_receive(c->node, SILENCE_MS, &reply, err)) == OCKAM_OK) {
        ockam_message_free(reply);
        return ockam_fail(err, OCKAM_INTERNAL, "an answer came");
    }
    if (s == OCKAM_TIMEOUT)
        say("no answer");
    return s == OCKAM_TIMEOUT ? OCKAM_OK : s;
}

/* Payload number `index`: bytes that differ from those of any other. */
static void fill(uint8_t *payload, size_t size, uint32_t index)
{
    uint32_t x = index * 2654435761u + 1;

    for (size_t i = 0; i < size; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        payload[i] = (uint8_t)x;
    }
}

static ockam_status_t receive_exactly(client_t *c, ockam_slice_t expected, ockam_error_t *err)
{
    ockam_message_t *reply = NULL;
    bool             equal;

    OCKAM_TRY(err, ockam_receive(c->node, ANSWER_MS, &reply, err), "no answer");
    equal = ockam_slice_equal(ockam_message_payload(reply), expected);
    if (!equal)
        (void)fprintf(stderr, "%zu bytes came, %zu were expected\n", ockam_message_payload(reply).len, expected.len);
    if (equal && (ockam_message_peer(reply) == NULL ||
                  !ockam_identifier_equal(ockam_message_peer(reply), ockam_secure_channel_peer(c->channel))))
        equal = false;
    ockam_message_free(reply);
    return equal ? OCKAM_OK : ockam_fail(err, OCKAM_INTERNAL, "an answer with other bytes, or of somebody else");
}

static ockam_status_t exchange(client_t *c, const char *worker, uint8_t *payload, size_t size, uint32_t count,
                               ockam_error_t *err)
{
    const ockam_route_t *route  = OCKAM_ROUTE(ockam_secure_channel_address(c->channel), worker);
    uint32_t             sent   = 0;
    uint32_t             window = size == 0 ? WINDOW_COUNT : (uint32_t)(WINDOW_BYTES / size);

    window = window < 1 ? 1 : window > WINDOW_COUNT ? WINDOW_COUNT : window;
    for (uint32_t got = 0; got < count; got++) {
        for (; sent < count && sent - got < window; sent++) {
            fill(payload, size, sent);
            OCKAM_TRY(err, ockam_send(c->node, route, ockam_slice(payload, size), err), "send");
        }
        fill(payload, size, got);
        OCKAM_TRY(err, receive_exactly(c, ockam_slice(payload, size), err), "bytes");
    }
    return OCKAM_OK;
}

static ockam_status_t step_bytes(client_t *c, char **a, ockam_error_t *err)
{
    const size_t   size    = strtoul(a[1], NULL, 10);
    uint8_t       *payload = (uint8_t *)malloc(size + 1);
    ockam_status_t s       = OCKAM_NO_MEMORY;

    if (c->channel != NULL && payload != NULL)
        s = exchange(c, a[0], payload, size, (uint32_t)strtoul(a[2], NULL, 10), err);
    free(payload);
    if (s == OCKAM_OK)
        printf("%s of %s bytes\n", a[2], a[1]);
    return s;
}

typedef struct {
    ockam_secure_channel_t *channels[CHANNELS_MAX];
    size_t                  open, ended;
    ockam_status_t          status;
} many_t;

static void on_channel(void *context, ockam_status_t status, ockam_secure_channel_t *channel, const ockam_error_t *err)
{
    many_t *m = (many_t *)context;

    (void)err;
    m->ended++;
    if (status == OCKAM_OK)
        m->channels[m->open++] = channel;
    else
        m->status = status;
}

/* One text through each channel from `first` on; every one comes back once. */
static ockam_status_t one_text_each(client_t *c, many_t *m, size_t first, const char *worker, ockam_error_t *err)
{
    bool seen[CHANNELS_MAX] = {false};
    char text[32];

    for (size_t i = first; i < m->open; i++) {
        (void)snprintf(text, sizeof(text), "channel %zu", i);
        OCKAM_TRY(
            err, ockam_send_text(c->node, OCKAM_ROUTE(ockam_secure_channel_address(m->channels[i]), worker), text, err),
            "send");
    }
    for (size_t i = first; i < m->open; i++) {
        ockam_message_t *reply = NULL;
        size_t           index = CHANNELS_MAX;
        OCKAM_TRY(err, ockam_receive(c->node, ANSWER_MS, &reply, err), "no answer");
        if (sscanf(ockam_message_text(reply), "channel %zu", &index) != 1 || index >= m->open || seen[index])
            index = CHANNELS_MAX;
        ockam_message_free(reply);
        if (index == CHANNELS_MAX)
            return ockam_fail(err, OCKAM_INTERNAL, "an answer that belongs to no channel");
        seen[index] = true;
    }
    return OCKAM_OK;
}

/* The channels are opened one after the other, each used before the next, and stay open: a listener of the Rust library
 * with its database in memory loses some of several handshakes at once ("database is deadlocked" in its log), and then
 * nothing that is sent through such a channel arrives. */
static ockam_status_t open_many(client_t *c, many_t *m, size_t count, const char *text, const char *worker,
                                ockam_error_t *err)
{
    ockam_route_t          route;
    ockam_tcp_connection_t tcp;
    ockam_address_t        first;
    char                   rest[512];

    OCKAM_TRY(err, need_identity(c, err), "identity");
    OCKAM_TRY(err, ockam_route_parse(ockam_slice_text(text), &route, err), "route");
    OCKAM_TRY(err, ockam_route_first(&route, &first, err), "route");
    (void)snprintf(rest, sizeof(rest), "%.*s", (int)first.value.len, (const char *)first.value.ptr);
    OCKAM_TRY(err, ockam_tcp_connect(c->node, rest, &tcp, err), "connect");
    ockam_route_drop_first(&route);
    OCKAM_TRY(err, ockam_address_parse(ockam_slice_text(tcp.address), &first, err), "connection");
    OCKAM_TRY(err, ockam_route_prepend(&route, first, err), "route");
    for (size_t i = 0; i < count && m->status == OCKAM_OK; i++) {
        OCKAM_TRY(err, ockam_secure_channel_start(c->node, c->identity, &route, &c->options, on_channel, m, err),
                  "start");
        while (m->ended == i)
            OCKAM_TRY(err, ockam_node_run_for(c->node, 1, err), "run");
        if (m->status == OCKAM_OK)
            OCKAM_TRY(err, one_text_each(c, m, i, worker, err), "the new channel");
    }
    return m->status == OCKAM_OK ? OCKAM_OK : ockam_fail(err, m->status, "a channel failed");
}

static ockam_status_t step_many(client_t *c, char **a, ockam_error_t *err)
{
    const size_t   count = strtoul(a[0], NULL, 10);
    many_t         m     = {.status = OCKAM_OK};
    ockam_status_t s;

    if (count > CHANNELS_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "at most %u channels", CHANNELS_MAX);
    if ((s = open_many(c, &m, count, a[1], a[2], err)) == OCKAM_OK)
        s = one_text_each(c, &m, 0, a[2], err); /* through all of them at once */
    for (size_t i = 0; i < m.open; i++)
        ockam_secure_channel_close(m.channels[i]);
    if (s == OCKAM_OK)
        printf("%zu channels\n", m.open);
    return s;
}

static ockam_status_t step_wait(client_t *c, char **a, ockam_error_t *err)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char          byte  = '\0';

    (void)a;
    while (byte != '\n') { /* the node goes on meanwhile */
        OCKAM_TRY(err, ockam_node_run_for(c->node, 10, err), "run");
        if (poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) != 1)
            return ockam_fail(err, OCKAM_CLOSED, "standard input ended");
    }
    return OCKAM_OK;
}

static ockam_status_t step_closed(client_t *c, char **a, ockam_error_t *err)
{
    (void)a;
    for (unsigned i = 0; i < ANSWER_MS / 10; i++) {
        if (!ockam_secure_channel_is_open(c->channel)) {
            say("closed");
            return OCKAM_OK;
        }
        OCKAM_TRY(err, ockam_node_run_for(c->node, 10, err), "run");
    }
    return ockam_fail(err, OCKAM_TIMEOUT, "the channel is still open");
}

static void on_signal(int number)
{
    (void)number;
    ockam_node_stop(serving);
}

static ockam_status_t step_serve(client_t *c, char **a, ockam_error_t *err)
{
    struct sigaction                action = {.sa_handler = on_signal};
    ockam_tcp_listener_t            tcp;
    ockam_secure_channel_listener_t listener;

    serving = c->node;
    OCKAM_TRY(err, need_identity(c, err), "identity");
    OCKAM_TRY(err, ockam_tcp_listen(c->node, a[0], &tcp, err), "listen");
    OCKAM_TRY(err, ockam_secure_channel_listen(c->node, c->identity, a[1], &c->options, &listener, err), "listener");
    OCKAM_TRY(err, ockam_flow_allow(c->node, tcp.flow, a[1], err), "listener");
    OCKAM_TRY(err, ockam_echo_start(c->node, "echoer", err), "echoer");
    OCKAM_TRY(err, ockam_flow_allow(c->node, listener.flow, "echoer", err), "echoer");
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    printf("listening on %s\n", tcp.address);
    (void)fflush(stdout);
    return ockam_node_run(c->node, err);
}

static const struct {
    const char *name;
    int         arguments;
    step_fn     run;
} steps[] = {
    {"key", 1, step_key},
    {"secret", 1, step_secret},
    {"rotate", 1, step_rotate},
    {"trust", 1, step_trust},
    {"identifier", 0, step_identifier},
    {"history", 0, step_history},
    {"verify", 1, step_verify},
    {"open", 1, step_open},
    {"refused", 1, step_refused},
    {"text", 2, step_text},
    {"silent", 2, step_silent},
    {"bytes", 3, step_bytes},
    {"many", 3, step_many},
    {"wait", 0, step_wait},
    {"closed", 0, step_closed},
    {"close", 0, step_close},
    {"serve", 2, step_serve},
};

static ockam_status_t run(client_t *client, int argc, char **argv, ockam_error_t *err)
{
    for (int i = 1; i < argc;) {
        size_t which = 0;
        while (which < sizeof(steps) / sizeof(steps[0]) && strcmp(steps[which].name, argv[i]) != 0)
            which++;
        if (which == sizeof(steps) / sizeof(steps[0]) || argc - i - 1 < steps[which].arguments)
            return ockam_fail(err, OCKAM_INVALID, "no step, or too few arguments");
        OCKAM_TRY(err, steps[which].run(client, argv + i + 1, err), steps[which].name);
        i += 1 + steps[which].arguments;
    }
    return OCKAM_OK;
}

int main(int argc, char **argv)
{
    client_t                   client  = {.options = {.trust = OCKAM_TRUST_EVERYONE, .timeout_ms = ANSWER_MS}};
    const ockam_node_options_t options = {.on_event = on_event};
    ockam_error_t              err     = {0};
    char                       text[512];
    ockam_status_t             s;

    if ((s = ockam_node_new(&options, &client.node, &err)) == OCKAM_OK &&
        (s = ockam_tcp_start(client.node, NULL, &err)) == OCKAM_OK)
        s = run(&client, argc, argv, &err);
    if (s != OCKAM_OK) {
        (void)ockam_error_text(&err, text, sizeof(text));
        (void)fprintf(stderr, "interop_client: %s (%s)\n", text, ockam_status_name(s));
    }
    ockam_secure_channel_close(client.channel);
    ockam_identity_free(client.identity);
    ockam_node_free(client.node);
    return s == OCKAM_OK ? 0 : 1;
}
