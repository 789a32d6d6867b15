/* SPDX-License-Identifier: Apache-2.0
 *
 * bare.c - the BARE profile. Protocol: docs/protocol/encodings.md, "BARE". */
#include "wire/bare.h"

#include "wire/text.h"

/* ---- writing --------------------------------------------------------------------------------------------------- */

/* A little-endian number of `width` bytes. */
static ockam_status_t write_number(ockam_buf_t *out, uint64_t value, size_t width, ockam_error_t *err)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    return ockam_buf_append(out, ockam_slice(bytes, width), err);
}

ockam_status_t ockam_bare_write_u8(ockam_buf_t *out, uint8_t value, ockam_error_t *err)
{
    return write_number(out, value, 1, err);
}

ockam_status_t ockam_bare_write_u16(ockam_buf_t *out, uint16_t value, ockam_error_t *err)
{
    return write_number(out, value, 2, err);
}

ockam_status_t ockam_bare_write_u32(ockam_buf_t *out, uint32_t value, ockam_error_t *err)
{
    return write_number(out, value, 4, err);
}

ockam_status_t ockam_bare_write_u64(ockam_buf_t *out, uint64_t value, ockam_error_t *err)
{
    return write_number(out, value, 8, err);
}

ockam_status_t ockam_bare_write_bool(ockam_buf_t *out, bool value, ockam_error_t *err)
{
    return write_number(out, value ? 1 : 0, 1, err);
}

ockam_status_t ockam_bare_write_optional(ockam_buf_t *out, bool present, ockam_error_t *err)
{
    return write_number(out, present ? 1 : 0, 1, err);
}

size_t ockam_bare_uint_size(uint64_t value)
{
    size_t size = 1;

    while (value >= 0x80) {
        value >>= 7;
        size++;
    }
    return size;
}

size_t ockam_bare_put_uint(uint8_t *out, uint64_t value)
{
    size_t size = 0;

    while (value >= 0x80) {
        out[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[size++] = (uint8_t)value;
    return size;
}

ockam_status_t ockam_bare_write_uint(ockam_buf_t *out, uint64_t value, ockam_error_t *err)
{
    uint8_t bytes[OCKAM_BARE_UINT_BYTES_MAX];

    return ockam_buf_append(out, ockam_slice(bytes, ockam_bare_put_uint(bytes, value)), err);
}

ockam_status_t ockam_bare_write_data(ockam_buf_t *out, ockam_slice_t bytes, ockam_error_t *err)
{
    const size_t   head = ockam_bare_uint_size(bytes.len);
    ockam_status_t s    = OCKAM_OK;

    if (bytes.len > SIZE_MAX - head)
        return ockam_fail(err, OCKAM_LIMIT, "%zu bytes", bytes.len);
    if ((s = ockam_buf_reserve(out, head + bytes.len, err)) != OCKAM_OK) /* all or nothing */
        return s;
    if ((s = ockam_bare_write_uint(out, bytes.len, err)) != OCKAM_OK)
        return s;
    return ockam_buf_append(out, bytes, err);
}

ockam_status_t ockam_bare_write_text(ockam_buf_t *out, ockam_slice_t text, ockam_error_t *err)
{
    return ockam_bare_write_data(out, text, err);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* A little-endian number of `width` bytes. */
static ockam_status_t read_number(ockam_reader_t *r, size_t width, uint64_t *out, ockam_error_t *err)
{
    ockam_slice_t        bytes = {NULL, 0};
    uint64_t             value = 0;
    const ockam_status_t s     = ockam_reader_bytes(r, width, &bytes, err);

    if (s != OCKAM_OK)
        return s;
    for (size_t i = bytes.len; i > 0; i--)
        value = value << 8 | bytes.ptr[i - 1];
    *out = value;
    return OCKAM_OK;
}

ockam_status_t ockam_bare_read_u8(ockam_reader_t *r, uint8_t *out, ockam_error_t *err)
{
    return ockam_reader_u8(r, out, err);
}

ockam_status_t ockam_bare_read_u16(ockam_reader_t *r, uint16_t *out, ockam_error_t *err)
{
    uint64_t             value = 0;
    const ockam_status_t s     = read_number(r, 2, &value, err);

    if (s == OCKAM_OK)
        *out = (uint16_t)value;
    return s;
}

ockam_status_t ockam_bare_read_u32(ockam_reader_t *r, uint32_t *out, ockam_error_t *err)
{
    uint64_t             value = 0;
    const ockam_status_t s     = read_number(r, 4, &value, err);

    if (s == OCKAM_OK)
        *out = (uint32_t)value;
    return s;
}

ockam_status_t ockam_bare_read_u64(ockam_reader_t *r, uint64_t *out, ockam_error_t *err)
{
    return read_number(r, 8, out, err);
}

ockam_status_t ockam_bare_read_bool(ockam_reader_t *r, bool *out, ockam_error_t *err)
{
    uint8_t              byte = 0;
    const ockam_status_t s    = ockam_reader_u8(r, &byte, err);

    if (s == OCKAM_OK)
        *out = byte != 0;
    return s;
}

ockam_status_t ockam_bare_read_uint(ockam_reader_t *r, uint64_t *out, ockam_error_t *err)
{
    const size_t max   = r->rest.len < OCKAM_BARE_UINT_BYTES_MAX ? r->rest.len : OCKAM_BARE_UINT_BYTES_MAX;
    uint64_t     value = 0;

    for (size_t i = 0; i < max; i++) {
        const uint8_t byte = r->rest.ptr[i];
        if (i == OCKAM_BARE_UINT_BYTES_MAX - 1 && byte != 1) /* 9 * 7 bits are read, one is left */
            return ockam_fail(err, OCKAM_MALFORMED, "tenth byte of a uint is %02x", byte);
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            r->rest = ockam_slice(r->rest.ptr + i + 1, r->rest.len - i - 1);
            *out    = value;
            return OCKAM_OK;
        }
    }
    return ockam_fail(err, OCKAM_MALFORMED, "cut off: a uint, %zu bytes left", r->rest.len);
}

ockam_status_t ockam_bare_read_count(ockam_reader_t *r, size_t item_size, size_t *out, ockam_error_t *err)
{
    ockam_reader_t at    = *r;
    uint64_t       count = 0;

    OCKAM_TRY(err, ockam_bare_read_uint(&at, &count, err), "count");
    if (count > at.rest.len / item_size)
        return ockam_fail(err, OCKAM_MALFORMED, "cut off: %llu items, %zu bytes left", (unsigned long long)count,
                          at.rest.len);
    *out = (size_t)count;
    *r   = at;
    return OCKAM_OK;
}

ockam_status_t ockam_bare_read_data(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err)
{
    ockam_reader_t at  = *r;
    size_t         len = 0;

    OCKAM_TRY(err, ockam_bare_read_count(&at, 1, &len, err), "length");
    OCKAM_TRY(err, ockam_reader_bytes(&at, len, out, err), "data");
    *r = at;
    return OCKAM_OK;
}

ockam_status_t ockam_bare_read_text(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err)
{
    ockam_reader_t at   = *r;
    ockam_slice_t  text = {NULL, 0};

    OCKAM_TRY(err, ockam_bare_read_data(&at, &text, err), "text");
    if (!ockam_utf8_valid(text))
        return ockam_fail(err, OCKAM_MALFORMED, "text of %zu bytes is not UTF-8", text.len);
    *out = text;
    *r   = at;
    return OCKAM_OK;
}

ockam_status_t ockam_bare_read_optional(ockam_reader_t *r, bool *present, ockam_error_t *err)
{
    ockam_reader_t at   = *r;
    uint8_t        byte = 0;

    OCKAM_TRY(err, ockam_reader_u8(&at, &byte, err), "optional");
    if (byte > 1)
        return ockam_fail(err, OCKAM_MALFORMED, "optional begins with %02x", byte);
    *present = byte == 1;
    *r       = at;
    return OCKAM_OK;
}
