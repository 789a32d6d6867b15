/* SPDX-License-Identifier: Apache-2.0
 *
 * initiator.c - opens a secure channel over two hops and sends a message through it. */
#include "example.h"

#include <stdio.h>

static ockam_status_t initiator(ockam_node_t *node, const char *middle, const char *responder, ockam_error_t *err)
{
    ockam_identity_t       *alice   = NULL;
    ockam_secure_channel_t *channel = NULL;
    ockam_message_t        *reply   = NULL;
    ockam_status_t          s;

    OCKAM_TRY(err, ockam_tcp_start(node, NULL, err), "tcp");
    OCKAM_TRY(err, ockam_node_create_identity(node, &alice, err), "alice");
    s = ockam_secure_channel_create(node, alice, OCKAM_ROUTE(middle, "hop", responder, "bob_listener"),
                                    &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &channel, err);
    ockam_identity_free(alice);
    OCKAM_TRY(err, s, "channel");
    s = ockam_send_text(node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"), "Hello Ockam!", err);
    if (s == OCKAM_OK)
        s = ockam_receive(node, OCKAM_TIMEOUT_DEFAULT, &reply, err);
    if (s == OCKAM_OK)
        example_print("App Received: %s\n", ockam_message_text(reply)); /* Hello Ockam! */
    ockam_message_free(reply);
    ockam_secure_channel_close(channel);
    return s;
}

int main(int argc, char **argv)
{
    const char            *middle    = "localhost:3000";
    const char            *responder = "localhost:4000";
    const example_option_t options[] = {
        {"middle", "HOST:PORT", "The node in the middle, as we reach it", &middle, NULL},
        {"responder", "HOST:PORT", "The far end, as the node in the middle reaches it", &responder, NULL},
    };
    char           hop1[300], hop2[300];
    ockam_node_t  *node = NULL;
    ockam_error_t  err  = {0};
    ockam_status_t s;

    example_options(argc, argv, "Sends a message through a secure channel over two hops.", options, 2);
    (void)snprintf(hop1, sizeof(hop1), "tcp#%s", middle);
    (void)snprintf(hop2, sizeof(hop2), "tcp#%s", responder);
    if ((s = example_node(&node, &err)) == OCKAM_OK)
        s = initiator(node, hop1, hop2, &err);
    return example_end(node, s, &err);
}
