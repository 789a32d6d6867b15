/* SPDX-License-Identifier: Apache-2.0
 *
 * program.c - what a user writes: one node, a secure channel to itself, a message through it. */
#include <ockam/ockam.h>
#include <stdio.h>

static ockam_status_t talk(ockam_node_t *node, ockam_error_t *err)
{
    const ockam_secure_channel_options_t options  = {.trust = OCKAM_TRUST_EVERYONE};
    ockam_identity_t                    *identity = NULL;
    ockam_secure_channel_listener_t      listener = {0};
    ockam_secure_channel_t              *channel  = NULL;
    ockam_message_t                     *reply    = NULL;
    ockam_status_t                       s;

    OCKAM_TRY(err, ockam_node_create_identity(node, &identity, err), "identity");
    s = ockam_secure_channel_listen(node, identity, "listener", &options, &listener, err);
    if (s == OCKAM_OK)
        s = ockam_echo_start(node, "echoer", err);
    if (s == OCKAM_OK)
        s = ockam_flow_allow(node, listener.flow, "echoer", err);
    if (s == OCKAM_OK)
        s = ockam_secure_channel_create(node, identity, OCKAM_ROUTE("listener"), &options, &channel, err);
    if (s == OCKAM_OK)
        s = ockam_send_text(node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"), "Hello Ockam!", err);
    if (s == OCKAM_OK)
        s = ockam_receive(node, OCKAM_TIMEOUT_DEFAULT, &reply, err);
    if (s == OCKAM_OK)
        printf("%s\n", ockam_message_text(reply));
    ockam_message_free(reply);
    ockam_secure_channel_close(channel);
    ockam_identity_free(identity);
    return s;
}

int main(void)
{
    ockam_node_t  *node = NULL;
    ockam_error_t  err  = {0};
    ockam_status_t s    = ockam_node_new(NULL, &node, &err);

    if (s == OCKAM_OK)
        s = talk(node, &err);
    if (s != OCKAM_OK) {
        char text[500];
        (void)ockam_error_text(&err, text, sizeof(text));
        fprintf(stderr, "program: %s\n", text);
    }
    ockam_node_free(node);
    return s == OCKAM_OK ? 0 : 1;
}
