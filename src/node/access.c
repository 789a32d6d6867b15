/* SPDX-License-Identifier: Apache-2.0
 *
 * access.c - the access controls that come with the library. Protocol: docs/protocol/nodes.md, "Access control". */
#include "ockam/node.h"

bool ockam_access_deny_all(const void *context, const ockam_delivery_t *delivery)
{
    (void)context;
    (void)delivery;
    return false;
}

bool ockam_access_any_identity(const void *context, const ockam_delivery_t *delivery)
{
    (void)context;
    return delivery->peer != NULL;
}

bool ockam_access_identity(const void *context, const ockam_delivery_t *delivery)
{
    const ockam_identifier_t *identifier = (const ockam_identifier_t *)context;

    return delivery->peer != NULL && memcmp(delivery->peer->bytes, identifier->bytes, sizeof(identifier->bytes)) == 0;
}

bool ockam_access_source(const void *context, const ockam_delivery_t *delivery)
{
    return ockam_address_equal(*(const ockam_address_t *)context, delivery->source);
}

bool ockam_access_onward(const void *context, const ockam_delivery_t *delivery)
{
    ockam_address_t first;

    return ockam_route_first(delivery->onward_route, &first, NULL) == OCKAM_OK &&
           ockam_address_equal(*(const ockam_address_t *)context, first);
}
