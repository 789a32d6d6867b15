/* SPDX-License-Identifier: Apache-2.0
 *
 * middle.c - a node in between: its worker "hop" sends messages on, and it may connect to where they want to go. It sees
 * routes and ciphertext. */
#include "example.h"

static ockam_status_t middle(ockam_node_t *node, const char *address, ockam_error_t *err)
{
    ockam_tcp_listener_t tcp;

    OCKAM_TRY(err, ockam_tcp_start(node, &(ockam_tcp_options_t){.connect_onward = true}, err), "tcp");
    OCKAM_TRY(err, ockam_tcp_listen(node, address, &tcp, err), "listen");
    OCKAM_TRY(err, ockam_hop_start(node, "hop", err), "hop");
    OCKAM_TRY(err, ockam_flow_allow(node, tcp.flow, "hop", err), "hop");
    example_print("listening on %s\n", tcp.address);
    return ockam_node_run(node, err);
}

int main(int argc, char **argv)
{
    const char            *address   = "127.0.0.1:3000";
    const example_option_t options[] = {{"address", "HOST:PORT", "Where to listen", &address, NULL}};
    ockam_node_t          *node      = NULL;
    ockam_error_t          err       = {0};
    ockam_status_t         s;

    example_options(argc, argv, "The node in the middle: forwards what it cannot read.", options, 1);
    if ((s = example_node(&node, &err)) == OCKAM_OK)
        s = middle(node, address, &err);
    return example_end(node, s, &err);
}
