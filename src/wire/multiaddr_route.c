/* SPDX-License-Identifier: Apache-2.0
 *
 * multiaddr_route.c - between multiaddrs and routes. Protocol: docs/protocol/messages.md, "Multiaddr". */
#include "ockam/multiaddr.h"

#include "wire/hostport.h"
#include "wire/ip.h"

ockam_status_t ockam_multiaddr_append_tcp(ockam_multiaddr_t *multiaddr, ockam_slice_t hostport, ockam_error_t *err)
{
    const uint16_t              mark      = multiaddr->len;
    ockam_multiaddr_component_t component = {OCKAM_MULTIADDR_DNSADDR, {NULL, 0}};
    ockam_hostport_t            parsed;
    uint8_t                     ip[16];
    uint8_t                     port[2];
    ockam_status_t              s = ockam_hostport_parse(hostport, &parsed, err);

    if (s != OCKAM_OK)
        return s;
    component.value = ockam_slice_text(parsed.host);
    if (parsed.kind == OCKAM_HOST_IPV4 && ockam_ip4_parse(component.value, ip)) {
        component.protocol = OCKAM_MULTIADDR_IP4;
        component.value    = ockam_slice(ip, 4);
    } else if (parsed.kind == OCKAM_HOST_IPV6 && ockam_ip6_parse(component.value, ip)) {
        component.protocol = OCKAM_MULTIADDR_IP6;
        component.value    = ockam_slice(ip, 16);
    }
    if ((s = ockam_multiaddr_append(multiaddr, component, err)) != OCKAM_OK)
        return s;
    port[0]            = (uint8_t)(parsed.port >> 8);
    port[1]            = (uint8_t)parsed.port;
    component.protocol = OCKAM_MULTIADDR_TCP;
    component.value    = ockam_slice(port, 2);
    if ((s = ockam_multiaddr_append(multiaddr, component, err)) != OCKAM_OK)
        multiaddr->len = mark;
    return s;
}

ockam_status_t ockam_multiaddr_append_address(ockam_multiaddr_t *multiaddr, ockam_address_t address, ockam_error_t *err)
{
    const ockam_multiaddr_component_t service = {OCKAM_MULTIADDR_SERVICE, address.value};

    switch (address.type) {
    case OCKAM_LOCAL: return ockam_multiaddr_append(multiaddr, service, err);
    case OCKAM_TCP: return ockam_multiaddr_append_tcp(multiaddr, address.value, err);
    default:
        return ockam_fail(err, OCKAM_UNSUPPORTED, "an address of type %u has no multiaddr", (unsigned)address.type);
    }
}

/* A host and the port after it, as one address. */
static ockam_status_t append_host(ockam_route_t *route, ockam_multiaddr_component_t host,
                                  ockam_multiaddr_component_t port, ockam_error_t *err)
{
    char                text[OCKAM_HOSTPORT_TEXT_MAX];
    ockam_text_writer_t w       = ockam_text_writer(text, sizeof(text));
    ockam_address_t     address = {port.protocol == OCKAM_MULTIADDR_UDP ? OCKAM_UDP : OCKAM_TCP, {NULL, 0}};
    ockam_hostport_t    parsed;
    size_t              len;

    switch (host.protocol) {
    case OCKAM_MULTIADDR_IP4: ockam_ip4_put(&w, host.value.ptr); break;
    case OCKAM_MULTIADDR_IP6:
        ockam_text_put_char(&w, '[');
        ockam_ip6_put(&w, host.value.ptr);
        ockam_text_put_char(&w, ']');
        break;
    default: ockam_text_put_slice(&w, host.value); break;
    }
    ockam_text_put_char(&w, ':');
    ockam_text_put_decimal(&w, ockam_multiaddr_port(port));
    len = ockam_text_finish(&w);
    /* A dnsaddr may hold anything. Without a host, ":80" would mean a port of this machine. */
    if (host.value.len == 0 || len >= sizeof(text) ||
        ockam_hostport_parse(ockam_slice(text, len), &parsed, NULL) != OCKAM_OK)
        return ockam_fail(err, OCKAM_UNSUPPORTED, "value of %s, %zu bytes, is no host name",
                          ockam_multiaddr_protocol_name(host.protocol), host.value.len);
    address.value = ockam_slice(text, ockam_hostport_text(&parsed, text, sizeof(text)));
    return ockam_route_append(route, address, err);
}

ockam_status_t ockam_multiaddr_to_route(const ockam_multiaddr_t *multiaddr, ockam_route_t *out, ockam_error_t *err)
{
    ockam_route_t               route;
    size_t                      position = 0;
    ockam_multiaddr_component_t component, port;
    ockam_address_t             address = {OCKAM_LOCAL, {NULL, 0}};

    memset(&route, 0, offsetof(ockam_route_t, bytes));
    while (ockam_multiaddr_next(multiaddr, &position, &component)) {
        switch (component.protocol) {
        case OCKAM_MULTIADDR_SERVICE:
        case OCKAM_MULTIADDR_WORKER:
        case OCKAM_MULTIADDR_SECURE:
            address.value = component.value;
            OCKAM_TRY(err, ockam_route_append(&route, address, err), "multiaddr");
            continue;
        case OCKAM_MULTIADDR_IP4:
        case OCKAM_MULTIADDR_IP6:
        case OCKAM_MULTIADDR_DNSADDR:
            if (ockam_multiaddr_next(multiaddr, &position, &port) &&
                (port.protocol == OCKAM_MULTIADDR_TCP || port.protocol == OCKAM_MULTIADDR_UDP)) {
                OCKAM_TRY(err, append_host(&route, component, port, err), "multiaddr");
                continue;
            }
            return ockam_fail(err, OCKAM_UNSUPPORTED, "a host without tcp or udp behind it is no place in a route");
        default:
            return ockam_fail(err, OCKAM_UNSUPPORTED, "%s is no place in a route",
                              ockam_multiaddr_protocol_name(component.protocol));
        }
    }
    memset(out, 0, offsetof(ockam_route_t, bytes));
    ockam_route_copy(out, &route);
    return OCKAM_OK;
}

ockam_status_t ockam_multiaddr_from_route(const ockam_route_t *route, ockam_multiaddr_t *out, ockam_error_t *err)
{
    ockam_multiaddr_t multiaddr;
    ockam_address_t   address = {OCKAM_LOCAL, {NULL, 0}};

    multiaddr.len = 0;
    OCKAM_TRY(err, ockam_route_check(route, err), "route");
    for (size_t i = 0; i < route->count; i++) {
        OCKAM_TRY(err, ockam_route_at(route, i, &address, err), "route");
        OCKAM_TRY(err, ockam_multiaddr_append_address(&multiaddr, address, err), "route");
    }
    out->len = multiaddr.len;
    memcpy(out->bytes, multiaddr.bytes, multiaddr.len);
    return OCKAM_OK;
}
