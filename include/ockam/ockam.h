/* SPDX-License-Identifier: Apache-2.0
 *
 * ockam.h - talk end-to-end encrypted and mutually authenticated over any chain of hops.
 *
 * Read this page from top to bottom; each header says more. A complete program, without its error checks:
 *
 *     ockam_node_new(NULL, &node, &err);
 *     ockam_tcp_start(node, NULL, &err);
 *     ockam_node_create_identity(node, &alice, &err);
 *     ockam_secure_channel_create(node, alice, OCKAM_ROUTE("tcp#localhost:3000", "hop", "tcp#localhost:4000", "bob"),
 *                                 &(ockam_secure_channel_options_t){.trust = OCKAM_TRUST_EVERYONE}, &channel, &err);
 *     ockam_send_text(node, OCKAM_ROUTE(ockam_secure_channel_address(channel), "echoer"), "Hello Ockam!", &err);
 *     ockam_receive(node, OCKAM_TIMEOUT_DEFAULT, &reply, &err);
 *     printf("%s\n", ockam_message_text(reply));
 */
#ifndef OCKAM_H
#define OCKAM_H

/* 1. Every call answers with a status, and fills an error trail if you give it one: OCKAM_TRY(err, call, "what"). */
#include "ockam/status.h"

/* 2. Bytes are lent as slices, owned in buffers, and secret in secrets. Every bound has a name in limits.h. */
#include "ockam/bytes.h"
#include "ockam/limits.h"

/* 3. An address names a worker, or a place that a transport reaches; a route is a list of them. People write them as
 *    multiaddr, too: "/dnsaddr/localhost/tcp/4000/service/echoer". */
#include "ockam/address.h"
#include "ockam/multiaddr.h"

/* 4. A vault keeps secrets and does the mathematics. A store keeps what must survive. */
#include "ockam/store.h"
#include "ockam/vault.h"

/* 5. An identity is who you are: an identifier, proven by a history of signed keys. Credentials say more about it. */
#include "ockam/credential.h"
#include "ockam/identity.h"

/* 6. A node has workers, which get messages. What comes from the network reaches only workers that were opened to it. */
#include "ockam/node.h"

/* 7. Nodes reach each other over transports. */
#include "ockam/tcp.h"

/* 8. And a secure channel makes everything in between blind. Say whom you trust. */
#include "ockam/secure_channel.h"

#endif
