/* SPDX-License-Identifier: Apache-2.0
 *
 * link.h - two nodes of one process with nothing but the test between them: what one sends through its end of the link
 * waits until the test hands it over, changed, late, twice or never. */
#ifndef OCKAM_TEST_LINK_H
#define OCKAM_TEST_LINK_H

#include "ockam/node.h"

/** One message on its way. */
typedef struct {
    ockam_route_t onward_route, return_route;
    uint8_t      *bytes;
    size_t        len;
} packet_t;

typedef struct {
    ockam_node_t   *node;
    ockam_worker_t *worker; /* routes through its address; what comes in has it in the return route */
    ockam_flow_id_t flow;   /* of what comes in here */
    packet_t       *sent;   /* by this node, not handed over */
    size_t          count, cap;
} link_end_t;

typedef struct {
    link_end_t end[2];
} link_t;

/** Join two nodes; `names` are the addresses of the ends, each on its own node. */
void link_start(link_t *link, ockam_node_t *a, const char *name_a, ockam_node_t *b, const char *name_b);
/** Forget what waits. The nodes, and the ends with them, may be freed before or after. */
void link_end(link_t *link);

/** Let both nodes handle what they have. No timer fires. */
void link_settle(const link_t *link);
/** Take message `index` of those that node `from` has sent; it is the caller's. */
packet_t link_take(link_t *link, unsigned from, size_t index);
packet_t packet_copy(const packet_t *packet);
void     packet_free(packet_t *packet);
/** Hand a copy over to the other node than `from`, which handles it. @return what routing it there gave. */
ockam_status_t link_put(link_t *link, unsigned from, const packet_t *packet);
/** The same with other bytes. */
ockam_status_t link_put_bytes(link_t *link, unsigned from, const packet_t *packet, const uint8_t *bytes, size_t len);
/** Hand everything over in order, both ways, until nothing waits. */
void link_run(link_t *link);

#endif
