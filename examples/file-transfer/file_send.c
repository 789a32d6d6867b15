/* SPDX-License-Identifier: Apache-2.0
 *
 * file_send.c - sends a file of any size through a secure channel over two hops. */
#include "example.h"
#include "transfer.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    ockam_node_t        *node;
    const ockam_route_t *to;
    FILE                *file;
    const char          *name;
    uint64_t             size, sent;
    EVP_MD_CTX          *hash;
} transfer_t;

static ockam_status_t send_begin(transfer_t *t, ockam_error_t *err)
{
    uint8_t      message[9 + TRANSFER_NAME_BYTES] = {'B'};
    const char  *slash                            = strrchr(t->name, '/');
    const char  *name                             = slash != NULL ? slash + 1 : t->name;
    const size_t len                              = strlen(name);

    if (len == 0 || len > TRANSFER_NAME_BYTES)
        return ockam_fail(err, OCKAM_INVALID, "a file name of %zu bytes, at most %d", len, TRANSFER_NAME_BYTES);
    for (int i = 0; i < 8; i++)
        message[1 + i] = (uint8_t)(t->size >> (56 - 8 * i));
    for (size_t i = 0; i < len; i++)
        message[9 + i] = (uint8_t)name[i];
    return ockam_send(t->node, t->to, ockam_slice(message, 9 + len), err);
}

static void show_progress(const transfer_t *t, bool last)
{
    const unsigned percent = t->size == 0 ? 100 : (unsigned)(t->sent * 100 / t->size);

    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%s: %u %%%s", t->name, percent, last ? "\n" : "");
    else if (last)
        fprintf(stderr, "%s: %llu bytes sent\n", t->name, (unsigned long long)t->sent);
}

static ockam_status_t send_content(transfer_t *t, ockam_error_t *err)
{
    static uint8_t message[1 + TRANSFER_CHUNK];
    size_t         n;

    message[0] = 'D';
    while ((n = fread(message + 1, 1, TRANSFER_CHUNK, t->file)) > 0) {
        (void)EVP_DigestUpdate(t->hash, message + 1, n);
        /* Waits while what was sent before is still on its way: a slow receiver makes a slow sender, not a big one. */
        OCKAM_TRY(err, ockam_send(t->node, t->to, ockam_slice(message, 1 + n), err), "send");
        t->sent += n;
        show_progress(t, false);
    }
    if (ferror(t->file))
        return ockam_fail_os(err, errno, "read %.80s", t->name);
    show_progress(t, true);
    return OCKAM_OK;
}

static ockam_status_t send_end(transfer_t *t, ockam_error_t *err)
{
    uint8_t          message[33] = {'E'};
    unsigned         len         = 0;
    ockam_message_t *answer      = NULL;
    bool             ok;

    if (EVP_DigestFinal_ex(t->hash, message + 1, &len) != 1)
        return ockam_fail(err, OCKAM_INTERNAL, "SHA-256");
    OCKAM_TRY(err, ockam_send(t->node, t->to, ockam_slice(message, sizeof(message)), err), "send");
    OCKAM_TRY(err, ockam_receive(t->node, 600000, &answer, err), "the receiver's verdict");
    ok = strcmp(ockam_message_text(answer), "ok") == 0;
    if (!ok)
        (void)ockam_fail(err, OCKAM_CONFLICT, "the receiver says: %.60s", ockam_message_text(answer));
    ockam_message_free(answer);
    return ok ? OCKAM_OK : OCKAM_CONFLICT;
}

static ockam_status_t open_file(transfer_t *t, ockam_error_t *err)
{
    struct stat info;

    if ((t->file = fopen(t->name, "rb")) == NULL || fstat(fileno(t->file), &info) != 0)
        return ockam_fail_os(err, errno, "%.80s", t->name);
    if (!S_ISREG(info.st_mode))
        return ockam_fail(err, OCKAM_INVALID, "%.80s is not a regular file", t->name);
    t->size = (uint64_t)info.st_size;
    return OCKAM_OK;
}

static ockam_status_t transfer(transfer_t *t, ockam_error_t *err)
{
    if ((t->hash = EVP_MD_CTX_new()) == NULL || EVP_DigestInit_ex(t->hash, EVP_sha256(), NULL) != 1)
        return ockam_fail(err, OCKAM_NO_MEMORY, "SHA-256");
    OCKAM_TRY(err, send_begin(t, err), "begin");
    OCKAM_TRY(err, send_content(t, err), "content");
    return send_end(t, err);
}

static ockam_status_t run(transfer_t *t, const char *middle, const char *receiver, ockam_error_t *err)
{
    ockam_node_t           *node     = t->node;
    ockam_identity_t       *identity = NULL;
    ockam_secure_channel_t *channel  = NULL;
    ockam_status_t          s;

    OCKAM_TRY(err, open_file(t, err), "--file");
    OCKAM_TRY(err, ockam_tcp_start(node, NULL, err), "tcp");
    OCKAM_TRY(err, ockam_node_create_identity(node, &identity, err), "identity");
    s = ockam_secure_channel_create(node, identity, OCKAM_ROUTE(middle, "hop", receiver, "file_listener"),
                                    &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &channel, err);
    ockam_identity_free(identity);
    OCKAM_TRY(err, s, "channel");
    t->to = OCKAM_ROUTE(ockam_secure_channel_address(channel), "files");
    s     = transfer(t, err);
    ockam_secure_channel_close(channel);
    if (s == OCKAM_OK)
        example_print("%s: received and verified\n", t->name);
    return s;
}

int main(int argc, char **argv)
{
    const char            *file      = NULL;
    const char            *middle    = "localhost:3000";
    const char            *receiver  = "localhost:4000";
    const example_option_t options[] = {
        {"file", "PATH", "The file to send (required)", &file, NULL},
        {"middle", "HOST:PORT", "The node in the middle, as we reach it", &middle, NULL},
        {"receiver", "HOST:PORT", "The receiver, as the node in the middle reaches it", &receiver, NULL},
    };
    char           hop1[300], hop2[300];
    transfer_t     t   = {0};
    ockam_error_t  err = {0};
    ockam_status_t s;

    example_options(argc, argv, "Sends a file through a secure channel over two hops.", options, 3);
    if (file == NULL) {
        fprintf(stderr, "file-send: --file is missing. Try 'file-send --help'.\n");
        return 64;
    }
    (void)snprintf(hop1, sizeof(hop1), "tcp#%s", middle);
    (void)snprintf(hop2, sizeof(hop2), "tcp#%s", receiver);
    t.name = file;
    if ((s = example_node(&t.node, &err)) == OCKAM_OK)
        s = run(&t, hop1, hop2, &err);
    EVP_MD_CTX_free(t.hash);
    if (t.file != NULL)
        (void)fclose(t.file);
    return example_end(t.node, s, &err);
}
