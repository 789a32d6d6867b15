/* SPDX-License-Identifier: Apache-2.0
 *
 * bob.c - accepts secure channels and sends back what comes through them. */
#include "example.h"

#define PERMITTED_MAX 16

/* "I0123...,I4567..." */
static ockam_status_t parse_permitted(const char *list, ockam_identifier_t *out, size_t *count, ockam_error_t *err)
{
    for (*count = 0; *list != '\0'; (*count)++) {
        const size_t len = strcspn(list, ",");
        if (*count == PERMITTED_MAX)
            return ockam_fail(err, OCKAM_LIMIT, "more than %d permitted identifiers", PERMITTED_MAX);
        OCKAM_TRY(err, ockam_identifier_parse(ockam_slice(list, len), &out[*count], err), "--permit");
        list += len + (list[len] == ',');
    }
    return OCKAM_OK;
}

static ockam_status_t run(ockam_node_t *node, const char *address, const char *permit, ockam_error_t *err)
{
    static ockam_identifier_t       permitted[PERMITTED_MAX]; /* the trust policy borrows them */
    size_t                          count    = 0;
    ockam_identity_t               *identity = NULL;
    ockam_tcp_listener_t            tcp;
    ockam_secure_channel_listener_t listener = {0};
    ockam_secure_channel_options_t  options  = {.trust = OCKAM_TRUST_EVERYONE};
    char                            text[OCKAM_IDENTIFIER_TEXT_BYTES];
    ockam_status_t                  s;

    if (permit != NULL) {
        OCKAM_TRY(err, parse_permitted(permit, permitted, &count, err), "permitted identifiers");
        options.trust = ockam_trust_identifiers(permitted, count);
    }
    OCKAM_TRY(err, ockam_tcp_start(node, NULL, err), "tcp");
    OCKAM_TRY(err, ockam_tcp_listen(node, address, &tcp, err), "listen");
    OCKAM_TRY(err, ockam_node_create_identity(node, &identity, err), "identity");
    ockam_identifier_text(ockam_identity_identifier(identity), text);
    s = ockam_secure_channel_listen(node, identity, "secure_channel_listener", &options, &listener, err);
    ockam_identity_free(identity);
    OCKAM_TRY(err, s, "listener");
    OCKAM_TRY(err, ockam_flow_allow(node, tcp.flow, "secure_channel_listener", err), "listener");
    OCKAM_TRY(err, ockam_echo_start(node, "echoer", err), "echoer");
    OCKAM_TRY(err, ockam_flow_allow(node, listener.flow, "echoer", err), "echoer");
    example_print("I am %s\nlistening on %s\n", text, tcp.address);
    return ockam_node_run(node, err);
}

int main(int argc, char **argv)
{
    const char            *address   = "127.0.0.1:4000";
    const char            *permit    = NULL;
    const example_option_t options[] = {
        {"address", "HOST:PORT", "Where to listen", &address, NULL},
        {"permit", "ID,ID,...", "Only these identities may have a channel", &permit, NULL},
    };
    ockam_node_t  *node = NULL;
    ockam_error_t  err  = {0};
    ockam_status_t s;

    example_options(argc, argv, "Bob: accepts secure channels and echoes what comes through them.", options, 2);
    if ((s = example_node(&node, &err)) == OCKAM_OK)
        s = run(node, address, permit, &err);
    return example_end(node, s, &err);
}
