/* SPDX-License-Identifier: Apache-2.0
 *
 * route.c - lists of addresses, kept in place in their encoded form.
 * Protocol: docs/protocol/messages.md, "Routes" and "Routing rules". */
#include "ockam/address.h"

#include "wire/route_codec.h"

_Static_assert(OCKAM_ADDRESS_ENCODED_MAX <= OCKAM_ROUTE_BYTES_MAX, "one address always fits an empty route");
_Static_assert(OCKAM_ROUTE_BYTES_MAX <= UINT16_MAX, "offsets are uint16_t");
_Static_assert(OCKAM_ROUTE_BYTES_MAX / 3 < UINT16_MAX, "an address takes at least 3 bytes");

static size_t route_size(const ockam_route_t *route)
{
    return (size_t)(route->end - route->start);
}

/* Move what is there so that it begins at `start`. */
static void move_to(ockam_route_t *route, size_t start)
{
    const size_t size = route_size(route);

    memmove(route->bytes + start, route->bytes + route->start, size);
    route->start = (uint16_t)start;
    route->end   = (uint16_t)(start + size);
}

/* Have room for `size` bytes in front (behind). An empty route is placed so that what comes later finds room on both
 * sides; a full side gets half of what is left, so that not every call moves bytes. */
static bool make_room(ockam_route_t *route, size_t size, bool in_front)
{
    const size_t used = route_size(route);
    size_t       spare;

    if (size > OCKAM_ROUTE_BYTES_MAX - used)
        return false;
    spare = (OCKAM_ROUTE_BYTES_MAX - used - size) / 2;
    if (used == 0) {
        route->start = (uint16_t)(spare + (in_front ? size : 0));
        route->end   = route->start;
        return true;
    }
    if (in_front && size > route->start)
        move_to(route, spare + size);
    else if (!in_front && size > OCKAM_ROUTE_BYTES_MAX - route->end)
        move_to(route, spare);
    return true;
}

static ockam_status_t too_long(const ockam_route_t *route, size_t size, ockam_error_t *err)
{
    return ockam_fail(err, OCKAM_LIMIT, "a route of %zu bytes and %zu more, limit %u", route_size(route), size,
                      OCKAM_ROUTE_BYTES_MAX);
}

static ockam_status_t check_value(ockam_address_t address, ockam_error_t *err)
{
    if (OCKAM_LIKELY(address.value.len <= OCKAM_ADDRESS_BYTES_MAX))
        return OCKAM_OK;
    return ockam_fail(err, OCKAM_LIMIT, "an address of %zu bytes, limit %u", address.value.len,
                      OCKAM_ADDRESS_BYTES_MAX);
}

ockam_status_t ockam_route_append(ockam_route_t *route, ockam_address_t address, ockam_error_t *err)
{
    const ockam_status_t s    = check_value(address, err);
    const size_t         size = ockam_address_encoded_size(address);

    if (s != OCKAM_OK)
        return s;
    if (!make_room(route, size, false))
        return too_long(route, size, err);
    (void)ockam_address_put(route->bytes + route->end, address);
    route->end = (uint16_t)(route->end + size);
    route->count++;
    return OCKAM_OK;
}

ockam_status_t ockam_route_prepend(ockam_route_t *route, ockam_address_t address, ockam_error_t *err)
{
    const ockam_status_t s    = check_value(address, err);
    const size_t         size = ockam_address_encoded_size(address);

    if (s != OCKAM_OK)
        return s;
    if (!make_room(route, size, true))
        return too_long(route, size, err);
    route->start = (uint16_t)(route->start - size);
    (void)ockam_address_put(route->bytes + route->start, address);
    route->count++;
    return OCKAM_OK;
}

ockam_status_t ockam_route_append_route(ockam_route_t *route, const ockam_route_t *tail, ockam_error_t *err)
{
    const size_t         size = route_size(tail);
    const ockam_status_t s    = ockam_route_check(tail, err);

    if (s != OCKAM_OK || size == 0)
        return s;
    if (!make_room(route, size, false))
        return too_long(route, size, err);
    memcpy(route->bytes + route->end, tail->bytes + tail->start, size); /* `tail` may be `route`, and have moved */
    route->end   = (uint16_t)(route->end + size);
    route->count = (uint16_t)(route->count + tail->count);
    return OCKAM_OK;
}

ockam_status_t ockam_route_prepend_route(ockam_route_t *route, const ockam_route_t *head, ockam_error_t *err)
{
    const size_t         size = route_size(head);
    const ockam_status_t s    = ockam_route_check(head, err);

    if (s != OCKAM_OK || size == 0)
        return s;
    if (!make_room(route, size, true))
        return too_long(route, size, err);
    memcpy(route->bytes + route->start - size, head->bytes + head->start, size);
    route->start = (uint16_t)(route->start - size);
    route->count = (uint16_t)(route->count + head->count);
    return OCKAM_OK;
}

/* ---- looking at it --------------------------------------------------------------------------------------------- */

/* Offset of address number `index`, which exists. */
static size_t offset_of(const ockam_route_t *route, size_t index)
{
    size_t          offset = route->start;
    ockam_address_t ignored;

    while (index-- > 0)
        offset += ockam_address_peek(route->bytes + offset, &ignored);
    return offset;
}

ockam_status_t ockam_route_at(const ockam_route_t *route, size_t index, ockam_address_t *out, ockam_error_t *err)
{
    if (index >= route->count)
        return ockam_fail(err, OCKAM_NOT_FOUND, "address %zu of a route of %u", index, (unsigned)route->count);
    (void)ockam_address_peek(route->bytes + offset_of(route, index), out);
    return OCKAM_OK;
}

ockam_status_t ockam_route_first(const ockam_route_t *route, ockam_address_t *out, ockam_error_t *err)
{
    return ockam_route_at(route, 0, out, err);
}

ockam_status_t ockam_route_last(const ockam_route_t *route, ockam_address_t *out, ockam_error_t *err)
{
    return ockam_route_at(route, route->count == 0 ? 0 : route->count - 1u, out, err);
}

/* An empty route has no place of its own. */
static void dropped_one(ockam_route_t *route)
{
    if (--route->count == 0)
        route->start = route->end = 0;
}

void ockam_route_drop_first(ockam_route_t *route)
{
    ockam_address_t ignored;

    if (route->count == 0)
        return;
    route->start = (uint16_t)(route->start + ockam_address_peek(route->bytes + route->start, &ignored));
    dropped_one(route);
}

void ockam_route_drop_last(ockam_route_t *route)
{
    if (route->count == 0)
        return;
    route->end = (uint16_t)offset_of(route, route->count - 1u);
    dropped_one(route);
}

bool ockam_route_equal(const ockam_route_t *a, const ockam_route_t *b)
{
    return a->count == b->count && route_size(a) == route_size(b) &&
           memcmp(a->bytes + a->start, b->bytes + b->start, route_size(a)) == 0;
}

ockam_status_t ockam_route_check(const ockam_route_t *route, ockam_error_t *err)
{
    if (OCKAM_LIKELY(route->failed == OCKAM_OK))
        return OCKAM_OK;
    return ockam_fail(err, (ockam_status_t)route->failed, "a text in OCKAM_ROUTE() is no address");
}
