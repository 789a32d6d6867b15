/* SPDX-License-Identifier: Apache-2.0
 *
 * address.c - one address: as text, and in its encoded form. Protocol: docs/protocol/messages.md, "Addresses". */
#include "ockam/address.h"

#include "wire/cbor.h"
#include "wire/route_codec.h"
#include "wire/text.h"

static const struct {
    const char *name;
    uint8_t     type;
} type_names[] = {
    {"tcp", OCKAM_TCP}, {"udp", OCKAM_UDP}, {"ws", OCKAM_WS}, {"ble", OCKAM_BLE}, {"uds", OCKAM_UDS},
};

static bool parse_type(ockam_slice_t text, uint8_t *out)
{
    uint32_t number = 0;

    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (ockam_slice_equal(text, ockam_slice_text(type_names[i].name))) {
            *out = type_names[i].type;
            return true;
        }
    }
    if (!ockam_decimal_parse(text, UINT8_MAX, &number))
        return false;
    *out = (uint8_t)number;
    return true;
}

ockam_status_t ockam_address_parse(ockam_slice_t text, ockam_address_t *out, ockam_error_t *err)
{
    ockam_address_t address = {OCKAM_LOCAL, text};
    const uint8_t  *hash    = text.len > 0 ? (const uint8_t *)memchr(text.ptr, '#', text.len) : NULL;

    if (text.len == 0)
        return ockam_fail(err, OCKAM_MALFORMED, "an address without a name");
    if (hash != NULL) {
        const ockam_slice_t type = ockam_slice(text.ptr, (size_t)(hash - text.ptr));
        address.value            = ockam_slice(hash + 1, text.len - type.len - 1);
        if (!parse_type(type, &address.type))
            return ockam_fail(err, OCKAM_MALFORMED, "'%.*s' is no transport type", (int)(type.len < 32 ? type.len : 32),
                              (const char *)type.ptr);
        if (address.value.len > 0 && memchr(address.value.ptr, '#', address.value.len) != NULL)
            return ockam_fail(err, OCKAM_MALFORMED, "an address with more than one '#'");
    }
    if (address.value.len > OCKAM_ADDRESS_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "an address of %zu bytes, limit %u", address.value.len,
                          OCKAM_ADDRESS_BYTES_MAX);
    *out = address;
    return OCKAM_OK;
}

size_t ockam_address_text(ockam_address_t address, char *text, size_t size)
{
    ockam_text_writer_t w = ockam_text_writer(text, size);

    ockam_text_put_decimal(&w, address.type);
    ockam_text_put_char(&w, '#');
    ockam_text_put_escaped(&w, address.value);
    return ockam_text_finish(&w);
}

/* ---- the encoded form ------------------------------------------------------------------------------------------ */

size_t ockam_address_encoded_size(ockam_address_t address)
{
    const size_t len = address.value.len;

    return 1u + (address.type < 24 ? 1u : 2u) + (len < 24 ? 1u : len < 256 ? 2u : 3u) + len;
}

size_t ockam_address_put(uint8_t *out, ockam_address_t address)
{
    uint8_t *p = out;

    *p++ = 0x82;
    p += ockam_cbor_put_head(p, 0, address.type);
    p += ockam_cbor_put_head(p, 2, address.value.len);
    if (address.value.len > 0)
        memcpy(p, address.value.ptr, address.value.len);
    return (size_t)(p - out) + address.value.len;
}

size_t ockam_address_peek(const uint8_t *p, ockam_address_t *out)
{
    const uint8_t *const begin = p;
    size_t               len;

    out->type = *++p; /* past the 82 */
    if (out->type == 0x18)
        out->type = *++p;
    len = *++p - 0x40u;
    if (len == 24) {
        len = *++p;
    } else if (len == 25) {
        len = (size_t)p[1] << 8 | p[2];
        p += 2;
    }
    out->value = ockam_slice(p + 1, len);
    return (size_t)(p + 1 - begin) + len;
}
