/* SPDX-License-Identifier: Apache-2.0
 *
 * echoer.c - one node talks to itself through a secure channel; with --listen and --connect, two nodes over TCP. */
#include "example.h"

#include <stdio.h>

/* A worker that sends back what it gets, and a listener for secure channels that lead to it. */
static ockam_status_t bob(ockam_node_t *node, ockam_flow_id_t network, ockam_error_t *err)
{
    ockam_identity_t               *identity = NULL;
    ockam_secure_channel_listener_t listener = {0};
    ockam_status_t                  s;

    OCKAM_TRY(err, ockam_node_create_identity(node, &identity, err), "identity");
    s = ockam_secure_channel_listen(node, identity, "bob_secure_channel",
                                    &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &listener, err);
    ockam_identity_free(identity); /* the listener keeps its own reference */
    OCKAM_TRY(err, s, "listener");
    OCKAM_TRY(err, ockam_echo_start(node, "echoer", err), "echoer");
    OCKAM_TRY(err, ockam_flow_allow(node, listener.flow, "echoer", err), "echoer");
    return network != 0 ? ockam_flow_allow(node, network, "bob_secure_channel", err) : OCKAM_OK;
}

static ockam_status_t alice(ockam_node_t *node, const ockam_route_t *to_listener, ockam_error_t *err)
{
    ockam_identity_t       *identity = NULL;
    ockam_secure_channel_t *channel  = NULL;
    ockam_message_t        *reply    = NULL;
    ockam_status_t          s;

    OCKAM_TRY(err, ockam_node_create_identity(node, &identity, err), "identity");
    s = ockam_secure_channel_create(node, identity, to_listener,
                                    &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &channel, err);
    ockam_identity_free(identity);
    OCKAM_TRY(err, s, "channel");
    s = ockam_send_text(node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"), "Hello, world!", err);
    if (s == OCKAM_OK)
        s = ockam_receive(node, OCKAM_TIMEOUT_DEFAULT, &reply, err);
    if (s == OCKAM_OK)
        example_print("%s\n", ockam_message_text(reply)); /* Hello, world! */
    ockam_message_free(reply);
    ockam_secure_channel_close(channel);
    return s;
}

static ockam_status_t run(ockam_node_t *node, const char *listen, const char *connect, ockam_error_t *err)
{
    ockam_tcp_listener_t tcp;
    char                 first[300];

    if (listen == NULL && connect == NULL) {
        OCKAM_TRY(err, bob(node, 0, err), "bob");
        return alice(node, OCKAM_ROUTE("bob_secure_channel"), err);
    }
    OCKAM_TRY(err, ockam_tcp_start(node, NULL, err), "tcp");
    if (connect != NULL) {
        (void)snprintf(first, sizeof(first), "tcp#%s", connect);
        return alice(node, OCKAM_ROUTE(first, "bob_secure_channel"), err);
    }
    OCKAM_TRY(err, ockam_tcp_listen(node, listen, &tcp, err), "listen");
    OCKAM_TRY(err, bob(node, tcp.flow, err), "bob");
    example_print("listening on %s\n", tcp.address);
    return ockam_node_run(node, err);
}

int main(int argc, char **argv)
{
    const char            *listen    = NULL;
    const char            *connect   = NULL;
    const example_option_t options[] = {
        {"listen", "HOST:PORT", "Be the echoer for other nodes", &listen, NULL},
        {"connect", "HOST:PORT", "Talk to the echoer at this address", &connect, NULL},
    };
    ockam_node_t  *node = NULL;
    ockam_error_t  err  = {0};
    ockam_status_t s;

    example_options(argc, argv, "Send a message through a secure channel to an echoer.", options, 2);
    if (listen != NULL && connect != NULL) {
        fprintf(stderr, "echoer: either --listen or --connect. Try 'echoer --help'.\n");
        return 64;
    }
    if ((s = example_node(&node, &err)) == OCKAM_OK)
        s = run(node, listen, connect, &err);
    return example_end(node, s, &err);
}
