/* SPDX-License-Identifier: Apache-2.0
 *
 * file_receive.c - receives files through secure channels, one at a time for each sender, and verifies them. */
#include "example.h"
#include "transfer.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define TRANSFERS_MAX 8

typedef struct {
    ockam_identifier_t sender;
    uint64_t           last_used; /* 0: never */
    FILE              *file;      /* NULL: no transfer */
    char               name[TRANSFER_NAME_BYTES + 1];
    char               path[1024];
    uint64_t           size, received;
    EVP_MD_CTX        *hash;
} incoming_t;

typedef struct {
    const char *folder;
    uint64_t    slow_ms; /* between messages: to see what a slow disk does */
    uint64_t    messages;
    incoming_t  incoming[TRANSFERS_MAX];
} receiver_t;

static void give_up(incoming_t *r)
{
    if (r->file != NULL) {
        (void)fclose(r->file);
        (void)remove(r->path); /* half a file helps nobody */
    }
    r->file = NULL;
}

/* The sender's own, or the one that has been quiet for longest. */
static incoming_t *incoming_of(receiver_t *all, const ockam_identifier_t *sender)
{
    incoming_t *found = &all->incoming[0];

    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        incoming_t *r = &all->incoming[i];
        if (r->last_used != 0 && memcmp(r->sender.bytes, sender->bytes, sizeof(sender->bytes)) == 0) {
            found = r;
            break;
        }
        if (r->last_used < found->last_used)
            found = r;
    }
    return found;
}

static ockam_status_t begin(const receiver_t *all, incoming_t *r, ockam_slice_t body, ockam_error_t *err)
{
    give_up(r);
    if (body.len < 9 || body.len - 8 > TRANSFER_NAME_BYTES)
        return ockam_fail(err, OCKAM_MALFORMED, "begin of %zu bytes", body.len);
    for (size_t i = 8; i < body.len; i++) /* a name, never a path */
        if (body.ptr[i] == '/' || body.ptr[i] < 0x20 || (i == 8 && body.ptr[i] == '.'))
            return ockam_fail(err, OCKAM_DENIED, "a file name with a slash, a leading dot or control characters");
    r->size = 0;
    for (int i = 0; i < 8; i++)
        r->size = r->size << 8 | body.ptr[i];
    (void)snprintf(r->name, sizeof(r->name), "%.*s", (int)(body.len - 8), (const char *)body.ptr + 8);
    if ((size_t)snprintf(r->path, sizeof(r->path), "%s/%s.%d.part", all->folder, r->name, (int)(r - all->incoming)) >=
        sizeof(r->path))
        return ockam_fail(err, OCKAM_LIMIT, "path too long");
    r->received = 0;
    if (r->hash == NULL && (r->hash = EVP_MD_CTX_new()) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "SHA-256");
    if (EVP_DigestInit_ex(r->hash, EVP_sha256(), NULL) != 1)
        return ockam_fail(err, OCKAM_INTERNAL, "SHA-256");
    if ((r->file = fopen(r->path, "wb")) == NULL)
        return ockam_fail_os(err, errno, "%.80s", r->path);
    return OCKAM_OK;
}

static ockam_status_t content(const receiver_t *all, incoming_t *r, ockam_slice_t body, ockam_error_t *err)
{
    const struct timespec pause = {(time_t)(all->slow_ms / 1000), (long)(all->slow_ms % 1000) * 1000000};

    if (r->file == NULL || body.len > r->size - r->received)
        return ockam_fail(err, OCKAM_OUT_OF_ORDER, "content that nobody announced");
    (void)EVP_DigestUpdate(r->hash, body.ptr, body.len);
    if (fwrite(body.ptr, 1, body.len, r->file) != body.len)
        return ockam_fail_os(err, errno, "%.80s", r->path);
    r->received += body.len;
    if (all->slow_ms > 0)
        (void)nanosleep(&pause, NULL);
    return OCKAM_OK;
}

static ockam_status_t end(const receiver_t *all, incoming_t *r, ockam_slice_t body, ockam_error_t *err)
{
    uint8_t  hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char     final[1024], hex[65];

    if (r->file == NULL || r->received != r->size || body.len != 32)
        return ockam_fail(err, OCKAM_OUT_OF_ORDER, "%llu bytes of %llu", (unsigned long long)r->received,
                          (unsigned long long)r->size);
    if (EVP_DigestFinal_ex(r->hash, hash, &len) != 1 || memcmp(hash, body.ptr, 32) != 0)
        return ockam_fail(err, OCKAM_CONFLICT, "SHA-256 differs");
    (void)snprintf(final, sizeof(final), "%.767s/%.255s", all->folder, r->name);
    if (fflush(r->file) != 0 || fclose(r->file) != 0 || rename(r->path, final) != 0) {
        r->file = NULL;
        return ockam_fail_os(err, errno, "%.80s", final);
    }
    r->file = NULL;
    ockam_hex_encode(ockam_slice(hash, 32), hex);
    example_print("received %s, %llu bytes, SHA-256 %s\n", r->name, (unsigned long long)r->size, hex);
    return OCKAM_OK;
}

static ockam_status_t answer(ockam_worker_t *worker, const ockam_message_t *message, const char *text,
                             ockam_error_t *err)
{
    uint8_t      body[100];
    const size_t len = strlen(text) < 99 ? strlen(text) : 99;

    body[0] = (uint8_t)len; /* a short text as the protocol writes it */
    for (size_t i = 0; i < len; i++)
        body[1 + i] = (uint8_t)text[i];
    return ockam_worker_reply(worker, message, ockam_slice(body, 1 + len), err);
}

static ockam_status_t handle(ockam_worker_t *worker, ockam_message_t *message, ockam_error_t *err)
{
    receiver_t               *all     = (receiver_t *)ockam_worker_context(worker);
    const ockam_identifier_t *sender  = ockam_message_peer(message);
    const ockam_slice_t       payload = ockam_message_payload(message);
    const ockam_slice_t       body    = payload.len > 0 ? ockam_slice(payload.ptr + 1, payload.len - 1) : payload;
    const uint8_t             kind    = payload.len > 0 ? payload.ptr[0] : 0;
    incoming_t               *r;
    ockam_status_t            s;

    if (sender == NULL)
        return ockam_fail(err, OCKAM_DENIED, "not through a secure channel");
    r = incoming_of(all, sender);
    if (r->last_used == 0 || memcmp(r->sender.bytes, sender->bytes, sizeof(sender->bytes)) != 0) {
        if (kind != 'B')
            return ockam_fail(err, OCKAM_OUT_OF_ORDER, "content that nobody announced");
        give_up(r);
        r->sender = *sender;
    }
    r->last_used = ++all->messages;
    s            = kind == 'B'   ? begin(all, r, body, err)
                   : kind == 'D' ? content(all, r, body, err)
                   : kind == 'E' ? end(all, r, body, err)
                                 : ockam_fail(err, OCKAM_MALFORMED, "message of kind %u", kind);
    if (s != OCKAM_OK)
        give_up(r);
    if (kind == 'E' || (s != OCKAM_OK && kind == 'B'))
        ockam_ignore(answer(worker, message, s == OCKAM_OK ? "ok" : ockam_status_text(s), NULL));
    return s;
}

static ockam_status_t run(ockam_node_t *node, const char *address, receiver_t *r, ockam_error_t *err)
{
    static const ockam_worker_ops_t ops      = {.name = "files", .handle = handle};
    ockam_identity_t               *identity = NULL;
    ockam_tcp_listener_t            tcp;
    ockam_secure_channel_listener_t listener = {0};
    struct stat                     folder;
    ockam_status_t                  s;

    if (stat(r->folder, &folder) != 0)
        return ockam_fail_os(err, errno, "--folder %.80s", r->folder);
    if (!S_ISDIR(folder.st_mode))
        return ockam_fail(err, OCKAM_INVALID, "--folder %.80s is not a folder", r->folder);
    OCKAM_TRY(err, ockam_tcp_start(node, NULL, err), "tcp");
    OCKAM_TRY(err, ockam_tcp_listen(node, address, &tcp, err), "listen");
    OCKAM_TRY(err, ockam_node_create_identity(node, &identity, err), "identity");
    s = ockam_secure_channel_listen(node, identity, "file_listener",
                                    &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &listener, err);
    ockam_identity_free(identity);
    OCKAM_TRY(err, s, "listener");
    OCKAM_TRY(err, ockam_worker_start(node, "files", &ops, &(ockam_worker_options_t){.context = r}, NULL, err),
              "files");
    OCKAM_TRY(err, ockam_flow_allow(node, tcp.flow, "file_listener", err), "listener");
    OCKAM_TRY(err, ockam_flow_allow(node, listener.flow, "files", err), "files");
    example_print("listening on %s\n", tcp.address);
    return ockam_node_run(node, err);
}

int main(int argc, char **argv)
{
    const char            *address   = "127.0.0.1:4000";
    const char            *folder    = ".";
    const char            *slow      = "0";
    const example_option_t options[] = {
        {"address", "HOST:PORT", "Where to listen", &address, NULL},
        {"folder", "PATH", "Where received files go", &folder, NULL},
        {"slow", "MS", "Wait after each message, as a slow disk would", &slow, NULL},
    };
    static receiver_t r;
    ockam_node_t     *node = NULL;
    ockam_error_t     err  = {0};
    ockam_status_t    s;

    example_options(argc, argv, "Receives files through secure channels.", options, 3);
    r.folder  = folder;
    r.slow_ms = example_number("slow", slow);
    if ((s = example_node(&node, &err)) == OCKAM_OK)
        s = run(node, address, &r, &err);
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        give_up(&r.incoming[i]);
        EVP_MD_CTX_free(r.incoming[i].hash);
    }
    return example_end(node, s, &err);
}
