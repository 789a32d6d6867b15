/* SPDX-License-Identifier: Apache-2.0
 *
 * alice.c - opens a secure channel to Bob and sends a message through it. */
#include "example.h"

#include <stdio.h>

static ockam_status_t talk(ockam_node_t *node, ockam_secure_channel_t *channel, uint64_t timeout_ms, ockam_error_t *err)
{
    ockam_message_t *reply = NULL;

    OCKAM_TRY(err,
              ockam_send_text(node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"), "Hello Ockam!", err),
              "send");
    OCKAM_TRY(err, ockam_receive(node, timeout_ms, &reply, err), "no answer: Bob may have refused us");
    example_print("App Received: %s\n", ockam_message_text(reply)); /* Hello Ockam! */
    ockam_message_free(reply);
    return OCKAM_OK;
}

/* Who Alice is lasts as long as the file; without one she is somebody new each time. */
static ockam_status_t who_am_i(ockam_node_t *node, const char *secret, ockam_identity_t **out, ockam_error_t *err)
{
    ockam_secret_t           key     = {.len = 32};
    ockam_identity_options_t options = {.ttl_s = 3153600000}; /* from a fixed time: 100 years */
    ockam_status_t           s;

    if (secret == NULL)
        return ockam_node_create_identity(node, out, err);
    if ((s = ockam_hex_decode(ockam_slice_text(secret), key.bytes, 32, err)) == OCKAM_OK)
        s = ockam_vault_import_signing_key(ockam_node_vault(node), OCKAM_ED25519, &key, OCKAM_EPHEMERAL, &options.key,
                                           err);
    ockam_secret_deinit(&key);
    OCKAM_TRY(err, s, "--secret-for-tests");
    return ockam_identity_create(ockam_node_vault(node), 1700000000, &options, out, err);
}

static ockam_status_t run(ockam_node_t *node, const char *address, const char *secret, bool show, uint64_t timeout_ms,
                          ockam_error_t *err)
{
    ockam_identity_t       *identity = NULL;
    ockam_secure_channel_t *channel  = NULL;
    char                    first[300];
    char                    text[OCKAM_IDENTIFIER_TEXT_BYTES];
    ockam_status_t          s;

    (void)snprintf(first, sizeof(first), "tcp#%s", address);
    OCKAM_TRY(err, ockam_tcp_start(node, NULL, err), "tcp");
    OCKAM_TRY(err, who_am_i(node, secret, &identity, err), "identity");
    if (show) {
        ockam_identifier_text(ockam_identity_identifier(identity), text);
        example_print("%s\n", text);
        ockam_identity_free(identity);
        return OCKAM_OK;
    }
    s = ockam_secure_channel_create(node, identity, OCKAM_ROUTE(first, "secure_channel_listener"),
                                    &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &channel, err);
    ockam_identity_free(identity);
    OCKAM_TRY(err, s, "channel");
    s = talk(node, channel, timeout_ms, err);
    ockam_secure_channel_close(channel);
    return s;
}

int main(int argc, char **argv)
{
    const char            *address   = "127.0.0.1:4000";
    const char            *secret    = NULL;
    const char            *timeout   = "30000";
    bool                   show      = false;
    const example_option_t options[] = {
        {"address", "HOST:PORT", "Where Bob listens", &address, NULL},
        {"timeout", "MS", "How long to wait for the answer", &timeout, NULL},
        {"secret-for-tests", "HEX", "Be the same identity each time; for tests: others can read arguments", &secret,
         NULL},
        {"show-identifier", NULL, "Print who Alice is, and end", NULL, &show},
    };
    ockam_node_t  *node = NULL;
    ockam_error_t  err  = {0};
    uint64_t       timeout_ms;
    ockam_status_t s;

    example_options(argc, argv, "Alice: opens a secure channel to Bob and sends a message through it.", options, 4);
    timeout_ms = example_number("timeout", timeout);
    if ((s = example_node(&node, &err)) == OCKAM_OK)
        s = run(node, address, secret, show, timeout_ms, &err);
    return example_end(node, s, &err);
}
