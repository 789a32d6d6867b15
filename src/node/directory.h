/* SPDX-License-Identifier: Apache-2.0
 *
 * directory.h - which mailbox an address names, and which flows may reach it. */
#ifndef OCKAM_NODE_DIRECTORY_H
#define OCKAM_NODE_DIRECTORY_H

#include "ockam/node.h"

/** A mailbox in the directory; messages on their way hold references, so that it outlives its worker. */
typedef struct ockam_box {
    ockam_worker_t    *worker; /* NULL once stopped */
    size_t             refs;
    uint8_t            index; /* which mailbox of its worker */
    bool               has_peer;
    ockam_identifier_t peer; /* the identity at the other end of the channel that this address leads into */
    ockam_access_t     incoming, outgoing;
    ockam_flow_id_t    producer; /* messages sent from here came from the network: only consumers may get them */
    ockam_flow_id_t    spawner;  /* the flow of the listener behind that producer */
    ockam_flow_id_t    reaches;  /* writing here leads to the peer whose answers come in through this flow */
    size_t             encoded_len;
    uint8_t            encoded[]; /* the address in its wire form */
} ockam_box_t;

typedef struct ockam_directory ockam_directory_t;

ockam_directory_t *ockam_directory_new(const ockam_allocator_t *allocator);
void               ockam_directory_free(ockam_directory_t *directory);

/** Enter a mailbox; the box gets one reference for the caller. @return OCKAM_OK; OCKAM_EXISTS; OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_NODISCARD ockam_status_t ockam_directory_add(ockam_directory_t *directory, ockam_address_t address,
                                                   ockam_box_t **out, ockam_error_t *err);
/** Take it out, with everything it may be reached by; drops the caller's reference. */
void            ockam_directory_remove(ockam_directory_t *directory, ockam_box_t *box);
void            ockam_box_unref(ockam_directory_t *directory, ockam_box_t *box);
ockam_address_t ockam_box_address(const ockam_box_t *box);

/** What an address leads to. */
typedef struct {
    ockam_box_t           *box;   /* lent; NULL: nobody there now */
    const ockam_flow_id_t *flows; /* those that may reach it */
    size_t                 flow_count;
} ockam_found_t;

/** Look up the first address of a route, which is not empty. */
ockam_found_t ockam_directory_find_first(const ockam_directory_t *directory, const ockam_route_t *route);
ockam_found_t ockam_directory_find(const ockam_directory_t *directory, ockam_address_t address);
bool          ockam_found_allows(const ockam_found_t *found, ockam_flow_id_t flow);

/** A new flow. 0: no memory. */
ockam_flow_id_t ockam_directory_flow_new(ockam_directory_t *directory);
/** Nothing comes in through it any more: forget whom it may reach. 0 is fine. */
void                           ockam_directory_flow_end(ockam_directory_t *directory, ockam_flow_id_t id);
OCKAM_NODISCARD ockam_status_t ockam_directory_allow(ockam_directory_t *directory, ockam_flow_id_t id,
                                                     ockam_address_t address, ockam_error_t *err);
/** Let every flow that may reach `from` reach `to` as well. */
OCKAM_NODISCARD ockam_status_t ockam_directory_allow_same(ockam_directory_t *directory, ockam_address_t from,
                                                          ockam_address_t to, ockam_error_t *err);

#endif
