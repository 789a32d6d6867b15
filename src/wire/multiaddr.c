/* SPDX-License-Identifier: Apache-2.0
 *
 * multiaddr.c - lists of protocol and value, as text and in binary.
 * Protocol: docs/protocol/messages.md, "Multiaddr". */
#include "ockam/multiaddr.h"

#include "wire/ip.h"
#include "wire/reader.h"

_Static_assert(OCKAM_MULTIADDR_BYTES_MAX <= UINT16_MAX, "the length is a uint16_t");

/* Codes and lengths have at most 32 bits: 5 bytes of 7. */
#define VARINT_BYTES_MAX 5u
#define VARIABLE         0u

static const struct protocol {
    const char                *name;
    ockam_multiaddr_protocol_t code;
    size_t                     size; /* bytes of the value; VARIABLE: a length and UTF-8 */
} protocols[] = {
    {"ip4", OCKAM_MULTIADDR_IP4, 4},
    {"tcp", OCKAM_MULTIADDR_TCP, 2},
    {"ip6", OCKAM_MULTIADDR_IP6, 16},
    {"dnsaddr", OCKAM_MULTIADDR_DNSADDR, VARIABLE},
    {"udp", OCKAM_MULTIADDR_UDP, 2},
    {"service", OCKAM_MULTIADDR_SERVICE, VARIABLE},
    {"node", OCKAM_MULTIADDR_NODE, VARIABLE},
    {"project", OCKAM_MULTIADDR_PROJECT, VARIABLE},
    {"space", OCKAM_MULTIADDR_SPACE, VARIABLE},
    {"secure", OCKAM_MULTIADDR_SECURE, VARIABLE},
    {"worker", OCKAM_MULTIADDR_WORKER, VARIABLE},
};
#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

static const struct protocol *by_code(uint32_t code)
{
    for (size_t i = 0; i < PROTOCOLS; i++)
        if ((uint32_t)protocols[i].code == code)
            return &protocols[i];
    return NULL;
}

static const struct protocol *by_name(ockam_slice_t name)
{
    for (size_t i = 0; i < PROTOCOLS; i++)
        if (ockam_slice_equal(name, ockam_slice_text(protocols[i].name)))
            return &protocols[i];
    return NULL;
}

const char *ockam_multiaddr_protocol_name(ockam_multiaddr_protocol_t protocol)
{
    const struct protocol *p = by_code((uint32_t)protocol);

    return p != NULL ? p->name : NULL;
}

static size_t put_varint(uint8_t *out, uint32_t value)
{
    size_t len = 0;

    for (; value >= 0x80; value >>= 7)
        out[len++] = (uint8_t)(value | 0x80);
    out[len++] = (uint8_t)value;
    return len;
}

/* Of 32 bits and in its shortest form. */
static ockam_status_t read_varint(ockam_reader_t *r, uint32_t *out, ockam_error_t *err)
{
    uint64_t value = 0;

    for (size_t i = 0; i < VARINT_BYTES_MAX && i < r->rest.len; i++) {
        const uint8_t byte = r->rest.ptr[i];
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) != 0)
            continue;
        if ((byte == 0 && i > 0) || value > UINT32_MAX)
            return ockam_fail(err, OCKAM_MALFORMED, "a varint that is not in its shortest form or too large");
        r->rest = ockam_slice(r->rest.ptr + i + 1, r->rest.len - i - 1);
        *out    = (uint32_t)value;
        return OCKAM_OK;
    }
    return ockam_fail(err, OCKAM_MALFORMED, "a varint is cut off or too long");
}

/* ---- binary ---------------------------------------------------------------------------------------------------- */

static ockam_status_t read_component(ockam_reader_t *r, ockam_multiaddr_component_t *out, ockam_error_t *err)
{
    ockam_reader_t         at   = *r;
    uint32_t               code = 0;
    uint32_t               len  = 0;
    const struct protocol *protocol;

    OCKAM_TRY(err, read_varint(&at, &code, err), "protocol");
    if ((protocol = by_code(code)) == NULL)
        return ockam_fail(err, OCKAM_MALFORMED, "unregistered protocol (code %u)", (unsigned)code);
    len = (uint32_t)protocol->size;
    if (protocol->size == VARIABLE)
        OCKAM_TRY(err, read_varint(&at, &len, err), protocol->name);
    OCKAM_TRY(err, ockam_reader_bytes(&at, len, &out->value, err), protocol->name);
    out->protocol = protocol->code;
    if (protocol->size == VARIABLE && !ockam_utf8_valid(out->value))
        return ockam_fail(err, OCKAM_MALFORMED, "value of %s is not UTF-8", protocol->name);
    *r = at;
    return OCKAM_OK;
}

ockam_status_t ockam_multiaddr_decode(ockam_slice_t bytes, ockam_multiaddr_t *out, ockam_error_t *err)
{
    ockam_reader_t              r = ockam_reader(bytes);
    ockam_multiaddr_component_t ignored;

    while (r.rest.len > 0)
        OCKAM_TRY(err, read_component(&r, &ignored, err), "multiaddr");
    if (bytes.len > OCKAM_MULTIADDR_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "a multiaddr of %zu bytes, limit %u", bytes.len, OCKAM_MULTIADDR_BYTES_MAX);
    if (bytes.len > 0)
        memmove(out->bytes, bytes.ptr, bytes.len);
    out->len = (uint16_t)bytes.len;
    return OCKAM_OK;
}

bool ockam_multiaddr_next(const ockam_multiaddr_t *multiaddr, size_t *position, ockam_multiaddr_component_t *out)
{
    ockam_reader_t r;

    if (*position >= multiaddr->len)
        return false;
    r = ockam_reader(ockam_slice(multiaddr->bytes + *position, multiaddr->len - *position));
    if (read_component(&r, out, NULL) != OCKAM_OK)
        return false;
    *position = multiaddr->len - r.rest.len;
    return true;
}

uint16_t ockam_multiaddr_port(ockam_multiaddr_component_t component)
{
    uint16_t port = 0;

    if (component.value.len == 2)
        port = (uint16_t)((unsigned)component.value.ptr[0] << 8 | component.value.ptr[1]);
    return port;
}

bool ockam_multiaddr_equal(const ockam_multiaddr_t *a, const ockam_multiaddr_t *b)
{
    return ockam_slice_equal(ockam_multiaddr_view(a), ockam_multiaddr_view(b));
}

/* The value is known to be good. */
static ockam_status_t append(ockam_multiaddr_t *multiaddr, const struct protocol *protocol, ockam_slice_t value,
                             ockam_error_t *err)
{
    uint8_t  head[2 * VARINT_BYTES_MAX];
    size_t   len = put_varint(head, (uint32_t)protocol->code);
    uint8_t *p   = multiaddr->bytes + multiaddr->len;

    if (value.len > OCKAM_MULTIADDR_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "a value of %zu bytes", value.len);
    if (protocol->size == VARIABLE)
        len += put_varint(head + len, (uint32_t)value.len);
    if (len + value.len > OCKAM_MULTIADDR_BYTES_MAX - (size_t)multiaddr->len)
        return ockam_fail(err, OCKAM_LIMIT, "a multiaddr of %u bytes and %zu more, limit %u", (unsigned)multiaddr->len,
                          len + value.len, OCKAM_MULTIADDR_BYTES_MAX);
    memcpy(p, head, len);
    if (value.len > 0)
        memcpy(p + len, value.ptr, value.len);
    multiaddr->len = (uint16_t)(multiaddr->len + len + value.len);
    return OCKAM_OK;
}

ockam_status_t ockam_multiaddr_append(ockam_multiaddr_t *multiaddr, ockam_multiaddr_component_t component,
                                      ockam_error_t *err)
{
    const struct protocol *protocol = by_code((uint32_t)component.protocol);
    const ockam_slice_t    value    = component.value;

    if (protocol == NULL)
        return ockam_fail(err, OCKAM_INVALID, "unregistered protocol (code %u)", (unsigned)component.protocol);
    if (protocol->size != VARIABLE && value.len != protocol->size)
        return ockam_fail(err, OCKAM_INVALID, "value of %s has %zu bytes, not %zu", protocol->name, value.len,
                          protocol->size);
    if (protocol->size == VARIABLE && !ockam_utf8_valid(value))
        return ockam_fail(err, OCKAM_INVALID, "value of %s is not UTF-8", protocol->name);
    if (protocol->size == VARIABLE && value.len > 0 &&
        (memchr(value.ptr, '/', value.len) != NULL || memchr(value.ptr, '\0', value.len) != NULL))
        return ockam_fail(err, OCKAM_INVALID, "value of %s holds a '/' or a NUL", protocol->name);
    return append(multiaddr, protocol, value, err);
}

ockam_status_t ockam_multiaddr_append_text(ockam_multiaddr_t *multiaddr, ockam_multiaddr_protocol_t protocol,
                                           const char *value, ockam_error_t *err)
{
    const ockam_multiaddr_component_t component = {protocol, ockam_slice_text(value)};

    return ockam_multiaddr_append(multiaddr, component, err);
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static ockam_status_t append_parsed(ockam_multiaddr_t *multiaddr, const struct protocol *protocol, ockam_slice_t value,
                                    ockam_error_t *err)
{
    uint8_t  bytes[16];
    uint32_t port = 0;
    bool     ok;

    switch (protocol->code) {
    case OCKAM_MULTIADDR_IP4: ok = ockam_ip4_parse(value, bytes); break;
    case OCKAM_MULTIADDR_IP6: ok = ockam_ip6_parse(value, bytes); break;
    case OCKAM_MULTIADDR_TCP:
    case OCKAM_MULTIADDR_UDP:
        ok       = ockam_decimal_parse(value, UINT16_MAX, &port);
        bytes[0] = (uint8_t)(port >> 8);
        bytes[1] = (uint8_t)port;
        break;
    default: ok = ockam_utf8_valid(value) && (value.len == 0 || memchr(value.ptr, '\0', value.len) == NULL); break;
    }
    if (!ok)
        return ockam_fail(err, OCKAM_MALFORMED, "bad value of %s", protocol->name);
    return append(multiaddr, protocol, protocol->size == VARIABLE ? value : ockam_slice(bytes, protocol->size), err);
}

/* Up to the next '/' or the end. */
static ockam_slice_t take_piece(ockam_slice_t *rest)
{
    const uint8_t      *slash = rest->len > 0 ? (const uint8_t *)memchr(rest->ptr, '/', rest->len) : NULL;
    const ockam_slice_t piece = ockam_slice(rest->ptr, slash != NULL ? (size_t)(slash - rest->ptr) : rest->len);

    if (piece.len > 0)
        *rest = ockam_slice(rest->ptr + piece.len, rest->len - piece.len);
    return piece;
}

/* @return true if there was one */
static bool take_slash(ockam_slice_t *rest)
{
    if (rest->len == 0 || rest->ptr[0] != '/')
        return false;
    *rest = ockam_slice(rest->ptr + 1, rest->len - 1);
    return true;
}

ockam_status_t ockam_multiaddr_parse(ockam_slice_t text, ockam_multiaddr_t *out, ockam_error_t *err)
{
    ockam_multiaddr_t multiaddr;

    multiaddr.len = 0;
    if (ockam_slice_equal(text, ockam_slice_text("self")))
        text = ockam_slice_text("/secure/api");
    while (text.len > 0) {
        ockam_slice_t          name;
        const struct protocol *protocol;
        (void)take_slash(&text); /* only the first may be missing: a value ends at a '/' or the end */
        name = take_piece(&text);
        if ((protocol = by_name(name)) == NULL)
            return ockam_fail(err, OCKAM_MALFORMED, "unregistered protocol prefix \"%.*s\"",
                              (int)(name.len < 32 ? name.len : 32), name.len > 0 ? (const char *)name.ptr : "");
        (void)take_slash(&text); /* none: the value is empty */
        OCKAM_TRY(err, append_parsed(&multiaddr, protocol, take_piece(&text), err), "multiaddr");
    }
    out->len = multiaddr.len;
    memcpy(out->bytes, multiaddr.bytes, multiaddr.len);
    return OCKAM_OK;
}

static void put_value(ockam_text_writer_t *w, ockam_multiaddr_component_t component)
{
    switch (component.protocol) {
    case OCKAM_MULTIADDR_IP4: ockam_ip4_put(w, component.value.ptr); break;
    case OCKAM_MULTIADDR_IP6: ockam_ip6_put(w, component.value.ptr); break;
    case OCKAM_MULTIADDR_TCP:
    case OCKAM_MULTIADDR_UDP: ockam_text_put_decimal(w, ockam_multiaddr_port(component)); break;
    default: ockam_text_put_slice(w, component.value); break;
    }
}

size_t ockam_multiaddr_text(const ockam_multiaddr_t *multiaddr, char *text, size_t size)
{
    ockam_text_writer_t         w        = ockam_text_writer(text, size);
    size_t                      position = 0;
    ockam_multiaddr_component_t component;

    while (ockam_multiaddr_next(multiaddr, &position, &component)) {
        ockam_text_put_char(&w, '/');
        ockam_text_put(&w, ockam_multiaddr_protocol_name(component.protocol));
        ockam_text_put_char(&w, '/');
        put_value(&w, component);
    }
    return ockam_text_finish(&w);
}
