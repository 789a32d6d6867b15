/* SPDX-License-Identifier: Apache-2.0
 *
 * responder.c - the far end: accepts secure channels at "bob_listener" and echoes what comes through them. */
#include "example.h"

static ockam_status_t responder(ockam_node_t *node, const char *address, ockam_error_t *err)
{
    ockam_identity_t               *bob = NULL;
    ockam_tcp_listener_t            tcp;
    ockam_secure_channel_listener_t listener = {0};
    ockam_status_t                  s;

    OCKAM_TRY(err, ockam_tcp_start(node, NULL, err), "tcp");
    OCKAM_TRY(err, ockam_tcp_listen(node, address, &tcp, err), "listen");
    OCKAM_TRY(err, ockam_node_create_identity(node, &bob, err), "bob");
    s = ockam_secure_channel_listen(node, bob, "bob_listener",
                                    &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &listener, err);
    ockam_identity_free(bob);
    OCKAM_TRY(err, s, "bob_listener");
    OCKAM_TRY(err, ockam_echo_start(node, "echoer", err), "echoer");
    OCKAM_TRY(err, ockam_flow_allow(node, tcp.flow, "bob_listener", err), "bob_listener");
    OCKAM_TRY(err, ockam_flow_allow(node, listener.flow, "echoer", err), "echoer");
    example_print("listening on %s\n", tcp.address);
    return ockam_node_run(node, err);
}

int main(int argc, char **argv)
{
    const char            *address   = "127.0.0.1:4000";
    const example_option_t options[] = {{"address", "HOST:PORT", "Where to listen", &address, NULL}};
    ockam_node_t          *node      = NULL;
    ockam_error_t          err       = {0};
    ockam_status_t         s;

    example_options(argc, argv, "The far end of a secure channel over two hops.", options, 1);
    if ((s = example_node(&node, &err)) == OCKAM_OK)
        s = responder(node, address, &err);
    return example_end(node, s, &err);
}
