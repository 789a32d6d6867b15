/* SPDX-License-Identifier: Apache-2.0
 *
 * multiaddr.h - the second way of writing where something is, used by people and command lines:
 *
 *     /ip4/127.0.0.1/tcp/4000/secure/api/service/echo
 *
 * A multiaddr is a list of components, each a protocol and its value. Kept in its binary form, which is what goes into
 * requests. Source: docs/protocol/messages.md, "Multiaddr". */
#ifndef OCKAM_MULTIADDR_H
#define OCKAM_MULTIADDR_H

#include "ockam/address.h"

OCKAM_BEGIN_DECLS

/** The protocols that exist, with their codes. */
typedef enum {
    OCKAM_MULTIADDR_IP4     = 4,
    OCKAM_MULTIADDR_TCP     = 6,
    OCKAM_MULTIADDR_IP6     = 41,
    OCKAM_MULTIADDR_DNSADDR = 56,
    OCKAM_MULTIADDR_UDP     = 273,
    OCKAM_MULTIADDR_SERVICE = 62526,
    OCKAM_MULTIADDR_NODE    = 72526,
    OCKAM_MULTIADDR_PROJECT = 82526,
    OCKAM_MULTIADDR_SPACE   = 92526,
    OCKAM_MULTIADDR_SECURE  = 99526,
    OCKAM_MULTIADDR_WORKER  = 102526
} ockam_multiaddr_protocol_t;

/** One component, lent. */
typedef struct {
    ockam_multiaddr_protocol_t protocol;
    ockam_slice_t              value; /* 4 or 16 bytes of an IP address, 2 of a port (big-endian), or UTF-8 text */
} ockam_multiaddr_component_t;

/** A list of components in its binary form. Starts as {0}: the empty one. Copied by assignment; nothing to free. */
typedef struct ockam_multiaddr {
    uint16_t len;
    uint8_t  bytes[OCKAM_MULTIADDR_BYTES_MAX];
} ockam_multiaddr_t;

/** Lend the binary form until the multiaddr changes. */
static inline ockam_slice_t ockam_multiaddr_view(const ockam_multiaddr_t *multiaddr)
{
    return ockam_slice(multiaddr->bytes, multiaddr->len);
}

/**
 * Read the text form. The very first '/' may be missing, an empty text is the empty multiaddr, "self" is "/secure/api".
 * @return OCKAM_OK; OCKAM_MALFORMED (unknown protocol, bad value, stray '/'); OCKAM_LIMIT. `out` is written only on
 *         success.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_multiaddr_parse(ockam_slice_t text, ockam_multiaddr_t *out,
                                                               ockam_error_t *err);
/** Write the text form, always with a leading '/'. Always NUL-terminated when `size` > 0.
 *  @return the bytes needed without the NUL, as snprintf does. */
OCKAM_API size_t ockam_multiaddr_text(const ockam_multiaddr_t *multiaddr, char *text, size_t size);
/** Read the binary form, all of `bytes`. @return as ockam_multiaddr_parse(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_multiaddr_decode(ockam_slice_t bytes, ockam_multiaddr_t *out,
                                                                ockam_error_t *err);

OCKAM_API bool ockam_multiaddr_equal(const ockam_multiaddr_t *a, const ockam_multiaddr_t *b);

/**
 * Step through the components: start with *position 0, go on while it returns true. `out` is lent until the multiaddr
 * changes; afterwards bytes [old position, new position) are the component's binary form.
 */
OCKAM_API bool ockam_multiaddr_next(const ockam_multiaddr_t *multiaddr, size_t *position,
                                    ockam_multiaddr_component_t *out);
/** The number in the value of a TCP or UDP component. */
OCKAM_API uint16_t ockam_multiaddr_port(ockam_multiaddr_component_t component);
/** The name in front of the value, for example "ip4"; NULL for a number that is no protocol. Static storage. */
OCKAM_API const char *ockam_multiaddr_protocol_name(ockam_multiaddr_protocol_t protocol);

/** @return OCKAM_OK; OCKAM_INVALID (no such protocol; a value of the wrong length, not UTF-8, or with a '/' or NUL that
 *          the text form cannot hold); OCKAM_LIMIT. The multiaddr is unchanged on failure. `component` must not point
 *          into it. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_multiaddr_append(ockam_multiaddr_t          *multiaddr,
                                                                ockam_multiaddr_component_t component,
                                                                ockam_error_t              *err);
/** Append a text component, for example (OCKAM_MULTIADDR_SERVICE, "echo"). @return as ockam_multiaddr_append(). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_multiaddr_append_text(ockam_multiaddr_t         *multiaddr,
                                                                     ockam_multiaddr_protocol_t protocol,
                                                                     const char *value, ockam_error_t *err);
/** Append "host:port" as ip4, ip6 or dnsaddr, and tcp. @return as ockam_multiaddr_append(); OCKAM_MALFORMED (it is no
 *  host and port). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_multiaddr_append_tcp(ockam_multiaddr_t *multiaddr,
                                                                    ockam_slice_t hostport, ockam_error_t *err);
/** Append an address: a local one as service, a TCP one as by ockam_multiaddr_append_tcp(). @return as those;
 *  OCKAM_UNSUPPORTED (an address of another type). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_multiaddr_append_address(ockam_multiaddr_t *multiaddr,
                                                                        ockam_address_t address, ockam_error_t *err);

/**
 * Make a route: service, worker and secure become local addresses; ip4, ip6 or dnsaddr followed by tcp (udp) become one
 * TCP (UDP) address "host:port". Other components name something that has to be looked up first.
 * @return OCKAM_OK; OCKAM_UNSUPPORTED (a component that does not convert, a dnsaddr that is no host name); OCKAM_LIMIT.
 *         `out` is written only on success.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_multiaddr_to_route(const ockam_multiaddr_t *multiaddr,
                                                                  ockam_route_t *out, ockam_error_t *err);
/** Make a multiaddr from every address of a route. @return as ockam_multiaddr_append_address(), and the status that a
 *  route literal failed with. `out` is written only on success. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_multiaddr_from_route(const ockam_route_t *route, ockam_multiaddr_t *out,
                                                                    ockam_error_t *err);

OCKAM_END_DECLS

#endif
