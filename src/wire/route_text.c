/* SPDX-License-Identifier: Apache-2.0
 *
 * route_text.c - routes as people write them. Protocol: docs/protocol/messages.md, "Routes". */
#include "ockam/address.h"

#include "wire/route_codec.h"
#include "wire/text.h"

/* Offset of the first "=>", or the length if there is none. */
static size_t find_arrow(ockam_slice_t text)
{
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.ptr[i] == '=' && text.ptr[i + 1] == '>')
            return i;
    return text.len;
}

ockam_status_t ockam_route_parse(ockam_slice_t text, ockam_route_t *out, ockam_error_t *err)
{
    ockam_route_t   route;
    ockam_address_t address = {OCKAM_LOCAL, {NULL, 0}};
    ockam_slice_t   rest    = ockam_text_trim(text);
    bool            more    = rest.len > 0;

    memset(&route, 0, offsetof(ockam_route_t, bytes));
    while (more) {
        const size_t end = find_arrow(rest);
        OCKAM_TRY(err, ockam_address_parse(ockam_text_trim(ockam_slice(rest.ptr, end)), &address, err), "route");
        OCKAM_TRY(err, ockam_route_append(&route, address, err), "route");
        more = end < rest.len;
        rest = more ? ockam_slice(rest.ptr + end + 2, rest.len - end - 2) : rest;
    }
    memset(out, 0, offsetof(ockam_route_t, bytes));
    ockam_route_copy(out, &route);
    return OCKAM_OK;
}

size_t ockam_route_text(const ockam_route_t *route, char *text, size_t size)
{
    ockam_text_writer_t w      = ockam_text_writer(text, size);
    size_t              offset = route->start;
    ockam_address_t     address;

    for (size_t i = 0; i < route->count; i++) {
        offset += ockam_address_peek(route->bytes + offset, &address);
        if (i > 0)
            ockam_text_put(&w, " => ");
        ockam_text_put_decimal(&w, address.type);
        ockam_text_put_char(&w, '#');
        ockam_text_put_escaped(&w, address.value);
    }
    return ockam_text_finish(&w);
}

const ockam_route_t *ockam_route_literal(ockam_route_t *route, const char *const *texts, size_t count)
{
    ockam_address_t address = {OCKAM_LOCAL, {NULL, 0}};

    memset(route, 0, offsetof(ockam_route_t, bytes));
    for (size_t i = 0; i < count; i++) {
        ockam_status_t s = OCKAM_INVALID; /* a NULL in the list */

        if (texts[i] != NULL)
            s = ockam_address_parse(ockam_slice_text(texts[i]), &address, NULL);
        if (s == OCKAM_OK)
            s = ockam_route_append(route, address, NULL);
        if (s != OCKAM_OK) {
            memset(route, 0, offsetof(ockam_route_t, bytes));
            route->failed = (uint16_t)s;
            break;
        }
    }
    return route;
}
