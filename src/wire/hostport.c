/* SPDX-License-Identifier: Apache-2.0
 *
 * hostport.c - "host:port". Protocol: docs/protocol/transports.md, "TCP". */
#include "wire/hostport.h"

#include "wire/ip.h"

#define LABEL_BYTES_MAX 63u

static bool is_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_name(ockam_slice_t host)
{
    size_t label = 0;

    if (host.len == 0 || host.len > OCKAM_HOST_BYTES_MAX || host.ptr[0] == '-' || host.ptr[host.len - 1] == '-')
        return false;
    for (size_t i = 0; i < host.len; i++) {
        if (host.ptr[i] == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if (!is_name_char(host.ptr[i]) || ++label > LABEL_BYTES_MAX) {
            return false;
        }
    }
    return label > 0;
}

static bool parse_port(ockam_slice_t text, uint16_t *out)
{
    uint32_t port = 0;

    if (!ockam_decimal_parse(text, UINT16_MAX, &port))
        return false;
    *out = (uint16_t)port;
    return true;
}

/* "[v6]:port" */
static bool parse_bracketed(ockam_slice_t text, ockam_hostport_t *out)
{
    const uint8_t      *end = (const uint8_t *)memchr(text.ptr, ']', text.len);
    uint8_t             ip[16];
    ockam_text_writer_t w = ockam_text_writer(out->host, sizeof(out->host));
    size_t              len;

    if (end == NULL)
        return false;
    len = (size_t)(end - text.ptr);
    if (!ockam_ip6_parse(ockam_slice(text.ptr + 1, len - 1), ip) || text.len < len + 2 || text.ptr[len + 1] != ':')
        return false;
    ockam_ip6_put(&w, ip);
    (void)ockam_text_finish(&w);
    out->kind = OCKAM_HOST_IPV6;
    return parse_port(ockam_slice(text.ptr + len + 2, text.len - len - 2), &out->port);
}

static bool parse(ockam_slice_t text, ockam_hostport_t *out)
{
    const uint8_t *colon;
    ockam_slice_t  host;
    uint8_t        ip[4];

    if (text.len == 0)
        return false;
    if (text.ptr[0] == '[')
        return parse_bracketed(text, out);
    colon = (const uint8_t *)memchr(text.ptr, ':', text.len);
    host  = colon != NULL ? ockam_slice(text.ptr, (size_t)(colon - text.ptr)) : ockam_slice(NULL, 0);
    if (!parse_port(colon != NULL ? ockam_slice(colon + 1, text.len - host.len - 1) : text, &out->port))
        return false;
    if (host.len == 0)
        host = ockam_slice_text("127.0.0.1");
    if (!is_name(host))
        return false;
    out->kind = ockam_ip4_parse(host, ip) ? OCKAM_HOST_IPV4 : OCKAM_HOST_NAME;
    memcpy(out->host, host.ptr, host.len);
    out->host[host.len] = '\0';
    return true;
}

ockam_status_t ockam_hostport_parse(ockam_slice_t text, ockam_hostport_t *out, ockam_error_t *err)
{
    ockam_hostport_t hostport;

    memset(&hostport, 0, sizeof(hostport));
    if (!parse(text, &hostport))
        return ockam_fail(err, OCKAM_MALFORMED, "'%.*s' is no host:port", (int)(text.len < 64 ? text.len : 64),
                          text.len > 0 ? (const char *)text.ptr : "");
    *out = hostport;
    return OCKAM_OK;
}

size_t ockam_hostport_text(const ockam_hostport_t *hostport, char *text, size_t size)
{
    ockam_text_writer_t w = ockam_text_writer(text, size);

    if (hostport->kind == OCKAM_HOST_IPV6)
        ockam_text_put_char(&w, '[');
    ockam_text_put(&w, hostport->host);
    if (hostport->kind == OCKAM_HOST_IPV6)
        ockam_text_put_char(&w, ']');
    ockam_text_put_char(&w, ':');
    ockam_text_put_decimal(&w, hostport->port);
    return ockam_text_finish(&w);
}
