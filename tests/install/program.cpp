/* SPDX-License-Identifier: Apache-2.0
 *
 * program.cpp - the same headers in C++17: a route literal, access control, a secure channel inside one node. */
#include <cstdio>
#include <ockam/ockam.h>

static ockam_status_t talk(ockam_node_t *node, ockam_identity_t *identity, ockam_error_t *err)
{
    ockam_secure_channel_options_t  options{};
    ockam_secure_channel_listener_t listener{};
    ockam_secure_channel_t         *channel = nullptr;
    ockam_message_t                *reply   = nullptr;

    options.trust = OCKAM_TRUST_EVERYONE;
    OCKAM_TRY(err, ockam_secure_channel_listen(node, identity, "listener", &options, &listener, err), "listen");
    OCKAM_TRY(err, ockam_echo_start(node, "echoer", err), "echoer");
    OCKAM_TRY(err, ockam_flow_allow(node, listener.flow, "echoer", err), "flow");
    OCKAM_TRY(err, ockam_secure_channel_create(node, identity, OCKAM_ROUTE("listener"), &options, &channel, err),
              "create");
    OCKAM_TRY(err,
              ockam_send_text(node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"), "Hello Ockam!", err),
              "send");
    OCKAM_TRY(err, ockam_receive(node, OCKAM_TIMEOUT_DEFAULT, &reply, err), "receive");
    std::printf("%s\n", ockam_message_text(reply));
    ockam_message_free(reply);
    ockam_secure_channel_close(channel);
    return OCKAM_OK;
}

int main()
{
    ockam_node_t          *node     = nullptr;
    ockam_identity_t      *identity = nullptr;
    ockam_error_t          err{};
    const ockam_access_t   nobody = OCKAM_DENY_ALL;
    ockam_status_t         s      = ockam_node_new(nullptr, &node, &err);
    const ockam_delivery_t none{};

    if (s == OCKAM_OK)
        s = ockam_node_create_identity(node, &identity, &err);
    if (s == OCKAM_OK)
        s = talk(node, identity, &err);
    if (s == OCKAM_OK && nobody.allows(nobody.context, &none))
        s = OCKAM_INTERNAL;
    if (s == OCKAM_OK && ockam_route_check(OCKAM_ROUTE("a#b#c"), nullptr) != OCKAM_MALFORMED)
        s = OCKAM_INTERNAL;
    ockam_identity_free(identity);
    ockam_node_free(node);
    if (s != OCKAM_OK) {
        char text[512];
        (void)ockam_error_text(&err, text, sizeof(text));
        std::fprintf(stderr, "%s\n", text);
    }
    return s == OCKAM_OK ? 0 : 1;
}
