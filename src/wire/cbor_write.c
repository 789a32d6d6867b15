/* SPDX-License-Identifier: Apache-2.0
 *
 * cbor_write.c - CBOR items with definite lengths and shortest heads.
 * Protocol: docs/protocol/encodings.md, "Writing". */
#include "wire/cbor.h"

#define MAJOR_UINT  0u
#define MAJOR_BYTES 2u
#define MAJOR_TEXT  3u
#define MAJOR_ARRAY 4u
#define MAJOR_MAP   5u

size_t ockam_cbor_head_size(uint64_t value)
{
    if (value < 24)
        return 1;
    if (value <= UINT8_MAX)
        return 2;
    if (value <= UINT16_MAX)
        return 3;
    return value <= UINT32_MAX ? 5 : 9;
}

size_t ockam_cbor_put_head(uint8_t *out, unsigned major, uint64_t value)
{
    const size_t size = ockam_cbor_head_size(value);

    switch (size) {
    case 1: out[0] = (uint8_t)(major << 5 | value); return 1;
    case 2: out[0] = (uint8_t)(major << 5 | 24); break;
    case 3: out[0] = (uint8_t)(major << 5 | 25); break;
    case 5: out[0] = (uint8_t)(major << 5 | 26); break;
    default: out[0] = (uint8_t)(major << 5 | 27); break;
    }
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (uint8_t)value;
        value >>= 8;
    }
    return size;
}

static ockam_status_t write_head(ockam_buf_t *out, unsigned major, uint64_t value, ockam_error_t *err)
{
    uint8_t head[9];

    return ockam_buf_append(out, ockam_slice(head, ockam_cbor_put_head(head, major, value)), err);
}

static ockam_status_t write_string(ockam_buf_t *out, unsigned major, ockam_slice_t bytes, ockam_error_t *err)
{
    const size_t   head = ockam_cbor_head_size(bytes.len);
    ockam_status_t s    = OCKAM_OK;

    if (bytes.len > SIZE_MAX - head)
        return ockam_fail(err, OCKAM_LIMIT, "%zu bytes", bytes.len);
    if ((s = ockam_buf_reserve(out, head + bytes.len, err)) != OCKAM_OK) /* all or nothing */
        return s;
    if ((s = write_head(out, major, bytes.len, err)) != OCKAM_OK)
        return s;
    return ockam_buf_append(out, bytes, err);
}

ockam_status_t ockam_cbor_write_uint(ockam_buf_t *out, uint64_t value, ockam_error_t *err)
{
    return write_head(out, MAJOR_UINT, value, err);
}

ockam_status_t ockam_cbor_write_bytes(ockam_buf_t *out, ockam_slice_t bytes, ockam_error_t *err)
{
    return write_string(out, MAJOR_BYTES, bytes, err);
}

ockam_status_t ockam_cbor_write_text(ockam_buf_t *out, ockam_slice_t text, ockam_error_t *err)
{
    return write_string(out, MAJOR_TEXT, text, err);
}

ockam_status_t ockam_cbor_write_array(ockam_buf_t *out, size_t count, ockam_error_t *err)
{
    return write_head(out, MAJOR_ARRAY, count, err);
}

ockam_status_t ockam_cbor_write_map(ockam_buf_t *out, size_t pairs, ockam_error_t *err)
{
    return write_head(out, MAJOR_MAP, pairs, err);
}

ockam_status_t ockam_cbor_write_bool(ockam_buf_t *out, bool value, ockam_error_t *err)
{
    return ockam_buf_append_byte(out, value ? 0xf5 : 0xf4, err);
}

ockam_status_t ockam_cbor_write_null(ockam_buf_t *out, ockam_error_t *err)
{
    return ockam_buf_append_byte(out, 0xf6, err);
}

ockam_status_t ockam_cbor_write_variant(ockam_buf_t *out, uint64_t variant, size_t fields, ockam_error_t *err)
{
    uint8_t heads[1 + 9 + 9];
    size_t  len = 0;

    len += ockam_cbor_put_head(heads, MAJOR_ARRAY, 2);
    len += ockam_cbor_put_head(heads + len, MAJOR_UINT, variant);
    len += ockam_cbor_put_head(heads + len, MAJOR_ARRAY, fields);
    return ockam_buf_append(out, ockam_slice(heads, len), err);
}
