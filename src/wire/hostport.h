/* SPDX-License-Identifier: Apache-2.0
 *
 * hostport.h - "host:port", the value of TCP addresses. Source: docs/protocol/transports.md, "TCP". */
#ifndef OCKAM_WIRE_HOSTPORT_H
#define OCKAM_WIRE_HOSTPORT_H

#include "ockam/bytes.h"

/** Characters of a host name. Fixed by the domain name system. */
#define OCKAM_HOST_BYTES_MAX 253u
/** Longest text of host and port, with brackets and NUL. */
#define OCKAM_HOSTPORT_TEXT_MAX (OCKAM_HOST_BYTES_MAX + 2u + 1u + 5u + 1u)

typedef enum {
    OCKAM_HOST_NAME, /* has to be looked up */
    OCKAM_HOST_IPV4, /* dotted quad */
    OCKAM_HOST_IPV6  /* in its shortest form, without brackets */
} ockam_host_kind_t;

typedef struct {
    ockam_host_kind_t kind;
    uint16_t          port;
    char              host[OCKAM_HOST_BYTES_MAX + 1u]; /* NUL-terminated */
} ockam_hostport_t;

/**
 * Read "localhost:4000", "127.0.0.1:4000", "[::1]:4000"; "4000" and ":4000" are on 127.0.0.1. A name is ASCII: labels
 * of 1 to 63 letters, digits, '-' and '_', joined by dots, at most OCKAM_HOST_BYTES_MAX in all, no '-' at either end.
 * @return OCKAM_OK; OCKAM_MALFORMED. `out` is written only on success.
 */
OCKAM_NODISCARD ockam_status_t ockam_hostport_parse(ockam_slice_t text, ockam_hostport_t *out, ockam_error_t *err);
/** Write "localhost:4000" or "[::1]:4000". Always NUL-terminated when `size` > 0.
 *  @return the bytes needed without the NUL, as snprintf does. */
size_t ockam_hostport_text(const ockam_hostport_t *hostport, char *text, size_t size);

#endif
